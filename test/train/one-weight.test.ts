/**
 * The seed of it all: one weight, one bias, row by row. The whole pipeline must do what this loop of ten lines does:
 *
 *     ŷ = x·w + b     loss = (ŷ − y)²     dw = 2x(ŷ − y)     db = 2(ŷ − y)     w −= 0.01·dw     b −= 0.01·db
 */
import { lastValueFrom, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { linearShape } from '../../src/model/linear.js'
import { rowLayout } from '../../src/step/rows.js'
import type { TrainOptions } from '../../src/options.js'
import { train } from '../../src/train.js'
import { scattered, temporaryFolder } from './files.js'

interface Point {
  w: number
  b: number
  loss: number
}

const ROWS = 1000
/** Fractions of a power of two, so that x and y are the same in f32 and f64; |x| ≤ 1 and |y| ≤ 8. */
const rows = Array.from({ length: ROWS }, (_, i) => {
  const x = Math.floor(scattered(i) * 128) / 64 - 1
  const noise = Math.floor(scattered(i, 0.7548776662) * 64) / 64 - 0.5
  return { x, y: 3 * x - 2 + noise }
})

/** The loop, in f64. */
function trajectory(): Point[] {
  let w = 0
  let b = 0
  return rows.map(({ x, y }) => {
    const predicted = x * w + b
    const loss = (predicted - y) ** 2
    const dw = 2 * x * (predicted - y)
    const db = 2 * (predicted - y)
    w -= 0.01 * dw
    b -= 0.01 * db
    return { w, b, loss }
  })
}

/**
 * Let u = 2^−24, half the distance between neighbouring f32 at 1. |x| ≤ 1, and |w|, |b| ≤ 4, |y| ≤ 8 (checked below).
 * In one step, rounding adds to w (and to b) at most
 *
 *     4u                      w − change, rounded
 *     0.01 · 2 · 3 · 8u       ŷ − y: product, sum and difference are rounded, each at most 8 in size; times 2x
 *     3 · 0.01 · 2 · 12u      the gradient, times 1 / weight, times the learning rate: each rounded, |ŷ − y| ≤ 12
 *
 * which is below 5.3u for each, 7.5u for the pair as a vector. The step itself does not enlarge what is there already:
 * it is (w, b) → (I − 0.02·(x, 1)(x, 1)ᵀ)(w, b) + …, whose eigenvalues are 1 and 1 − 0.02(x² + 1), all in [0.96, 1].
 * So after 1,000 steps w and b are off by at most 7,500u.
 */
const PARAMETER_TOLERANCE = 7500 * 2 ** -24
/**
 * An error of e in w and in b is one of 2e in ŷ at most, and of 2·|ŷ − y|·2e in the loss; its own roundings
 * (24u in ŷ − y, twice that times |ŷ − y|) are far below.
 */
const LOSS_TOLERANCE = 2 * 12 * (2 * PARAMETER_TOLERANCE + 24 * 2 ** -24)

const { write } = temporaryFolder()
const input = write('line.csv', `x,y\n${rows.map(({ x, y }) => `${x},${y}`).join('\n')}\n`)

async function trained(options: Partial<TrainOptions>): Promise<Point[]> {
  const { bias } = linearShape(rowLayout(1, 0), 1, 0)
  const points: Point[] = []
  const plain = {
    batchSize: 1,
    optimizer: 'sgd',
    schedule: 'constant',
    learningRate: 0.01,
    standardize: false,
    shuffle: false,
  } as const
  const events = train({
    input,
    target: 'y',
    ...plain,
    epochs: 1,
    workers: 1,
    placement: 'inline',
    ...options,
  })
  await lastValueFrom(
    events.pipe(
      tap((event) => {
        if (event.type !== 'step') return
        points.push({ w: event.parameters[0]!, b: event.parameters[bias]!, loss: event.loss })
      }),
    ),
  )
  return points
}

describe('one weight, one bias, row by row', () => {
  const expected = trajectory()

  it('stays within the sizes from which the tolerance is derived, and learns', () => {
    expect(Math.max(...rows.map(({ x }) => Math.abs(x)))).toBeLessThanOrEqual(1)
    expect(Math.max(...rows.map(({ y }) => Math.abs(y)))).toBeLessThanOrEqual(8)
    for (const { w, b } of expected) expect(Math.max(Math.abs(w), Math.abs(b))).toBeLessThanOrEqual(4)
    // The rows lie around y = 3x − 2 with noise of at most ½, whose mean is 0.
    expect(expected.at(-1)!.w).toBeGreaterThan(2.5)
    expect(expected.at(-1)!.b).toBeLessThan(-1.5)
  })

  it.each<[string, Partial<TrainOptions>]>([
    ['on this thread', {}],
    ['on a worker', { placement: 'pool' }],
    ['in blocks of a few rows', { blockBytes: 64 }],
    ['by the reference', { backend: 'reference' }],
  ])('the pipeline follows the loop: %s', async (_name, options) => {
    const points = await trained(options)
    expect(points).toHaveLength(ROWS)
    const worst = { w: 0, b: 0, loss: 0 }
    for (const [i, { w, b, loss }] of expected.entries()) {
      worst.w = Math.max(worst.w, Math.abs(points[i]!.w - w))
      worst.b = Math.max(worst.b, Math.abs(points[i]!.b - b))
      worst.loss = Math.max(worst.loss, Math.abs(points[i]!.loss - loss))
    }
    expect(worst.w).toBeLessThanOrEqual(PARAMETER_TOLERANCE)
    expect(worst.b).toBeLessThanOrEqual(PARAMETER_TOLERANCE)
    expect(worst.loss).toBeLessThanOrEqual(LOSS_TOLERANCE)
    // Not the loop itself: f32 leaves its mark.
    expect(worst.w).toBeGreaterThan(0)
  })
})
