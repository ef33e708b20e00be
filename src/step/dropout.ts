import { mixBits } from '../numeric/random.js'
import type { Matrix } from './matrix.js'

/** What the kernel needs to know of a share p of units to leave out, 0 ≤ p < 1. */
export function dropoutSettings(p: number): { threshold: number; scale: number } {
  return { threshold: Math.floor(p * 2 ** 32), scale: Math.fround(1 / (1 - p)) }
}

/**
 * Inverted dropout, in place: each unit of each row is left out with probability threshold / 2^32.
 *
 *     a[r][j] = 0 where mix(mix(key + firstRow + r) + j) < threshold, else a[r][j]·scale, scale = 1 / (1 − p)
 *
 * `key` is 32 bits drawn from seed, step and layer; firstRow counts within the mini-batch. So what is left out depends
 * neither on shards nor on workers. The same call on da is the gradient. Kernel twin: dropout. Source: N. Srivastava
 * et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
 */
export function dropout(
  a: Matrix,
  rows: number,
  units: number,
  key: number,
  firstRow: number,
  threshold: number,
  scale: number,
): void {
  for (let r = 0; r < rows; r++) {
    const bits = mixBits(key + firstRow + r)
    for (let j = 0; j < units; j++) {
      const word = a.first + r * a.step + j
      a.words[word] = mixBits(bits + j) < threshold ? 0 : a.words[word]! * scale
    }
  }
}
