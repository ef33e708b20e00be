import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layerNormBackprop, layerNormForward } from '../../src/step/layer-norm.js'
import type { Matrix } from '../../src/step/matrix.js'
import { fillUniform, gamma, uniform } from '../step/random-rows.js'
import { openKernel } from './harness.js'

const opened = openKernel(16)
const { kernel, memory } = opened
const HEAP_WORDS = 60_000
const heap = new Float32Array(memory.buffer, opened.allocate(HEAP_WORDS * 4), HEAP_WORDS)

interface Size {
  rows: number
  units: number
  gap: number
  seed: number
}

const parts = ['z', 'y', 'dy', 'dz', 'gain', 'shift', 'dgain', 'dshift', 'statistics'] as const
type Layer = Record<(typeof parts)[number], Float32Array>

/** A random layer in the kernel's memory: numbers in [−1, 1). */
function placeLayer({ rows, units, gap, seed }: Size): Layer {
  const random = uniform(seed)
  let next = 0
  const layer = Object.fromEntries(
    parts.map((name, i) => {
      const words = i < 4 ? rows * (units + gap) : name === 'statistics' ? 2 * rows : units
      next += words + 4
      return [name, fillUniform(heap.subarray(next - words - 4, next - 4), random)]
    }),
  ) as Layer
  if (next > HEAP_WORDS) throw new Error('the case does not fit')
  return layer
}

const twin = (layer: Layer): Record<keyof Layer, Float64Array> =>
  Object.fromEntries(parts.map((name) => [name, Float64Array.from(layer[name])])) as never

function kernelForward(layer: Layer, { units, gap }: Size, from: number, to: number): void {
  const { z, y, gain, shift, statistics } = layer
  const ld = units + gap
  kernel.layerNormForward(
    z.byteOffset + 4 * from * ld,
    ld,
    gain.byteOffset,
    shift.byteOffset,
    y.byteOffset + 4 * from * ld,
    ld,
    statistics.byteOffset + 8 * from,
    to - from,
    units,
  )
}

function kernelBackprop(layer: Layer, { units, gap }: Size, from: number, to: number): void {
  const { z, gain, dy, dz, dgain, dshift, statistics } = layer
  const ld = units + gap
  kernel.layerNormBackprop(
    z.byteOffset + 4 * from * ld,
    ld,
    gain.byteOffset,
    dy.byteOffset + 4 * from * ld,
    ld,
    dz.byteOffset + 4 * from * ld,
    ld,
    dgain.byteOffset,
    dshift.byteOffset,
    statistics.byteOffset + 8 * from,
    to - from,
    units,
  )
}

function reference(layer: Record<keyof Layer, Float64Array>, { rows, units, gap }: Size): void {
  const matrix = (words: Float64Array): Matrix => ({ words, first: 0, step: units + gap })
  const { z, y, dy, dz, gain, shift, dgain, dshift, statistics } = layer
  layerNormForward(matrix(z), gain, shift, matrix(y), statistics, rows, units)
  layerNormBackprop(matrix(z), gain, matrix(dy), matrix(dz), dgain, dshift, statistics, rows, units)
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!)), 0)

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 30 }),
  units: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.constantFrom(128, 257)),
  gap: fc.integer({ min: 0, max: 4 }),
  seed: fc.integer(),
})

// Oracle: PyTorch's autograd in f64 (test/golden/activations.py).
const golden = (
  JSON.parse(readFileSync(new URL('../golden/activations.json', import.meta.url), 'utf8')) as {
    layerNorm: Record<Exclude<keyof Layer, 'statistics'>, number[]>
  }
).layerNorm

describe('layer norm', () => {
  it('is that of PyTorch, in the reference', () => {
    const size = { rows: 3, units: 7, gap: 0, seed: 1 }
    const layer = twin(placeLayer(size))
    for (const name of ['z', 'gain', 'shift', 'dy'] as const) layer[name].set(golden[name])
    layer.dgain.fill(0)
    layer.dshift.fill(0)
    reference(layer, size)
    for (const name of ['y', 'dz', 'dgain', 'dshift'] as const) {
      expect(largest(layer[name], golden[name])).toBeLessThan(1e-13)
    }
  })

  it('agrees with the reference', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const layer = placeLayer(size)
        const expected = twin(layer)
        reference(expected, size)
        kernelForward(layer, size, 0, size.rows)
        kernelBackprop(layer, size, 0, size.rows)
        // Numbers lie in [−1, 1); a row's mean and variance pass through units/4 + 8 roundings. Its variance may be
        // small by chance, so errors grow with the 1 / √variance of the row, cubed in dz: three factors of it.
        const inverse = Math.max(1, ...expected.statistics.filter((_, i) => i % 2 === 1))
        const roundings = gamma(size.units / 4 + 20)
        const bound = roundings * 16 * inverse ** 3
        expect(largest(layer.y, expected.y)).toBeLessThanOrEqual(bound)
        expect(largest(layer.dz, expected.dz)).toBeLessThanOrEqual(bound)
        expect(largest(layer.dgain, expected.dgain)).toBeLessThanOrEqual(bound * (size.rows + 1))
        expect(largest(layer.dshift, expected.dshift)).toBeLessThanOrEqual(
          gamma(size.rows + 1) * (size.rows + 1),
        )
      }),
      { numRuns: process.env.MILLRACE_THOROUGH === '1' ? 3000 : 100 },
    )
  })

  it('leaves the same bits however the rows are cut into calls, and in place', () => {
    const size = { rows: 11, units: 13, gap: 2, seed: 4 }
    const whole = placeLayer(size)
    kernelForward(whole, size, 0, 11)
    kernelBackprop(whole, size, 0, 11)
    const expected = parts.map((name) => Array.from(whole[name]))
    const cut = placeLayer(size)
    for (const [from, to] of [
      [0, 1],
      [1, 6],
      [6, 11],
    ] as const) {
      kernelForward(cut, size, from, to)
      kernelBackprop(cut, size, from, to)
    }
    expect(parts.map((name) => Array.from(cut[name]))).toEqual(expected)
    const expectedSlopes = Float32Array.from(expected[parts.indexOf('dz')]!)
    const inPlace = placeLayer(size)
    kernelForward(inPlace, size, 0, 11)
    kernelBackprop({ ...inPlace, dz: inPlace.dy }, size, 0, 11)
    for (let r = 0; r < 11; r++) {
      const row = (words: Float32Array) => Array.from(words.subarray(r * 15, r * 15 + 13))
      expect(row(inPlace.dy)).toEqual(row(expectedSlopes))
    }
  })
})
