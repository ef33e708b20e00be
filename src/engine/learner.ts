import type { ShardPlan } from '../../workers/protocol.js'
import { initialise } from '../model/initial.js'
import type { ModelShape } from '../model/model-shape.js'
import { writeParameters } from '../model/tensors.js'
import { noPenalties, WeightAverage } from '../optimizer/index.js'
import { sumTree } from '../step/average.js'
import type { RowLayout } from '../step/rows.js'
import { BatchWord, batchBytes, eachRun } from './batch.js'
import { DenseBlock, penalizedRanges } from './dense-block.js'
import type { Region, SharedMemory } from './memory.js'
import { categoryGradients, type CategoryGradient, type CategoryGradients } from './category-gradients.js'
import type { LearnerOptions } from './learner-options.js'
import { copyVectors, countersOf, vectorsOf, type LearnerParts, type LearnerState } from './learner-state.js'
import { modelPlan } from './model-plan.js'
import { treeLevels } from './shards.js'
import { scratchBytes } from './steps.js'
import { TouchedCategories } from './touched-categories.js'

/** Up to this many category weights, all are treated as touched in every step: that is faster than to gather those that were. */
const DENSE_CATEGORY_WEIGHTS = 1 << 12

/**
 * The parameters of a model and what changes them: the mean gradient of a mini-batch from the partial gradients
 * of its shards, then descent and update. All of it on the main thread; while a step runs on workers they only read
 * the parameters and only write z, dz, totals and partial gradients.
 */
export class Learner {
  readonly plan: ShardPlan
  /** Addresses of the partial gradients, one for each task. */
  readonly partials: readonly number[]
  /** Addresses of their activations. */
  readonly scratches: readonly number[]
  readonly batch: Uint32Array
  /** Room for the encoded rows of a mini-batch (flow/mini-batches.ts); never touched where slots hold them all. */
  readonly gathered: Region
  readonly #parameters: Float32Array
  /** What of them is in use. */
  #used: Float32Array
  readonly #dense: DenseBlock
  readonly #totals: Float64Array
  readonly #categoryGradients: CategoryGradients
  readonly #average: WeightAverage | undefined
  /** The category weights where they are many; else they are part of the dense block, whose entries are all updated in every step. */
  readonly #touched: TouchedCategories | undefined
  /** Seconds spent in average, and in descent and update. */
  readonly seconds = { average: 0, update: 0 }
  #step = 0
  #learningRate = 0
  #gradientNorm = 0

  constructor(
    private readonly memory: SharedMemory,
    layout: RowLayout,
    readonly shape: ModelShape,
    private readonly options: LearnerOptions,
    /**
     * Category indices in use, the first ones: their number grows with the vocabularies. The others must be 0, as those of
     * a network are not. Default: all.
     */
    private readonly indicesInUse: () => number = () => shape.categoryCount,
  ) {
    const { outputs, categories, categoryCount, categoryWidth } = shape
    const bytes = (words: number) => words * 4
    const parameters = memory.allocate('parameters', bytes(shape.words))
    const scores = () => memory.allocate('scores', bytes(options.batchRows * outputs + 4)).start
    const totals = memory.allocate('totals', options.shards * 16)
    const batch = memory.allocate('mini-batch', batchBytes(options.batchRows))
    const levels = treeLevels(options.shards / options.tasks)
    this.partials = Array.from(
      { length: options.tasks },
      () => memory.allocate('partial gradients', bytes(shape.denseParameterWords) * levels).start,
    )
    const { batchRows, dropout = 0, seed = 0 } = options
    const slopes =
      shape.kind === 'linear' ? 0 : shape.settings.embedding > 0 ? categories : Math.min(1, categories)
    const gradients = memory.allocate('category gradients', bytes(batchRows * slopes * categoryWidth)).start
    const training = { dropout, seed, batchRows, categoryGradients: gradients }
    this.plan = {
      ...modelPlan(layout, shape, parameters.start, training),
      kernelLoss: options.loss.kernel.loss,
      lossSetting: options.loss.setting,
      labelWord: layout.labelWord,
      weightWord: layout.weightWord,
      z: scores(),
      dz: scores(),
      totals: totals.start,
      denseGradientWords: shape.denseParameterWords,
      batch: batch.start,
    }
    this.scratches = this.partials.map(() => memory.allocate('activations', scratchBytes(this.plan)).start)
    this.#categoryGradients = categoryGradients(this.plan, categoryWidth)
    this.gathered = memory.allocate('gathered rows', options.batchRows * bytes(layout.strideWords))
    this.batch = new Uint32Array(memory.memory.buffer, batch.start, batch.bytes / 4)
    this.#totals = memory.f64(totals)
    this.#parameters = memory.f32(parameters)
    this.#used = this.#parameters
    if (options.initial !== undefined) writeParameters(options.initial, shape, this.#parameters)
    else if (shape.kind === 'network') {
      initialise(shape, options.init ?? 'glorot', seed, this.#parameters)
    }
    const allDense = categoryCount * categoryWidth <= DENSE_CATEGORY_WEIGHTS
    this.#dense = this.#denseBlock(allDense ? shape.words : shape.v)
    this.#average = options.averageWeights ? new WeightAverage(shape.words) : undefined
    this.#touched = allDense ? undefined : this.#touchedCategories()
  }

  /** A view of the parameters that are in use. */
  get parameters(): Float32Array {
    const words = this.shape.v + this.indicesInUse() * this.shape.categoryWidth
    if (this.#used.length !== words) this.#used = this.#parameters.subarray(0, words)
    return this.#used
  }

  /** Words of the dense block that are in use; the others are 0, and so are their gradients. */
  get #denseWords(): number {
    return Math.min(this.#dense.room, this.parameters.length)
  }

  /** Steps done so far. */
  get step(): number {
    return this.#step
  }

  /** Of the last step. */
  get learningRate(): number {
    return this.#learningRate
  }

  /** Before the scores of a mini-batch: category weights make up for the penalties of steps that left them alone. */
  catchUp(): void {
    const touched = this.#touched
    if (touched === undefined) return
    const started = performance.now()
    eachRun(this.batch, this.options.shards, (rows, count) =>
      touched.catchUp(rows, count, this.#step, this.#average),
    )
    this.seconds.update += (performance.now() - started) / 1000
  }

  /**
   * Partial gradients → the mean gradient of the mini-batch: the trees of the tasks are joined to one, the gradients
   * of categories are added row after row, and all is divided by the sum of the weights. Returns the mean loss.
   */
  average(): { loss: number; weight: number } {
    const started = performance.now()
    const { kernel } = this.memory
    const { denseGradientWords: words } = this.plan
    sumTree(this.partials.length, (into, from) =>
      kernel.add(this.partials[into]!, this.partials[from]!, words),
    )
    kernel.zero(this.#dense.address, this.#denseWords)
    kernel.add(this.#dense.address, this.partials[0]!, words)
    let loss = 0
    let weight = 0
    for (let shard = 0; shard < this.options.shards; shard++) {
      loss += this.#totals[shard * 2]!
      weight += this.#totals[shard * 2 + 1]!
    }
    if (this.shape.categories > 0) this.#addCategoryGradients()
    const factor = weight > 0 ? 1 / weight : 0
    this.#scaleGradient(factor)
    this.#clipGradient()
    this.seconds.average += (performance.now() - started) / 1000
    return { loss: weight > 0 ? loss / weight : 0, weight }
  }

  /** √(Σ g²) of the mean gradient of the last step, as clipping leaves it; a number that is not finite where an entry is none. */
  get gradientNorm(): number {
    return this.#gradientNorm
  }

  #norm(): number {
    return Math.sqrt(this.#dense.sumOfSquares(this.#denseWords) + (this.#touched?.sumOfSquares() ?? 0))
  }

  /** Gradient, optimizer state and penalties → the change of the weights. */
  descent(): void {
    const started = performance.now()
    this.#step++
    this.batch[BatchWord.Step] = this.#step
    this.#learningRate = this.options.schedule.rate(this.#step)
    this.#dense.descent(this.#step, this.#learningRate, this.#denseWords)
    this.#touched?.descent(this.#step, this.#learningRate)
    this.seconds.update += (performance.now() - started) / 1000
  }

  /** w + change → w */
  update(): void {
    const started = performance.now()
    this.#dense.update(this.#step, this.#average, this.#denseWords)
    this.#touched?.update(this.#step, this.#parameters, this.#average)
    this.seconds.update += (performance.now() - started) / 1000
  }

  /** The weights of the model: the last ones, with all penalties up to now, or their mean over all steps. */
  result(): Float32Array {
    this.#touched?.catchUpAll(this.#step, this.#average)
    const weights = this.parameters.slice()
    this.#average?.average(this.parameters, weights)
    return weights
  }

  /** The loss of an epoch that has ended: held out, or progressive. */
  epochEnded(loss: number): void {
    this.options.schedule.observe?.(loss)
  }

  /** All that decides the steps to come, for a learner of the same shape and options to go on from; the vectors are the learner's own. */
  get state(): LearnerState {
    return { vectors: vectorsOf(this.#parts), counters: countersOf(this.#parts) }
  }

  /**
   * Goes on as the learner whose state this is: the steps to come have the same bits. Throws a RangeError where it is the
   * state of a learner of another shape or with other options.
   */
  restoreState({ vectors, counters }: LearnerState): void {
    for (const name of countersOf(this.#parts).keys()) {
      if (!counters.has(name)) throw new RangeError(`expected a counter "${name}", got none`)
    }
    copyVectors(vectors, vectorsOf(this.#parts))
    const counter = (name: string): number => counters.get(name)!
    this.#step = counter('step')
    this.#learningRate = counter('learningRate')
    this.batch[BatchWord.Step] = this.#step
    if (this.#average !== undefined) this.#average.steps = counter('averagedSteps')
    const due = this.#touched?.penaltiesDue
    if (due !== undefined) {
      due.rates = counter('duePenaltyRates')
      due.decay = counter('duePenaltyDecay')
    }
  }

  get #parts(): LearnerParts {
    const { optimizer, schedule } = this.options
    return {
      step: this.#step,
      learningRate: this.#learningRate,
      weights: this.#parameters,
      dense: this.#dense,
      touched: this.#touched,
      average: this.#average,
      optimizer,
      schedule,
    }
  }

  #denseBlock(room: number): DenseBlock {
    const { optimizer, penalties, penalizeBias = false, penalizeCategories = true } = this.options
    const { biases, v } = this.shape
    const exempt = [...(penalizeBias ? [] : biases), ...(penalizeCategories ? [] : [{ from: v, to: room }])]
    const ranges = penalizedRanges(room, penalties, exempt)
    return new DenseBlock(this.memory, this.#parameters, room, optimizer, ranges)
  }

  #touchedCategories(): TouchedCategories {
    const { v, stride, denseWords } = this.plan
    const { batchRows, optimizer, penalties, penalizeCategories = true } = this.options
    const { v: firstWord, categoryCount: categoryIndices, categories, categoryWidth: outputs } = this.shape
    const gradients = this.#categoryGradients
    const rows = { batchRows, stride, denseWords, categories }
    return new TouchedCategories(
      this.memory,
      { v, firstWord, categoryIndices, outputs, gradients, ...rows },
      optimizer,
      penalizeCategories ? penalties : noPenalties,
    )
  }

  /**
   * The gradients of categories are added row after row, the runs in the order of the shards. Slots may share an index: those
   * that are not added together come one after the other for the whole mini-batch, so that no bit depends on where runs end.
   */
  #addCategoryGradients(): void {
    for (const part of this.#categoryGradients.parts) {
      eachRun(this.batch, this.options.shards, (rows, count, first) => {
        if (this.#touched === undefined) this.#backpropAllCategories(part, rows, count, first)
        else this.#touched.backprop(part, rows, count, first)
      })
    }
  }

  #backpropAllCategories(part: CategoryGradient, rows: number, count: number, first: number): void {
    const { slotWord, slots, factorWord, start } = part
    const { stride } = this.plan
    const { kernel } = this.memory
    const { width } = this.#categoryGradients
    const dv = this.#dense.address + this.shape.v * 4
    const dz = start + first * width * 4
    if (factorWord === undefined) {
      kernel.backpropCategories(rows, stride, count, slotWord, slots, width, dz, dv)
    } else kernel.backpropScaled(rows, stride, count, slotWord, factorWord, width, dz, dv)
  }

  #scaleGradient(factor: number): void {
    this.#dense.scaleGradient(factor, this.#denseWords)
    this.#touched?.scaleGradient(factor)
  }

  #clipGradient(): void {
    const { clipValue = Infinity, clipNorm = Infinity } = this.options
    if (clipValue < Infinity) {
      this.#dense.clampGradient(clipValue, this.#denseWords)
      this.#touched?.clampGradient(clipValue)
    }
    this.#gradientNorm = this.#norm()
    if (!(this.#gradientNorm > clipNorm)) return
    this.#scaleGradient(clipNorm / this.#gradientNorm)
    this.#gradientNorm = this.#norm()
  }
}
