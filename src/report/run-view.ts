import type {
  BadRowEvent,
  BottleneckEvent,
  EpochEvent,
  StartEvent,
  StepEvent,
  TrainEvent,
} from '../events.js'
import type { HeavyWeight } from '../inspect/heaviest-weights.js'
import type { Metrics } from '../metric/index.js'
import { Course } from './sparkline.js'
import { SpeedMeter, type Speed } from './speed.js'

/** What the events so far tell of a run, in bounded memory: what the live block is drawn from. */
export class RunView {
  start: StartEvent | undefined
  /** The last one. */
  step: StepEvent | undefined
  /** The last epoch that has ended. */
  epochsDone = 0
  speed: Speed = { rowsPerSecond: 0, bytesPerSecond: 0 }
  /** Mean over the rows between the last two looks. */
  loss: number | undefined
  readonly losses = new Course()
  /** The last metrics on held-out rows, or on those of validation files. */
  validation: { epoch: number; metrics: Metrics } | undefined
  skipped = 0
  badRow: BadRowEvent | undefined
  bottleneck: BottleneckEvent | undefined
  /** The heaviest of a linear model; the last ones are those of the model that the run leaves. */
  weights: readonly HeavyWeight[] = []
  paused = false
  private readonly meter = new SpeedMeter()
  /** In the epochs that have ended. */
  private readonly done = { rows: 0, bytes: 0 }
  /** Since the last look. */
  private readonly since = { loss: 0, rows: 0 }

  /** Passes that there will be; undefined where that is not known: with patience they are a limit that is hardly ever reached. */
  get epochs(): number | undefined {
    const { options } = this.start ?? {}
    return options?.patience === undefined ? options?.epochs : undefined
  }

  /** Bytes of an epoch, where they are known. */
  get ofBytes(): number | undefined {
    const bytes = this.start?.bytes
    return bytes !== undefined && bytes > 0 ? bytes : undefined
  }

  /** Of the input, as far as the current epoch has read it, 0 … 1; only where its size is known. */
  get share(): number {
    return Math.min(1, (this.step?.bytes ?? 0) / (this.ofBytes ?? Infinity))
  }

  /** Costs next to nothing for a step: there may be tens of thousands a second. */
  add(event: TrainEvent): void {
    switch (event.type) {
      case 'step':
        this.step = event
        this.since.loss += event.loss * event.batchRows
        this.since.rows += event.batchRows
        return
      case 'start':
        this.start = event
        return
      case 'validation':
        this.validation = event
        return
      case 'epoch':
        this.epoch(event)
        return
      case 'bad-row':
        this.badRow = event
        this.skipped = event.skipped
        return
      case 'bottleneck':
        this.bottleneck = event
        return
      case 'weights':
        this.weights = event.weights
        return
      case 'pause':
        this.paused = event.paused
        return
      default:
    }
  }

  /** Looks at where the run is: before it is shown, a few times a second. */
  look(): void {
    const { step, since, done } = this
    if (step === undefined || since.rows === 0) return
    this.loss = since.loss / since.rows
    this.losses.add(this.loss)
    since.loss = 0
    since.rows = 0
    const isCounted = step.epoch <= this.epochsDone
    this.speed = this.meter.add({
      rows: done.rows + (isCounted ? 0 : step.rows),
      bytes: done.bytes + (isCounted ? 0 : step.bytes),
      seconds: step.seconds,
    })
  }

  private epoch({ epoch, rows, validation }: EpochEvent): void {
    this.done.rows += this.step?.rows ?? 0
    this.done.bytes += this.step?.bytes ?? 0
    this.epochsDone = epoch
    this.skipped = Math.max(this.skipped, rows.skipped)
    if (validation !== undefined) this.validation = { epoch, metrics: validation }
  }
}
