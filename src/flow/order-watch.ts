import type { SharedMemory } from '../engine/memory.js'
import type { WarningEvent } from '../events.js'
import { denseFeatures, type Schema } from '../schema/schema.js'
import type { RowLayout } from '../step/rows.js'
import type { Block } from './block.js'

/** Rows of a block that are looked at, evenly spaced: enough for a mean, few enough to cost nothing. */
const ROWS_A_BLOCK = 256
/** Rows looked at before their means are compared with those of other windows. */
const ROWS_A_WINDOW = 2048
/** A feature drifts where its mean in a window is this many deviations away from that of the sample. */
const DRIFT = 0.5
/** The target looks sorted where windows explain this share of its variance; of a random order, they explain a two-thousandth. */
const SORTED = 0.1
/** Windows needed before the target is judged. */
const LEAST_WINDOWS = 8

/**
 * Watches the rows of a stream in the order in which they come, for what no shuffle buffer mends: features that drift
 * away from the sample, and a target that looks sorted. Each is warned of once.
 */
export class OrderWatch {
  readonly #features: readonly WatchedFeature[]
  readonly #sums: Float64Array
  readonly #target: WindowedTarget
  #rowsInWindow = 0
  #rows = 0
  #driftFound = false
  #sortedFound = false
  #warnings: WarningEvent[] = []

  constructor(
    private readonly memory: SharedMemory,
    private readonly schema: Schema,
    private readonly layout: RowLayout,
    standardized: boolean,
  ) {
    this.#features = standardized ? watchedFeatures(schema) : []
    this.#sums = new Float64Array(this.#features.length)
    const { target } = schema
    this.#target = target.kind === 'number' ? new NumberWindows() : new ClassWindows(target.classes.length)
  }

  /** Looks at rows of a block that has just been parsed; blocks are shown in the order of the stream. */
  see({ slot, rows }: Block): void {
    if (this.#driftFound && this.#sortedFound) return
    const { f32 } = this.memory.views
    const { strideWords, labelWord } = this.layout
    const looked = Math.min(rows, ROWS_A_BLOCK)
    for (let i = 0; i < looked; i++) {
      const word = (slot.rows >>> 2) + Math.floor((i * rows) / looked) * strideWords
      for (let d = 0; d < this.#sums.length; d++) this.#sums[d]! += f32[word + this.#features[d]!.word]!
      this.#target.add(f32[word + labelWord]!)
    }
    this.#rows += rows
    this.#rowsInWindow += looked
    if (this.#rowsInWindow >= ROWS_A_WINDOW) this.#closeWindow()
  }

  /** The warnings since the last call. */
  take(): readonly WarningEvent[] {
    const warnings = this.#warnings
    this.#warnings = []
    return warnings
  }

  #closeWindow(): void {
    if (!this.#driftFound) this.#judgeFeatures()
    if (!this.#sortedFound) this.#judgeTarget()
    this.#sums.fill(0)
    this.#rowsInWindow = 0
  }

  #judgeFeatures(): void {
    let most = -1
    for (let d = 0; d < this.#sums.length; d++) {
      if (most < 0 || Math.abs(this.#sums[d]!) > Math.abs(this.#sums[most]!)) most = d
    }
    const deviations = most < 0 ? 0 : this.#sums[most]! / this.#rowsInWindow
    if (!(Math.abs(deviations) >= DRIFT)) return
    this.#driftFound = true
    const way = deviations > 0 ? 'above' : 'below'
    this.#warn(
      `the rows drift: up to row ${this.#rows}, ${JSON.stringify(this.#features[most]!.name)} is ${Math.abs(deviations).toFixed(1)} ` +
        `deviations ${way} its mean in the sample; a file is read in many places at once, a stream is not`,
    )
  }

  #judgeTarget(): void {
    this.#target.closeWindow()
    if (this.#target.windows < LEAST_WINDOWS || !(this.#target.explained >= SORTED)) return
    this.#sortedFound = true
    this.#warn(
      `the target ${JSON.stringify(this.schema.target.name)} looks sorted: where a row stands explains ` +
        `${Math.round(this.#target.explained * 100)} % of its variance; give a file instead of a stream, or shuffle the rows`,
    )
  }

  #warn(message: string): void {
    this.#warnings.push({ type: 'warning', message })
  }
}

interface WatchedFeature {
  readonly name: string
  /** Its word in an encoded row. */
  readonly word: number
}

/** The standardised features; those that tell whether a value is missing are left out. */
function watchedFeatures(schema: Schema): WatchedFeature[] {
  return denseFeatures(schema).flatMap(({ column, part, scaling }, word) =>
    scaling === undefined ? [] : [{ name: part === undefined ? column : `${column} (${part})`, word }],
  )
}

/** The target in windows of rows, one after the other. */
interface WindowedTarget {
  readonly windows: number
  /** Share of the variance that lies between windows: η², R. A. Fisher, Statistical methods for research workers, 1925. */
  readonly explained: number
  add(label: number): void
  closeWindow(): void
}

/** η² = Σ_w n_w·(ȳ_w − ȳ)² / Σ (y − ȳ)². */
class NumberWindows implements WindowedTarget {
  windows = 0
  #rows = 0
  #sum = 0
  #squares = 0
  #between = 0
  #windowRows = 0
  #windowSum = 0

  add(label: number): void {
    this.#rows++
    this.#sum += label
    this.#squares += label * label
    this.#windowRows++
    this.#windowSum += label
  }

  closeWindow(): void {
    this.windows++
    this.#between += (this.#windowSum * this.#windowSum) / this.#windowRows
    this.#windowRows = 0
    this.#windowSum = 0
  }

  get explained(): number {
    const ofMean = (this.#sum * this.#sum) / this.#rows
    return (this.#between - ofMean) / (this.#squares - ofMean)
  }
}

/** The same for classes: the sum of both variances over the classes' indicators (L. Goodman and W. Kruskal's τ, 1954). */
class ClassWindows implements WindowedTarget {
  windows = 0
  readonly #counts: Float64Array
  readonly #windowCounts: Float64Array
  #rows = 0
  #between = 0
  #windowRows = 0

  constructor(classes: number) {
    this.#counts = new Float64Array(classes)
    this.#windowCounts = new Float64Array(classes)
  }

  add(label: number): void {
    this.#windowCounts[label]!++
    this.#windowRows++
  }

  closeWindow(): void {
    this.windows++
    this.#windowCounts.forEach((count, k) => {
      this.#between += (count * count) / this.#windowRows
      this.#counts[k]! += count
    })
    this.#rows += this.#windowRows
    this.#windowCounts.fill(0)
    this.#windowRows = 0
  }

  get explained(): number {
    const ofMean = this.#counts.reduce((sum, count) => sum + count * count, 0) / this.#rows
    return (this.#between - ofMean) / (this.#rows - ofMean)
  }
}
