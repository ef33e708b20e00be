/** What there is to tell of a run beside its steps and epochs. */
import { Subject } from 'rxjs'
import { Bottleneck, type TimeSpent } from './bottleneck.js'
import type { TrainEvent, WeightsEvent } from '../events.js'
import { trainedModel } from './finish.js'
import type { EpochRows } from '../flow/epoch-rows.js'
import { heaviestWeights } from '../inspect/heaviest-weights.js'
import type { LinearModel, TrainedModel } from '../model/index.js'
import { availableCpus } from '../options/cpus.js'
import { knownParameters, secondsOf, type Run } from './run.js'
import { workerNews } from './worker-news.js'

/** Milliseconds between two looks at what only time brings. */
const LOOK = 100
/** Seconds between two events of weights, at least. */
const WEIGHTS_INTERVAL = 1
/** The time to find the heaviest weights, times this, passes before they are looked for again. */
const WEIGHTS_COST = 50

/** Asked after each step what has come up since. */
export class RunNews {
  /** What is told at once, also while the run stands still. */
  readonly urgent = new Subject<TrainEvent>()
  readonly #bottleneck: Bottleneck
  /** Not told yet. */
  readonly #news: TrainEvent[] = []
  #lookedAt = 0
  #weightsAt: number
  /** Of the current pass. */
  #rows: EpochRows | undefined

  constructor(private readonly run: Run) {
    const { input, options, cache, learner } = run
    this.#weightsAt = performance.now() + WEIGHTS_INTERVAL * 1000
    this.#bottleneck = new Bottleneck(
      {
        isStream: input.bytes === undefined,
        cpus: availableCpus(),
        isCached: cache !== undefined,
        isNetwork: learner.shape.kind === 'network',
        batchSize: options.batchSize,
        parameters: knownParameters(run),
      },
      () => this.#spent(),
      secondsOf(run),
    )
  }

  beginPass(rows: EpochRows): void {
    this.#rows = rows
  }

  /** All that has come up. Called for every step: costs next to nothing where nothing has. */
  take(epoch: number): readonly TrainEvent[] {
    const { watch, checkpoints, badRows, resumption, pool } = this.run
    if (watch !== undefined) this.#add(watch.take())
    if (checkpoints !== undefined) this.#add(checkpoints.take())
    this.#add(workerNews(pool))
    const left = badRows.takeNews()
    // Those of rows that an interrupted run has told of are not told again.
    if (resumption?.isReached !== false) this.#add(left)
    const now = performance.now()
    if (now - this.#lookedAt >= LOOK) this.#look(epoch, now)
    return this.#news.length === 0 ? NOTHING : this.#news.splice(0)
  }

  #add(events: readonly TrainEvent[]): void {
    if (events.length > 0) this.#news.push(...events)
  }

  /** At what only time brings. */
  #look(epoch: number, now: number): void {
    this.#lookedAt = now
    const bottleneck = this.#bottleneck.take(epoch, secondsOf(this.run))
    if (bottleneck !== undefined) this.#news.push(bottleneck)
    if (now < this.#weightsAt) return
    this.#add(this.#weights(epoch))
    const took = performance.now() - now
    this.#weightsAt = now + Math.max(WEIGHTS_INTERVAL * 1000, took * WEIGHTS_COST)
  }

  /** What is told of the whole run, with the weights of its model. */
  last(epoch: number, model: TrainedModel): TrainEvent[] {
    const { step } = this.run.learner
    const weights: TrainEvent[] =
      model.kind === 'linear' ? [{ type: 'weights', epoch, step, weights: heaviestWeights(model) }] : []
    return [...weights, this.#bottleneck.whole(epoch)]
  }

  /** The weights as they are: penalties that are due are not paid for it, lest the bits depend on the time. */
  #weights(epoch: number): WeightsEvent[] {
    const { learner } = this.run
    const { step, parameters, shape } = learner
    if (shape.kind === 'network' || step === 0) return []
    const counts = { epoch, steps: step, rows: NO_ROWS, badRows: {}, loss: 0 }
    const known = { ...counts, validation: undefined, validationRows: undefined }
    const model = trainedModel(this.run, known, parameters) as LinearModel
    return [{ type: 'weights', epoch, step, weights: heaviestWeights(model) }]
  }

  #spent(): TimeSpent {
    const { tally, placement, learner, pool, rest } = this.run
    const { bytes = 0, readSeconds = 0, parseSeconds = 0 } = this.#rows ?? {}
    return {
      seconds: secondsOf(this.run),
      read: tally.read + readSeconds,
      parse: tally.parse + parseSeconds,
      wait: tally.wait,
      validation: tally.validation,
      gradient: placement.seconds,
      average: learner.seconds.average,
      update: learner.seconds.update,
      paused: rest.pausedSeconds,
      workers: pool.busySeconds(),
      bytes: tally.bytes + bytes,
      steps: learner.step,
    }
  }
}

const NOTHING: readonly TrainEvent[] = []
const NO_ROWS = { read: 0, trained: 0, validation: 0, skipped: 0 }
