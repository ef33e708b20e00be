import type { Descent, Optimizer, Penalties, WeightAverage } from '../optimizer/index.js'
import type { PenaltiesDue } from '../optimizer/penalties.js'
import { clampGradient, scaleGradient } from '../step/clip.js'
import { descent as descend } from '../step/descent.js'
import type { CategoryGradient, CategoryGradients } from './category-gradients.js'
import { LazyPenalties } from './lazy-penalties.js'
import type { Region, SharedMemory } from './memory.js'
import { TouchedPlaces } from './touched-places.js'

/** What the sparse part of a step works on. */
export interface TouchedPlan {
  /** ptr to v, category indices × outputs. */
  v: number
  /** First word of v in the vector of all parameters. */
  firstWord: number
  categoryIndices: number
  /** Words of a category's row of v. */
  outputs: number
  gradients: CategoryGradients
  /** The most rows of a mini-batch. */
  batchRows: number
  /** Word of the first category slot of a row, and their number. */
  denseWords: number
  categories: number
  /** Bytes from one encoded row to the next. */
  stride: number
}

/**
 * The category weights that a step touches, when they are few among many: their gradients, changes and optimizer state
 * are gathered, changed and scattered back, so that a step costs what it touches, whatever the size of the vocabulary.
 * Penalties that the others miss are made up for later (engine/lazy-penalties.ts).
 *
 * All regions belong to the main thread.
 */
export class TouchedCategories {
  readonly #gradient: Float32Array
  readonly #change: Float32Array
  readonly #indices: Uint32Array
  readonly #regions: Record<'gradient' | 'change' | 'indices', Region>
  /** For each state vector of the optimizer: all of it, and the part that is gathered. */
  readonly #state: readonly { all: Region; gathered: Region }[]
  /** The touched weights themselves, where the optimizer or a penalty looks at them. */
  readonly #weights: Region | undefined
  readonly #lazy: LazyPenalties | undefined
  readonly #descent: Descent
  readonly #places: TouchedPlaces
  #count = 0

  constructor(
    private readonly memory: SharedMemory,
    private readonly plan: TouchedPlan,
    private readonly optimizer: Optimizer,
    penalties: Penalties,
  ) {
    const { categoryIndices, categories, outputs, batchRows } = plan
    const most = Math.min(categoryIndices, batchRows * categories)
    const packed = (name: string): Region => memory.allocate(name, most * outputs * 4)
    this.#regions = {
      gradient: packed('touched gradients'),
      change: packed('touched changes'),
      // One word more: see kernel/sparse.ts.
      indices: memory.allocate('touched indices', (most + 1) * 4),
    }
    this.#places = new TouchedPlaces(memory, most)
    const ownPenalties = optimizer.appliesPenalties === true
    const penalized = penalties.l1 > 0 || penalties.l2 > 0 || penalties.weightDecay > 0
    this.#weights = ownPenalties || penalized ? packed('touched weights') : undefined
    this.#state = optimizer.state.map(({ name, initial }) => {
      const all = memory.allocate(`${name} of categories`, categoryIndices * outputs * 4)
      if (initial !== 0) memory.f32(all).fill(initial)
      return { all, gathered: packed(`${name}, gathered`) }
    })
    this.#lazy =
      penalized && !ownPenalties
        ? new LazyPenalties(memory, plan, optimizer, penalties, this.state)
        : undefined
    const { gradient, change, indices } = this.#regions
    this.#gradient = memory.f32(gradient)
    this.#change = memory.f32(change)
    this.#indices = memory.u32(indices)
    this.#descent = {
      weights: this.#weights === undefined ? new Float32Array(0) : memory.f32(this.#weights),
      gradient: this.#gradient,
      state: this.#state.map(({ gathered }) => memory.f32(gathered)),
      change: this.#change,
      from: 0,
      to: 0,
      learningRate: 0,
      step: 0,
      penalties,
    }
  }

  /** The vectors of the optimizer's state, one entry for every category weight. */
  get state(): readonly Float32Array[] {
    return this.#state.map(({ all }) => this.memory.f32(all))
  }

  /** Of all steps so far; undefined where the others miss none. */
  get penaltiesDue(): PenaltiesDue | undefined {
    return this.#lazy?.due
  }

  /** For every category index, what of them has been paid: rates, decay. */
  get penaltiesPaid(): Float64Array | undefined {
    return this.#lazy?.paid
  }

  /** Before a step looks at the weights of a run of rows: they make up for the penalties they have missed. */
  catchUp(rows: number, count: number, step: number, average: WeightAverage | undefined): void {
    this.#lazy?.catchUpRows(rows, count, step, average)
  }

  /** The same for all category weights, after a step. */
  catchUpAll(step: number, average: WeightAverage | undefined): void {
    this.#lazy?.catchUpAll(step, average)
  }

  /**
   * Adds the gradients of some slots of a run of rows, row after row; `first` is the number of its first row within the
   * mini-batch.
   */
  backprop(part: CategoryGradient, rows: number, count: number, first: number): void {
    const { slotWord, slots, factorWord, start } = part
    const { kernel } = this.memory
    const { stride, gradients } = this.plan
    const { gradient, indices } = this.#regions
    const places = this.#places
    const { width } = gradients
    places.reserve(this.#indices, this.#count, count * slots)
    const dv = start + first * width * 4
    const packed = [gradient.start, places.address, places.base, indices.start, this.#count] as const
    this.#count =
      factorWord === undefined
        ? kernel.backpropTouched(rows, stride, count, slotWord, slots, width, dv, ...packed)
        : kernel.backpropTouchedScaled(rows, stride, count, slotWord, factorWord, width, dv, ...packed)
  }

  get #words(): number {
    return this.#count * this.plan.outputs
  }

  scaleGradient(factor: number): void {
    scaleGradient(this.#gradient, factor, this.#words)
  }

  clampGradient(limit: number): void {
    clampGradient(this.#gradient, limit, this.#words)
  }

  /** Σ g², in the order in which the categories were met; finite where all of them are. */
  sumOfSquares(): number {
    return this.memory.kernel.sumOfSquares(this.#regions.gradient.start, this.#words)
  }

  /** Gradient, optimizer state and penalties → the change of the weights. */
  descent(step: number, learningRate: number): void {
    const { kernel } = this.memory
    const { outputs, v } = this.plan
    const indices = this.#regions.indices.start
    const descent = this.#descent
    descent.step = step
    descent.learningRate = learningRate
    descent.to = this.#words
    if (this.#weights !== undefined) kernel.gather(v, indices, this.#count, outputs, this.#weights.start)
    for (const { all, gathered } of this.#state) {
      kernel.gather(all.start, indices, this.#count, outputs, gathered.start)
    }
    descend(this.optimizer, descent)
    for (const { all, gathered } of this.#state) {
      kernel.scatter(gathered.start, indices, this.#count, outputs, all.start)
    }
    this.#lazy?.stepped(learningRate, this.#indices, this.#count)
  }

  /** w + change → w; the next step starts with nothing touched. */
  update(step: number, parameters: Float32Array, average: WeightAverage | undefined): void {
    const { v, firstWord, outputs } = this.plan
    const { change, indices } = this.#regions
    const touched = { indices: this.#indices, count: this.#count, outputs }
    average?.recordScattered(step, parameters, firstWord, this.#change, touched)
    this.memory.kernel.scatterAdd(change.start, indices.start, this.#count, outputs, v)
    this.#places.nextStep(this.#count)
    this.#count = 0
  }
}
