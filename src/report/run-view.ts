import type {
  BadRowEvent,
  BottleneckEvent,
  EpochEvent,
  ProgressEvent,
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
  progress: ProgressEvent | undefined
  speed: Speed = { rowsPerSecond: 0, bytesPerSecond: 0 }
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

  /** Passes that there will be; undefined where that is not known: with patience they are a limit that is hardly ever reached. */
  get epochs(): number | undefined {
    const { options } = this.start ?? {}
    return options?.patience === undefined ? options?.epochs : undefined
  }

  add(event: TrainEvent): void {
    switch (event.type) {
      case 'step':
        this.step = event
        return
      case 'start':
        this.start = event
        return
      case 'progress':
        this.progress = event
        this.speed = this.meter.add(event)
        this.losses.add(event.loss)
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

  private epoch({ epoch, rows, validation }: EpochEvent): void {
    this.skipped = Math.max(this.skipped, rows.skipped)
    if (validation !== undefined) this.validation = { epoch, metrics: validation }
  }
}
