import type { Histogram } from './histogram.js'
import { MessageWriter } from '../../artifact/protobuf.js'

/** Field numbers of event.proto and summary.proto. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7, sourceMetadata: 10 } as const
const SUMMARY = { value: 1 } as const
const VALUE = { tag: 1, simpleValue: 2, histogram: 5 } as const
const HISTOGRAM = { min: 1, max: 2, num: 3, sum: 4, sumSquares: 5, limits: 6, counts: 7 } as const
const SESSION_LOG = { status: 1, checkpointPath: 2 } as const
const SOURCE_METADATA = { writer: 1 } as const
const START = 1

/** Values of one step by their tags. */
export type Summary = Readonly<Record<string, number | Histogram | undefined>>

/** Every event is written here, and used before the next. */
const event = new MessageWriter()

/** The first event of a file. It is valid until the next one is made, as are all of them. */
export function versionEvent(): Buffer {
  begin()
  event.text(EVENT.fileVersion, 'brain.Event:2')
  event.nested(EVENT.sourceMetadata, () => event.text(SOURCE_METADATA.writer, 'millrace'))
  return event.message
}

/** Makes TensorBoard forget what earlier files of the folder hold of this step and those after it. */
export function startEvent(step: number, checkpoint: string): Buffer {
  begin(step)
  event.nested(EVENT.sessionLog, () => {
    event.whole(SESSION_LOG.status, START)
    event.text(SESSION_LOG.checkpointPath, checkpoint)
  })
  return event.message
}

/** Undefined where no value is finite: TensorBoard shows no others. */
export function summaryEvent(step: number, summary: Summary): Buffer | undefined {
  let values = 0
  begin(step)
  event.nested(EVENT.summary, () => {
    for (const tag in summary) {
      const value = summary[tag]
      if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) continue
      values++
      event.nested(SUMMARY.value, () => {
        event.text(VALUE.tag, tag)
        if (typeof value === 'number') event.float(VALUE.simpleValue, value)
        else event.nested(VALUE.histogram, () => histogram(value))
      })
    }
  })
  return values === 0 ? undefined : event.message
}

function histogram({ min, max, num, sum, sumSquares, limits, counts }: Histogram): void {
  event.double(HISTOGRAM.min, min)
  event.double(HISTOGRAM.max, max)
  event.double(HISTOGRAM.num, num)
  event.double(HISTOGRAM.sum, sum)
  event.double(HISTOGRAM.sumSquares, sumSquares)
  event.doubles(HISTOGRAM.limits, limits)
  event.doubles(HISTOGRAM.counts, counts)
}

function begin(step?: number): void {
  event.clear()
  // Seconds since 1970.
  event.double(EVENT.wallTime, Date.now() / 1000)
  if (step !== undefined) event.whole(EVENT.step, step)
}
