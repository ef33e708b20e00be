import type { ResumedFrom } from '../events.js'
import { text } from '../options/rules.js'
import type { LinePlace } from './cut-lines.js'
import { endRecord, eventRecord, type EventRecord } from './event-record.js'
import { openRunFile } from './run-file.js'
import { FOR_RECORDS, SampledSteps } from './sampled-steps.js'
import type { EventSink, SinkKind } from './sink.js'
import { writeStepLine } from './step-line.js'

/**
 * NDJSON: each event as a JSON object on a line of its own (docs/events.md). While the disk does not keep up, steps and progress
 * are left out, and nothing else.
 */
export const eventsFile: SinkKind<string> = {
  flag: '--events <file>',
  help: 'write the events there, one JSON object a line; - for standard output',
  rule: text('a path, or -'),
  async open(path, { options }): Promise<EventSink> {
    const output = { option: 'events', what: 'the events', path } as const
    const file = await openRunFile(output, options, placesOfRecords)
    const write = (record: EventRecord): void => file.write(`${JSON.stringify(record)}\n`)
    const steps = new SampledSteps(FOR_RECORDS)
    let begun = false
    let done = false
    return {
      event(event) {
        if (event.type === 'step') {
          if (steps.takes(event.step) && !file.isBehind) writeStepLine(file, event)
          return
        }
        if (event.type === 'progress' && file.isBehind) return
        if (event.type === 'start') {
          file.begin(event)
          begun = true
        }
        done ||= event.type === 'done'
        write(eventRecord(event, options.out))
      },
      async close(error) {
        try {
          if (!begun) file.beginFailed(options)
          if (!done) write(endRecord(error))
        } finally {
          await file.close()
        }
      },
    }
  },
}

const STEP = '{"type":"step","step":'

/** Where records are in the file of a run that goes on after this step. */
function placesOfRecords({ step, epoch }: ResumedFrom): (line: string) => LinePlace {
  return (line) => {
    if (line.startsWith(STEP)) return Number.parseInt(line.slice(STEP.length)) > step ? 'after' : 'before'
    const record = parsed(line)
    switch (record?.type) {
      case 'start':
        return (record.resumed?.step ?? 0) > step ? 'after' : 'before'
      // Of the pass that is gone on with both come again.
      case 'epoch':
      case 'validation':
        return record.epoch >= epoch ? 'after' : 'before'
      case 'checkpoint':
        return record.step > step ? 'after' : 'kept'
      case 'weights':
      case 'pause':
        return record.step > step ? 'after' : 'between'
      // How the interrupted run ended; or the line is damaged.
      case 'done':
      case 'failed':
      case 'interrupted':
      case undefined:
        return 'after'
      default:
        return 'between'
    }
  }
}

function parsed(line: string): EventRecord | undefined {
  try {
    return (JSON.parse(line) as EventRecord | null) ?? undefined
  } catch {
    return undefined
  }
}
