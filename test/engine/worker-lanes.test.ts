import { describe, expect, it } from 'vitest'
import { WorkerLanes } from '../../src/engine/worker-lanes.js'

function lanes(workers: number) {
  const alive = new Set([11, 12, 13, 14])
  return { alive, lanes: new WorkerLanes(workers, (thread) => alive.has(thread)) }
}

describe('the lanes of workers', () => {
  it('are given to threads in the order in which they end a first task', () => {
    const { lanes: two } = lanes(2)
    two.taskEnded(12, 0.5)
    two.taskEnded(11, 0.25)
    two.taskEnded(12, 0.5)
    expect(two.take()).toEqual([
      { worker: 1, state: 'ready', message: undefined },
      { worker: 2, state: 'ready', message: undefined },
    ])
    expect(two.take()).toEqual([])
    expect(two.busySeconds([{ thread: 11, seconds: 2 }])).toEqual([1, 2.25])
  })

  it('go from a thread that has ended to the next new one', () => {
    const { lanes: two, alive } = lanes(2)
    two.taskEnded(11, 1)
    two.taskEnded(12, 1)
    two.take()
    two.failed(11, 'ended with code 9')
    alive.delete(11)
    two.taskEnded(13, 1)
    expect(two.take()).toEqual([
      { worker: 1, state: 'failed', message: 'ended with code 9' },
      { worker: 1, state: 'replaced', message: undefined },
    ])
    expect(two.busySeconds([])).toEqual([2, 1])
  })

  it('stay with a thread that has thrown and lives on', () => {
    const { lanes: one } = lanes(1)
    one.failed(11, 'threw "x"')
    one.taskEnded(11, 1)
    expect(one.take().map(({ state }) => state)).toEqual(['ready', 'failed'])
  })

  it('know nothing of a thread that never began a task', () => {
    const { lanes: one } = lanes(1)
    one.failed(0, 'did not start')
    expect(one.take()).toEqual([{ worker: 0, state: 'failed', message: 'did not start' }])
    expect(one.busySeconds([{ thread: 0, seconds: 5 }])).toEqual([0])
  })
})
