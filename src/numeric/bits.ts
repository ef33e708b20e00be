/** The two halves of an f64, read and written as 32-bit words (little-endian, as WebAssembly is). */

const value = new Float64Array(1)
const words = new Int32Array(value.buffer)

/** Sign, exponent and the first 20 bits of the fraction. */
export function highWord(x: number): number {
  value[0] = x
  return words[1]!
}

/** x with its high word replaced. */
export function withHighWord(x: number, high: number): number {
  value[0] = x
  words[1] = high
  return value[0]
}

/** 2^n for −1022 ≤ n ≤ 1023. */
export function powerOfTwo(n: number): number {
  return withHighWord(0, (n + 1023) << 20)
}
