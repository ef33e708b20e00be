import type { Learner } from './engine/learner.js'
import type { SharedMemory } from './engine/memory.js'
import { automaticPlacement, inlinePlacement, poolPlacement, type Placement } from './engine/placement.js'
import type { WorkerPool } from './engine/pool.js'
import { referenceSteps } from './engine/reference-steps.js'
import { kernelSteps } from './engine/steps.js'
import type { Loss } from './loss/index.js'
import type { ResolvedOptions } from './options.js'
import type { Encoding } from './schema/program.js'

/** Where the gradients of a run are computed. Made last, when all memory has been allocated: the steps keep views of it. */
export function choosePlacement(
  { backend, placement, shards, workers }: ResolvedOptions,
  memory: SharedMemory,
  pool: WorkerPool,
  learner: Learner,
  { layout }: Encoding,
  loss: Loss,
): Placement {
  const { plan, shape, scratches } = learner
  if (backend === 'reference') {
    return inlinePlacement(memory, referenceSteps(memory.views, plan, layout, shape, loss), learner, shards)
  }
  const inline = inlinePlacement(memory, kernelSteps(memory.kernel, plan, scratches[0]!), learner, shards)
  if (placement === 'inline') return inline
  const onWorkers = poolPlacement(pool, learner, shards)
  return placement === 'pool' ? onWorkers : automaticPlacement(inline, onWorkers, workers)
}
