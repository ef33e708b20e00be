import type { SharedMemory } from '../engine/memory.js'
import type { RowLayout } from '../step/rows.js'

/** Multiplies the weights of encoded rows by those of their classes. */
export class ClassWeigher {
  constructor(
    private readonly memory: SharedMemory,
    private readonly layout: RowLayout,
    /** One for each class. */
    private readonly weights: Float64Array,
  ) {}

  /** weight of row ← weight · weights[label], rounded to f32, for `count` rows that start at the address `rows`. */
  weigh(rows: number, count: number): void {
    const { f32 } = this.memory.views
    const { labelWord, weightWord, strideWords } = this.layout
    const end = (rows >>> 2) + count * strideWords
    for (let row = rows >>> 2; row < end; row += strideWords) {
      f32[row + weightWord]! *= this.weights[f32[row + labelWord]!]!
    }
  }

  /** Does something with the rows while they are weighed; then their weights are what they were, to the bit. */
  whileWeighed(rows: number, count: number, use: () => void): void {
    const { strideWords } = this.layout
    const weightAt = (rows >>> 2) + this.layout.weightWord
    const before = Float32Array.from(
      { length: count },
      (_, i) => this.memory.views.f32[weightAt + i * strideWords]!,
    )
    this.weigh(rows, count)
    use()
    const { f32 } = this.memory.views
    before.forEach((weight, i) => (f32[weightAt + i * strideWords] = weight))
  }
}
