import type { Histogram } from './histogram.js'
import { doubleField, doublesField, floatField, messageField, textField, wholeField } from './protobuf.js'

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

/** The first event of a file. */
export function versionEvent(): Buffer {
  return Buffer.concat([
    wallTime(),
    textField(EVENT.fileVersion, 'brain.Event:2'),
    messageField(EVENT.sourceMetadata, textField(SOURCE_METADATA.writer, 'millrace')),
  ])
}

/** Makes TensorBoard forget what earlier files of the folder hold of this step and those after it. */
export function startEvent(step: number, checkpoint: string): Buffer {
  const log = [wholeField(SESSION_LOG.status, START), textField(SESSION_LOG.checkpointPath, checkpoint)]
  return Buffer.concat([wallTime(), wholeField(EVENT.step, step), messageField(EVENT.sessionLog, ...log)])
}

/** Undefined where no value is finite: TensorBoard shows no others. */
export function summaryEvent(step: number, summary: Summary): Buffer | undefined {
  const values = Object.entries(summary).flatMap(([tag, value]) => {
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return []
    const field = typeof value === 'number' ? floatField(VALUE.simpleValue, value) : histogramField(value)
    return [messageField(SUMMARY.value, textField(VALUE.tag, tag), field)]
  })
  if (values.length === 0) return undefined
  return Buffer.concat([wallTime(), wholeField(EVENT.step, step), messageField(EVENT.summary, ...values)])
}

function histogramField({ min, max, num, sum, sumSquares, limits, counts }: Histogram): Buffer {
  return messageField(
    VALUE.histogram,
    doubleField(HISTOGRAM.min, min),
    doubleField(HISTOGRAM.max, max),
    doubleField(HISTOGRAM.num, num),
    doubleField(HISTOGRAM.sum, sum),
    doubleField(HISTOGRAM.sumSquares, sumSquares),
    doublesField(HISTOGRAM.limits, limits),
    doublesField(HISTOGRAM.counts, counts),
  )
}

/** Seconds since 1970. */
function wallTime(): Buffer {
  return doubleField(EVENT.wallTime, Date.now() / 1000)
}
