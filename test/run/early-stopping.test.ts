/** Which epoch is the best, and when to stop. Every expected value is by hand, from the rule in the doc comment. */
import { describe, expect, it } from 'vitest'
import { EarlyStopping } from '../../src/run/early-stopping.js'

/** Records these losses until it is over; tells how many were recorded and which was the best, counted from 1. */
function after(losses: readonly number[], patience: number, minImprovement = 0) {
  const stopping = new EarlyStopping<number>(patience, minImprovement)
  let recorded = 0
  for (const loss of losses) {
    if (stopping.isOver) break
    recorded++
    stopping.record(recorded, loss, Float32Array.of(recorded))
  }
  return { recorded, best: stopping.best?.epoch, over: stopping.isOver }
}

describe('early stopping', () => {
  it.each<[string, number[], number, number, object]>([
    ['goes on while the loss falls', [3, 2, 1], 1, 0, { recorded: 3, best: 3, over: false }],
    ['stops at the first loss that is no better', [3, 2, 2, 1], 1, 0, { recorded: 3, best: 2, over: true }],
    ['waits as long as it is told', [3, 4, 4, 2, 9, 9, 9, 1], 3, 0, { recorded: 7, best: 4, over: true }],
    ['wants a share of the best loss', [10, 9.5, 8.9, 8.8], 2, 0.1, { recorded: 4, best: 3, over: false }],
    ['counts from the best, not the last', [10, 9.5, 9.05, 8], 2, 0.1, { recorded: 3, best: 1, over: true }],
    ['takes a share of the size of a negative loss', [-10, -10.5, -11.5], 5, 0.1, { recorded: 3, best: 3 }],
    ['takes any number for better than none', [NaN, NaN, 5, NaN], 9, 0, { recorded: 4, best: 3 }],
    ['does not wait for ever for a number', [NaN, NaN, NaN], 2, 0, { recorded: 3, best: 1, over: true }],
  ])('%s', (_name, losses, patience, minImprovement, expected) => {
    expect(after(losses, patience, minImprovement)).toMatchObject(expected)
  })

  it('keeps a copy of the best weights', () => {
    const stopping = new EarlyStopping<string>(2, 0)
    const weights = Float32Array.of(1, 2)
    stopping.record('first', 1, weights)
    weights.fill(9)
    stopping.record('second', 2, weights)
    expect(stopping.best).toEqual({ epoch: 'first', loss: 1, weights: Float32Array.of(1, 2) })
  })
})
