import { csvField } from '../artifact/csv-field.js'
import type { EpochEvent, ResumedFrom, StartEvent, StepEvent } from '../events.js'
import { lossFacts } from '../loss/index.js'
import { createMetrics } from '../metric/index.js'
import type { BackgroundFile } from './background-file.js'
import type { LinePlace } from './cut-lines.js'
import { LONGEST_NUMBER, writeNumber } from './number-bytes.js'
import { openRunFile } from './run-file.js'
import { FOR_CURVES, SampledSteps } from './sampled-steps.js'
import type { EventSink, SinkKind } from './sink.js'

const COMMA = 0x2c
const LINE_FEED = 0x0a

/** Columns of every history; those of a run that validates are followed by `validation_<metric>`. */
const columns = [
  'event',
  'epoch',
  'step',
  'seconds',
  'rows',
  'bytes',
  'loss',
  'progressive_loss',
  'learning_rate',
  'gradient_norm',
] as const

/**
 * A CSV of how the run went: a row for a step now and then, chosen by its number, and one for every epoch (docs/events.md). What a row
 * has no value for is empty.
 */
export const historyFile: SinkKind<string> = {
  flag: '--history <file>',
  help: 'write losses and metrics there, a CSV with a row a sampled step and one an epoch',
  rule: { expected: 'a path', holds: (value) => typeof value === 'string' && value !== '' && value !== '-' },
  async open(path, { options }): Promise<EventSink> {
    const output = { option: 'history', what: 'the history', path } as const
    const file = await openRunFile(output, options, placesOfRows)
    const steps = new SampledSteps(FOR_CURVES)
    let metrics: readonly string[] = []
    return {
      event(event) {
        if (event.type === 'step') {
          if (steps.takes(event.step) && !file.isBehind) writeStepRow(file, event, metrics.length)
        } else if (event.type === 'epoch') {
          writeEpochRow(file, event, metrics)
        } else if (event.type === 'start') {
          metrics = validationMetrics(event)
          const header = [...columns, ...metrics.map((name) => `validation_${name}`)]
          if (!file.begin(event)) file.write(`${header.map(csvField).join(',')}\n`)
        }
      },
      close: async () => file.close(),
    }
  },
}

/** Names of the metrics that the run validates by, known before the first row is scored. */
function validationMetrics({ options, schema: { target } }: StartEvent): string[] {
  const { loss, validation, validationFiles } = options
  if (loss === undefined || (validation === 0 && validationFiles.length === 0)) return []
  const { metrics, knownAs, outputs } = lossFacts(loss)
  const classes = target.kind === 'number' ? 1 : target.classes.length
  return Object.keys(createMetrics(metrics, outputs(classes), 1, knownAs).result())
}

function writeStepRow(file: BackgroundFile, event: StepEvent, metrics: number): void {
  const { epoch, step, seconds, rows, bytes, loss, progressiveLoss, learningRate, gradientNorm } = event
  const values = [epoch, step, seconds, rows, bytes, loss, progressiveLoss, learningRate, gradientNorm]
  writeRow(file, 'step', values, metrics)
}

function writeEpochRow(file: BackgroundFile, event: EpochEvent, metrics: readonly string[]): void {
  const { epoch, step, seconds, rows, loss, validation } = event
  const scores = metrics.map((name) => validation?.[name] ?? NaN)
  writeRow(file, 'epoch', [epoch, step, seconds, rows.trained, NaN, NaN, loss, NaN, NaN, ...scores], 0)
}

/** What is not finite is left empty, as pandas and R have it, and so are the last fields. */
function writeRow(file: BackgroundFile, event: string, values: readonly number[], empty: number): void {
  const { bytes } = file.reserve(event.length + values.length * (LONGEST_NUMBER + 1) + empty + 1)
  let at = file.end
  for (let i = 0; i < event.length; i++) bytes[at++] = event.charCodeAt(i)
  for (const value of values) {
    bytes[at++] = COMMA
    if (Number.isFinite(value)) at = writeNumber(bytes, at, value)
  }
  for (let i = 0; i < empty; i++) bytes[at++] = COMMA
  bytes[at++] = LINE_FEED
  file.advance(at)
}

/** Where rows are in the history of a run that goes on after this step. */
function placesOfRows(resumed: ResumedFrom): (line: string) => LinePlace {
  return (line) => {
    const [event, epoch, step] = line.split(',', 3)
    if (event === 'step') return Number(step) > resumed.step ? 'after' : 'before'
    return event === 'epoch' && Number(epoch) >= resumed.epoch ? 'after' : 'before'
  }
}
