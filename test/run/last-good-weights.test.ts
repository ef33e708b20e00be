/** Which weights are kept. Expected values by hand, from the rule in the doc comment. */
import { describe, expect, it } from 'vitest'
import { LastGoodWeights, stepsBetweenCopies } from '../../src/run/last-good-weights.js'

/** The step (from 1) whose weights are kept after these losses. */
function keptOf(losses: readonly number[], interval: number, firstSteps = 1): number | undefined {
  const good = new LastGoodWeights<number>(() => interval, firstSteps)
  losses.forEach((loss, i) => good.see(loss, () => i + 1))
  return good.kept
}

describe('the last good weights', () => {
  it.each<[string, number[], number, number | undefined]>([
    ['are none before the first interval ends', [3, 2], 3, undefined],
    ['are those at the end of an interval', [3, 2, 1, 1], 3, 3],
    ['are the last of several', [3, 2, 1, 1, 1, 1, 1], 2, 6],
    ['are not those of losses worse than that of the first step', [3, 1, 9, 9, 1, 1], 2, 6],
    ['stay where what follows is worse', [3, 1, 9, 9], 2, 2],
    ['may be as bad as the first', [3, 3], 2, 2],
    ['are never those of a loss that is no number', [3, NaN], 2, undefined],
  ])('%s', (_name, losses, interval, expected) => {
    expect(keptOf(losses, interval)).toBe(expected)
  })

  it('are compared with the mean of the first steps', () => {
    // The first loss alone is 0, the mean of the first two is 2; the intervals have means of 5/3 and 1.
    expect([keptOf([0, 4, 1, 1, 1, 1], 3, 1), keptOf([0, 4, 1, 1, 1, 1], 3, 2)]).toEqual([undefined, 6])
  })

  it('are copied only when they are wanted', () => {
    let copies = 0
    const good = new LastGoodWeights<number>(() => 4)
    for (let i = 0; i < 10; i++) good.see(1, () => ++copies)
    expect(copies).toBe(2)
  })

  it('are copied seldom where they are many', () => {
    expect([1, 16_384, 16_385, 2 ** 20].map(stepsBetweenCopies)).toEqual([256, 256, 257, 16_384])
  })
})
