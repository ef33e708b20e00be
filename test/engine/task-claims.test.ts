import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimWords, TaskClaims } from '../../src/engine/task-claims.js'

const TASKS = 4
const MAIN = 1
const HELPER = 2

/** The claims of one mini-batch, as the main thread and one helper see them. */
function board(): { main: TaskClaims; helper: TaskClaims } {
  const words = new Int32Array(new SharedArrayBuffer(claimWords(TASKS) * 4))
  const seenBy = (owner: number): TaskClaims => new TaskClaims(words, 0, TASKS, owner)
  return { main: seenBy(MAIN), helper: seenBy(HELPER) }
}

describe('TaskClaims', () => {
  it('gives each task once, whoever asks, in any order of asking', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (asksMain) => {
        const { main, helper } = board()
        main.publish()
        const given = asksMain.map((isMain) => (isMain ? main : helper).claim())
        expect(given).toEqual([0, 1, 2, 3, -1, -1, -1, -1])
      }),
    )
  })

  it('frees its tasks with every turn, and not before', () => {
    const { main, helper } = board()
    main.publish()
    for (let i = 0; i < TASKS; i++) main.finish(main.claim())
    expect(helper.claim()).toBe(-1)
    main.publish()
    expect(helper.claim()).toBe(0)
  })

  it('is all done when every task is, not when every task is claimed', () => {
    const { main, helper } = board()
    main.publish()
    const tasks = [main.claim(), helper.claim(), main.claim(), helper.claim()]
    for (const task of tasks.slice(1)) main.finish(task)
    expect(main.allDone(0)).toBe(false)
    helper.finish(tasks[0]!)
    expect(main.allDone(0)).toBe(true)
  })

  it('takes back what a thread that ended had claimed, and nothing else', () => {
    const { main, helper } = board()
    main.publish()
    main.claim()
    const lost = helper.claim()
    helper.finish(helper.claim())
    main.claim()
    expect(main.claim()).toBe(-1)
    main.release(HELPER)
    expect(main.claim()).toBe(lost)
    expect(main.claim()).toBe(-1)
  })

  it('tells those who wait when the next turn has come', () => {
    const { main, helper } = board()
    main.publish()
    const { turn } = helper
    expect(helper.nextTurn(turn, 1)).toBeUndefined()
    main.publish()
    expect(helper.nextTurn(turn, 1)).toBe(main.turn)
  })
})
