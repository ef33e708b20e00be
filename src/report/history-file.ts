import { csvField } from '../artifact/prediction-text.js'
import type { EpochEvent, ResumedFrom, StartEvent, StepEvent } from '../events.js'
import { lossFactory } from '../loss/index.js'
import { createMetrics } from '../metric/index.js'
import type { LinePlace } from './cut-lines.js'
import { openRunFile } from './run-file.js'
import { SampledSteps } from './sampled-steps.js'
import type { EventSink, SinkKind } from './sink.js'

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
    const steps = new SampledSteps()
    let metrics: readonly string[] = []
    return {
      event(event) {
        if (event.type === 'step') {
          if (steps.takes(event.step) && !file.isBehind) file.write(stepRow(event, metrics.length))
        } else if (event.type === 'epoch') {
          file.write(epochRow(event, metrics))
        } else if (event.type === 'start') {
          metrics = validationMetrics(event)
          const header = [...columns, ...metrics.map((name) => `validation_${name}`)]
          if (!file.begin(event)) file.write(row(header.map(csvField)))
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
  const { metrics, knownAs, outputs } = lossFactory(loss)
  const classes = target.kind === 'number' ? 1 : target.classes.length
  return Object.keys(createMetrics(metrics, outputs(classes), 1, knownAs).result())
}

function stepRow(event: StepEvent, metrics: number): string {
  const { epoch, step, seconds, rows, bytes, loss, progressiveLoss, learningRate, gradientNorm } = event
  const values = [epoch, step, micro(seconds), rows, bytes, loss, progressiveLoss, learningRate, gradientNorm]
  return row(['step', ...values.map(number), ...Array<string>(metrics).fill('')])
}

function epochRow(event: EpochEvent, metrics: readonly string[]): string {
  const { epoch, step, seconds, rows, loss, validation } = event
  const scores = metrics.map((name) => number(validation?.[name]))
  return row([
    'epoch',
    ...[epoch, step, micro(seconds), rows.trained].map(number),
    '',
    '',
    number(loss),
    '',
    '',
    ...scores,
  ])
}

function row(fields: readonly string[]): string {
  return `${fields.join(',')}\n`
}

/** Seconds to the microsecond. */
function micro(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6
}

/** Empty where there is none, as pandas and R have it. */
function number(value: number | undefined): string {
  return Number.isFinite(value) ? String(value) : ''
}

/** Where rows are in the history of a run that goes on after this step. */
function placesOfRows(resumed: ResumedFrom): (line: string) => LinePlace {
  return (line) => {
    const [event, epoch, step] = line.split(',', 3)
    if (event === 'step') return Number(step) > resumed.step ? 'after' : 'before'
    return event === 'epoch' && Number(epoch) >= resumed.epoch ? 'after' : 'before'
  }
}
