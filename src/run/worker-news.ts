import type { WorkerPool } from '../engine/pool.js'
import type { WorkerEvent } from '../events.js'

/** What became of the workers; the work of one that failed has been or will be done again. */
export function workerNews(pool: Pick<WorkerPool, 'takeNews'>): readonly WorkerEvent[] {
  const news = pool.takeNews()
  if (news.length === 0) return NOTHING
  return news.map(({ worker, state, message }) => ({
    type: 'worker',
    worker,
    state,
    message: message && `a worker ${message}; its work is done again, and the model is the same`,
  }))
}

const NOTHING: readonly WorkerEvent[] = []
