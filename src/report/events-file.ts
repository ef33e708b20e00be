import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { text } from '../options-rules.js'
import { endRecord, eventRecord } from './event-record.js'
import type { EventSink, SinkKind } from './sink.js'

/** NDJSON: each event as a JSON object on a line of its own. */
export const eventsFile: SinkKind<string> = {
  flag: '--events <file>',
  help: 'write the events there, one JSON object a line; - for standard output',
  rule: text('a path, or -'),
  async open(path, { options }): Promise<EventSink> {
    const stream = path === '-' ? process.stdout : createWriteStream(path)
    if (path !== '-') await once(stream, 'open')
    let done = false
    const write = (record: object): void => {
      stream.write(`${JSON.stringify(record)}\n`)
    }
    return {
      event(event) {
        done ||= event.type === 'done'
        write(eventRecord(event, options.out))
      },
      async close(error) {
        if (!done) write(endRecord(error))
        if (path === '-') return
        stream.end()
        await finished(stream)
      },
    }
  },
}
