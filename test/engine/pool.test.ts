import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { compileKernel, WorkerPool } from '../../src/engine/pool.js'

describe('a pool that is closed while its threads start', () => {
  // Node aborts the whole process where a thread is ended while `require` loads an ES module (seen about once in 300).
  it('closes, whatever the threads are doing', async () => {
    const module = compileKernel()
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true })
    let closed = 0
    for (let milliseconds = 0; milliseconds < 60; milliseconds += 1) {
      const pool = new WorkerPool(2, { memory, module })
      await delay(milliseconds)
      await pool.close()
      closed += 1
    }
    expect(closed).toBe(60)
  })
})
