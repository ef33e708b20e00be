import { close, openSync, write } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeFolder } from '../../artifact/make-folder.js'
import { tensorsOf } from '../../artifact/model-tensors.js'
import type { StartEvent, StepEvent, TrainEvent, ValidationEvent } from '../../events.js'
import type { TrainedModel } from '../../model/index.js'
import type { WeightPart } from '../../model/weight-parts.js'
import { text } from '../../options/rules.js'
import type { ResolvedOptions } from '../../options.js'
import { BackgroundFile } from '../background-file.js'
import { notWritten, type SinkOutput } from '../output-path.js'
import { FOR_CURVES, SampledSteps } from '../sampled-steps.js'
import type { EventSink, SinkKind } from '../sink.js'
import { startEvent, summaryEvent, versionEvent, type Summary } from './event.js'
import { HistogramTimes } from './histogram-times.js'
import { tensorHistogram, weightHistogram } from './histogram.js'
import { record } from './record.js'
import { eventFileName, openRunFolder } from './run-folder.js'
import { Throughput } from './throughput.js'

/** Event files for TensorBoard, in a folder for each run: losses, rates, and histograms of the weights (docs/events.md). */
export const tensorboard: SinkKind<string> = {
  flag: '--tensorboard <folder>',
  help: 'write event files for TensorBoard there, each run in a folder of its own',
  rule: text('a folder'),
  async open(path, { options }): Promise<EventSink> {
    const output = { option: 'tensorboard', what: 'event files', path } as const
    try {
      await makeFolder(path)
      await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (error) {
      throw notWritten(output, error)
    }
    return new TensorBoard(output, options)
  },
}

class TensorBoard implements EventSink {
  readonly #output: SinkOutput
  readonly #options: ResolvedOptions
  readonly #steps = new SampledSteps(FOR_CURVES)
  readonly #throughput = new Throughput()
  readonly #histogramTimes = new HistogramTimes()
  #parts: readonly WeightPart[] = []
  #file: BackgroundFile | undefined
  #last: StepEvent | undefined

  constructor(output: SinkOutput, options: ResolvedOptions) {
    this.#output = output
    this.#options = options
  }

  event(event: TrainEvent): void {
    switch (event.type) {
      case 'step':
        this.#last = event
        if (this.#steps.takes(event.step)) this.#sample(event)
        if (this.#histogramTimes.isDue(event.seconds)) this.#lookAtWeights(event)
        break
      case 'start':
        this.#begin(event)
        break
      case 'validation':
        this.#add(event.step, scalarsOf(event))
        break
      case 'epoch':
        this.#throughput.epochEnded(this.#last)
        this.#histogramTimes.epochEnded()
        break
      case 'done':
        this.#add(event.steps, histogramsOf(event.model))
        break
      default:
    }
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }

  /** A run that goes on does so in the folder where it was interrupted. */
  #begin({ resumed, parts }: StartEvent): void {
    this.#parts = parts
    try {
      const now = new Date()
      const folder = openRunFolder(this.#output.path, this.#options, now, resumed !== undefined)
      this.#file = openFile(join(folder, eventFileName(folder, now)), (error) =>
        notWritten(this.#output, error),
      )
    } catch (error) {
      throw notWritten(this.#output, error)
    }
    this.#file.write(record(versionEvent()))
    if (resumed !== undefined) this.#file.write(record(startEvent(resumed.step + 1, resumed.path)))
  }

  #sample(event: StepEvent): void {
    if (this.#file?.isBehind === true) return
    const rates = this.#throughput.at(event)
    this.#add(event.step, {
      'loss/train': event.loss,
      'loss/progressive': event.progressiveLoss,
      learning_rate: event.learningRate,
      gradient_norm: event.gradientNorm,
      'throughput/rows_per_second': rates?.rows,
      'throughput/bytes_per_second': rates?.bytes,
    })
  }

  #lookAtWeights({ step, seconds, parameters }: StepEvent): void {
    if (this.#file?.isBehind === true) return
    const before = performance.now()
    const histograms = this.#parts.map((part) => [tagOf(part.name), weightHistogram(part, parameters)])
    this.#add(step, Object.fromEntries(histograms) as Summary)
    this.#histogramTimes.looked(seconds, (performance.now() - before) / 1000)
  }

  #add(step: number, summary: Summary): void {
    const event = summaryEvent(step, summary)
    if (event !== undefined) this.#file?.write(record(event))
  }
}

function scalarsOf({ metrics: { loss, ...others } }: ValidationEvent): Summary {
  const scalars = Object.entries(others).map(([name, value]) => [`validation/${name}`, value])
  return { 'loss/validation': loss, ...(Object.fromEntries(scalars) as Summary) }
}

/** The weights that the model has: of the best epoch, or their mean over the steps, where that was asked for. */
function histogramsOf(model: TrainedModel): Summary {
  const histograms = [...tensorsOf(model)].map(([name, tensor]) => [tagOf(name), tensorHistogram(tensor)])
  return Object.fromEntries(histograms) as Summary
}

function tagOf(tensor: string): string {
  return `weights/${tensor}`
}

const writeTo = promisify(write)
const closeFile = promisify(close)

function openFile(path: string, explained: (error: unknown) => Error): BackgroundFile {
  const descriptor = openSync(path, 'wx')
  return new BackgroundFile(
    {
      write: async (bytes, from, count) => writeTo(descriptor, bytes, from, count, null),
      close: async () => closeFile(descriptor),
    },
    explained,
  )
}
