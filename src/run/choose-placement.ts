import type { Learner } from '../engine/learner.js'
import type { SharedMemory } from '../engine/memory.js'
import { automaticPlacement, inlinePlacement, sharedPlacement, type Placement } from '../engine/placement.js'
import type { WorkerPool } from '../engine/pool.js'
import { referenceSteps } from '../engine/reference-steps.js'
import { kernelSteps, type ShardSteps } from '../engine/steps.js'
import type { Loss } from '../loss/index.js'
import type { ResolvedOptions } from '../options.js'
import type { Encoding } from '../schema/program.js'

/** Where the gradients of a run are computed. Made last, when all memory has been allocated: the steps keep views of it. */
export function choosePlacement(
  { backend, placement, shards, workers }: ResolvedOptions,
  memory: SharedMemory,
  pool: WorkerPool,
  learner: Learner,
  { layout }: Encoding,
  loss: Loss,
): Placement {
  const { plan, shape } = learner
  if (backend === 'reference') {
    const { views } = memory
    return inlinePlacement(memory, () => referenceSteps(views, plan, layout, shape, loss), learner, shards)
  }
  const steps = (scratch: number): ShardSteps => kernelSteps(memory.kernel, plan, scratch)
  const inline = inlinePlacement(memory, steps, learner, shards)
  if (placement === 'inline' || workers === 1) return inline
  // One worker goes on parsing; the main thread takes its place.
  const shared = sharedPlacement(memory, pool, steps, learner, shards, workers - 1)
  return placement === 'pool' ? shared : automaticPlacement(inline, shared)
}
