/** What every sink keeps to, whatever it does with the events. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { MillraceError, runError } from '../../src/errors.js'
import { resolveOptions } from '../../src/options/check.js'
import type { TrainOptions } from '../../src/options.js'
import type { EventSink, SinkContext, SinkKind } from '../../src/report/sink.js'
import { sinks } from '../../src/report/sinks.js'
import { RunControl } from '../../src/run/run-control.js'
import { everyEvent, startEvent, stepEvent } from '../report/events.js'
import { temporaryFolder } from '../train/files.js'

interface Row {
  /** What asks for it, at a path that nothing is at. */
  readonly value: (path: string) => unknown
  /** Values for which it cannot be opened. */
  readonly impossible: readonly unknown[]
}

/** One row a sink. */
const rows: { readonly [Name in keyof typeof sinks]: Row } = {
  events: { value: (path) => path, impossible: ['/proc/none/events', '/proc'] },
  history: { value: (path) => path, impossible: ['/proc/none/history', '/proc'] },
  // A port that is taken: test/dashboard.
  dashboard: { value: () => true, impossible: [] },
  tensorboard: { value: (path) => path, impossible: ['/proc/none', '/dev/null'] },
}

const { folder } = temporaryFolder()
let opened = 0

function contextOf(options: Partial<TrainOptions>): SinkContext {
  const warn = (message: string): never => {
    throw new Error(message)
  }
  return {
    options: resolveOptions({ input: 'flights.csv', target: 'late', ...options }),
    control: new RunControl(),
    warn,
  }
}

async function open(name: keyof typeof sinks, options: Partial<TrainOptions> = {}): Promise<EventSink> {
  const path = join(folder, String(opened++))
  mkdirSync(path)
  const value = rows[name].value(join(path, 'sink'))
  return (sinks[name] as SinkKind<unknown>).open(value, contextOf({ ...options, [name]: value }))
}

/** Bytes that are in use, after what is not has been taken away. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

describe.each(Object.keys(rows) as (keyof typeof sinks)[])('the sink %s', (name) => {
  it('takes every event of a run', async () => {
    const sink = await open(name)
    for (const event of everyEvent) sink.event(event)
    await sink.close()
  })

  it('takes a run that goes on, with nothing there of what was before', async () => {
    const sink = await open(name, { checkpoint: 'kept', resume: true })
    sink.event({ ...startEvent(), resumed: { path: 'kept/9', step: 9, epoch: 2 } })
    sink.event(stepEvent({ step: 10, epoch: 2 }))
    await sink.close()
  })

  it.each([
    ['fails', runError('NO_ROWS', 'no rows', 'give some')],
    ['is stopped', new DOMException('stopped', 'AbortError')],
    ['nobody wants any more', undefined],
  ])('takes a run that %s, before its start or after', async (_how, error) => {
    const empty = await open(name)
    await empty.close(error)
    const begun = await open(name)
    begun.event(startEvent())
    begun.event(stepEvent())
    await begun.close(error)
  })

  it('holds no more after 300,000 steps in one turn than after few', async () => {
    const sink = await open(name)
    sink.event(startEvent())
    sink.event(stepEvent())
    const before = bytesInUse()
    const event = stepEvent()
    for (let step = 2; step < 300_000; step++) {
      event.step = step
      event.seconds = step / 1e4
      sink.event(event)
    }
    // Records of all steps would be 60 MB.
    expect(bytesInUse() - before).toBeLessThan(8 * 2 ** 20)
    await sink.close()
  })

  it.each(rows[name].impossible)('cannot be opened at %s, and says so', async (value) => {
    const options = contextOf({ [name]: value as string })
    const kind = sinks[name] as SinkKind<unknown>
    await expect(kind.open(value, options)).rejects.toSatisfy(
      (error) =>
        error instanceof MillraceError && error.kind === 'run' && error.message.includes(String(value)),
    )
  })
})
