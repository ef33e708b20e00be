import type { Descent, Optimizer, WeightAverage } from '../optimizer/index.js'
import { descent as descend } from '../step/descent.js'
import type { CategoryGradients } from './category-gradients.js'
import type { Region, SharedMemory } from './memory.js'
import { TouchedPlaces } from './touched-places.js'

/** What the sparse part of a step works on. */
export interface TouchedPlan {
  /** ptr to v, category indices × outputs. */
  v: number
  /** First word of v in the vector of all parameters. */
  firstWord: number
  categoryIndices: number
  gradients: CategoryGradients
  /** The most rows of a mini-batch. */
  batchRows: number
  /** Category slots of a row. */
  categories: number
  /** Bytes from one encoded row to the next. */
  stride: number
}

/**
 * The category weights that a step touches, when they are few among many: their gradients, changes and optimizer state
 * are gathered, changed and scattered back, so that a step costs what it touches, whatever the size of the vocabulary.
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
  readonly #descent: Descent
  readonly #places: TouchedPlaces
  #count = 0

  constructor(
    private readonly memory: SharedMemory,
    private readonly plan: TouchedPlan,
    private readonly optimizer: Optimizer,
  ) {
    const { categoryIndices, categories, batchRows } = plan
    const outputs = plan.gradients.width
    const most = Math.min(categoryIndices, batchRows * categories)
    const packed = (name: string): Region => memory.allocate(name, most * outputs * 4)
    this.#regions = {
      gradient: packed('touched gradients'),
      change: packed('touched changes'),
      // One word more: see kernel/sparse.ts.
      indices: memory.allocate('touched indices', (most + 1) * 4),
    }
    this.#places = new TouchedPlaces(memory, most)
    this.#state = optimizer.state.map(({ name, initial }) => {
      const all = memory.allocate(`${name} of categories`, categoryIndices * outputs * 4)
      if (initial !== 0) memory.f32(all).fill(initial)
      return { all, gathered: packed(`${name}, gathered`) }
    })
    const { gradient, change, indices } = this.#regions
    this.#gradient = memory.f32(gradient)
    this.#change = memory.f32(change)
    this.#indices = memory.u32(indices)
    this.#descent = {
      gradient: this.#gradient,
      state: this.#state.map(({ gathered }) => memory.f32(gathered)),
      change: this.#change,
      from: 0,
      to: 0,
      learningRate: 0,
      step: 0,
    }
  }

  /** Adds the gradients of a run of rows, row after row; `first` is the number of its first row within the mini-batch. */
  backprop(rows: number, count: number, first: number): void {
    const { stride, gradients } = this.plan
    const { kernel } = this.memory
    const { gradient, indices } = this.#regions
    const places = this.#places
    const { width, parts } = gradients
    places.reserve(this.#indices, this.#count, count * this.plan.categories)
    for (const { slotWord, slots, factorWord, start } of parts) {
      const dv = start + first * width * 4
      const packed = [gradient.start, places.address, places.base, indices.start, this.#count] as const
      this.#count =
        factorWord === undefined
          ? kernel.backpropTouched(rows, stride, count, slotWord, slots, width, dv, ...packed)
          : kernel.backpropTouchedScaled(rows, stride, count, slotWord, factorWord, width, dv, ...packed)
    }
  }

  scaleGradient(factor: number): void {
    const words = this.#count * this.plan.gradients.width
    for (let i = 0; i < words; i++) this.#gradient[i]! *= factor
  }

  /** Gradient and optimizer state → the change of the weights. */
  descent(step: number, learningRate: number): void {
    const { kernel } = this.memory
    const { width: outputs } = this.plan.gradients
    const indices = this.#regions.indices.start
    const descent = this.#descent
    descent.step = step
    descent.learningRate = learningRate
    descent.to = this.#count * outputs
    for (const { all, gathered } of this.#state) {
      kernel.gather(all.start, indices, this.#count, outputs, gathered.start)
    }
    descend(this.optimizer, descent)
    for (const { all, gathered } of this.#state) {
      kernel.scatter(gathered.start, indices, this.#count, outputs, all.start)
    }
  }

  /** w + change → w; the next step starts with nothing touched. */
  update(step: number, parameters: Float32Array, average: WeightAverage | undefined): void {
    const { v, firstWord, gradients } = this.plan
    const outputs = gradients.width
    const { change, indices } = this.#regions
    const touched = { indices: this.#indices, count: this.#count, outputs }
    average?.recordScattered(step, parameters, firstWord, this.#change, touched)
    this.memory.kernel.scatterAdd(change.start, indices.start, this.#count, outputs, v)
    this.#places.nextStep(this.#count)
    this.#count = 0
  }
}
