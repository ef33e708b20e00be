import type { WorkerPool } from './engine/pool.js'
import type { WarningEvent } from './events.js'

/** Failures that are told one by one; a machine that goes on like this would say nothing else. */
const TOLD = 3

/** Tells of failed workers, whose work has been or will be done again; of the first few. */
export function workerWarnings(pool: Pick<WorkerPool, 'takeFailures'>): () => WarningEvent[] {
  let told = 0
  return () => {
    const warnings = pool
      .takeFailures()
      .slice(0, TOLD - told)
      .map(({ how }): WarningEvent => {
        const more = ++told === TOLD ? '; if there are more, they are not told' : ''
        return {
          type: 'warning',
          message: `a worker ${how}; its work is done again, and the model is the same${more}`,
        }
      })
    return warnings
  }
}
