/** Numbers cut into cells that keep their order, for histograms of a stream. */
export interface Cells {
  readonly count: number
  /** 0 … count − 1, larger for larger numbers. */
  of(value: number): number
}

/** Cells an octave of the distance from 0 or 1: 2¹², so a cell is narrower than 1/4096 of that distance. */
const MANTISSA_BITS = 12
const DROPPED_BITS = 23 - MANTISSA_BITS
/** Distances up to 2⁻³², and 0, share the first cell. */
const FIRST = (127 - 32) << MANTISSA_BITS
/** Cells for the distances 0 … ½. */
const HALF = ((126 - (127 - 32)) << MANTISSA_BITS) + 1

/**
 * Cells of probabilities, 0 … 1: narrow where these crowd. The distance d of p from the nearer of 0 and 1 is cut on the scale of
 * f32 itself, 4096 cells for each factor of two down to 2⁻³².
 */
export class ProbabilityCells implements Cells {
  readonly count = 2 * HALF
  readonly #distance = new Float32Array(1)
  readonly #bits = new Uint32Array(this.#distance.buffer)

  of(probability: number): number {
    const upper = probability > 0.5
    // 1 − p is exact in f32 for p in [½, 1], so both halves are cut equally finely.
    this.#distance[0] = upper ? 1 - probability : probability
    const index = Math.max((this.#bits[0]! >>> DROPPED_BITS) - FIRST, 0)
    return upper ? this.count - 1 - index : index
  }
}

/** Bits of a f32 that tell its cell: sign, exponent and ten of the significand. */
const NUMBER_BITS = 19
const SIGN = 0x80000000

/** Cells of numbers of any size: the ordered bits of their f32, cut off, so a cell is narrower than 1/1024 of the number. */
export class NumberCells implements Cells {
  readonly count = 2 ** NUMBER_BITS
  readonly #value = new Float32Array(1)
  readonly #bits = new Uint32Array(this.#value.buffer)

  of(value: number): number {
    // −0 is 0.
    this.#value[0] = value + 0
    const bits = this.#bits[0]!
    // Larger sizes are larger bits, and smaller numbers where they are negative.
    return ((bits & SIGN ? ~bits : bits | SIGN) >>> 0) >>> (32 - NUMBER_BITS)
  }
}
