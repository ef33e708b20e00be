import type { GradientTask } from '../../workers/protocol.js'
import type { Learner } from './learner.js'
import type { SharedMemory } from './memory.js'
import type { WorkerPool } from './pool.js'
import { shardsGradient } from './shards.js'
import type { ShardSteps } from './steps.js'

/**
 * Where the shards of a mini-batch are computed. What is computed is the same everywhere: the shards, and the tree
 * that adds them, are fixed.
 */
export interface Placement {
  /** Forward, loss and backprop for all shards, to partial gradients; a promise where workers do it. */
  gradients(): void | Promise<void>
}

/** Measures the seconds that the gradients take, wherever they are computed. */
export class TimedPlacement implements Placement {
  seconds = 0

  constructor(private readonly placement: Placement) {}

  gradients(): void | Promise<void> {
    const started = performance.now()
    const stop = (): void => {
      this.seconds += (performance.now() - started) / 1000
    }
    const done = this.placement.gradients()
    if (done !== undefined) return done.then(stop)
    stop()
  }
}

/** On this thread. */
export function inlinePlacement(
  memory: SharedMemory,
  steps: ShardSteps,
  learner: Learner,
  shards: number,
): Placement {
  const { kernel } = memory
  const { u32 } = memory.views
  const { partials, plan } = learner
  const shardsOfTask = shards / partials.length
  return {
    gradients() {
      for (const [task, partial] of partials.entries()) {
        shardsGradient(kernel, steps, u32, plan, task * shardsOfTask, shardsOfTask, partial)
      }
    },
  }
}

/** On the workers, a subtree of the shards each. */
export function poolPlacement(pool: WorkerPool, learner: Learner, shards: number): Placement {
  const { partials, scratches, plan } = learner
  const shardsOfTask = shards / partials.length
  const tasks = partials.map((partial, task): GradientTask => ({
    kind: 'gradient',
    plan,
    firstShard: task * shardsOfTask,
    shards: shardsOfTask,
    partials: partial,
    scratch: scratches[task]!,
  }))
  return {
    async gradients() {
      await Promise.all(tasks.map((task) => pool.run(task)))
    },
  }
}

const STEPS_TO_MEASURE = 16
/**
 * Milliseconds that a step on the workers costs before anything is computed: they are busy parsing, and a task that
 * comes to each of them waits behind the one it is at, some 2 ms long. (On idle workers it would be two wake-ups, 0.1.)
 */
const WAIT_FOR_WORKERS = 2

/**
 * Begins on this thread and measures; goes on the workers where the median step is so long that sharing it out saves
 * more than it costs to wait for them.
 */
export function automaticPlacement(inline: Placement, pool: Placement, workers: number): Placement {
  const measured: number[] = []
  let chosen: Placement | undefined
  return {
    gradients() {
      if (chosen !== undefined) return chosen.gradients()
      const started = performance.now()
      const done = inline.gradients()
      measured.push(performance.now() - started)
      if (measured.length === STEPS_TO_MEASURE) {
        const median = measured.sort((a, b) => a - b)[STEPS_TO_MEASURE / 2]!
        chosen = median - median / workers > WAIT_FOR_WORKERS ? pool : inline
      }
      return done
    },
  }
}

/** Parts in which workers compute a mini-batch: a power of two, at least one for each worker where there are enough shards. */
export function gradientTasks(shards: number, workers: number): number {
  let tasks = 1
  while (tasks < workers && tasks < shards) tasks *= 2
  return tasks
}
