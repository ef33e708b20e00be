import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises'
import type { GradientTask } from '../../workers/protocol.js'
import { failPoint } from '../fail-points.js'
import type { Learner } from './learner.js'
import type { SharedMemory } from './memory.js'
import type { WorkerPool } from './pool.js'
import { shardsGradient } from './shards.js'
import type { ShardSteps } from './steps.js'
import { claimWords, TaskClaims } from './task-claims.js'

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

/** On this thread. `steps` gives those of a task, which use its scratch. */
export function inlinePlacement(
  memory: SharedMemory,
  steps: (scratch: number) => ShardSteps,
  learner: Learner,
  shards: number,
): Placement {
  const compute = gradientTasks(learner, shards).map((task) => computation(memory, steps, task))
  return {
    gradients() {
      for (const gradient of compute) gradient()
    },
  }
}

/** The number under which this thread claims tasks; those that help it have the next ones. */
const THIS_THREAD = 1
/** Milliseconds for which this thread stands still until the others are done with theirs; then it lets other things happen. */
const STAND_STILL = 4

/**
 * On this thread and `helpers` of the workers: each claims tasks as long as there are any. A worker that is busy parsing
 * comes later, or not at all; nobody waits for it. Where a worker ends over a task, this thread computes it.
 */
export function sharedPlacement(
  memory: SharedMemory,
  pool: WorkerPool,
  steps: (scratch: number) => ShardSteps,
  learner: Learner,
  shards: number,
  helpers: number,
): Placement {
  const tasks = gradientTasks(learner, shards)
  const { start } = memory.allocate('claims of tasks', claimWords(tasks.length) * 4)
  const words = new Int32Array(memory.memory.buffer, start, claimWords(tasks.length))
  const claims = new TaskClaims(words, 0, tasks.length, THIS_THREAD)
  const compute = tasks.map((task) => computation(memory, steps, task))
  const absent = Array.from({ length: helpers }, (_, helper) => THIS_THREAD + 1 + helper)

  let failed: { error: unknown } | undefined
  const invite = async (owner: number): Promise<void> => {
    claims.countHelper(1)
    try {
      const done = await pool.help({ kind: 'share', tasks, claims: start, owner })
      if (!done) leave(owner)
    } catch (error) {
      leave(owner)
      failed = { error }
    }
    absent.push(owner)
  }
  /** For a thread that has ended, or thrown. */
  const leave = (owner: number): void => {
    claims.countHelper(-1)
    claims.release(owner)
  }
  const help = (): void => {
    for (let task = claims.claim(); task >= 0; task = claims.claim()) {
      compute[task]!()
      claims.finish(task)
    }
  }
  const waitForOthers = async (): Promise<void> => {
    do {
      await delay(1)
      if (failed !== undefined) throw failed.error
      help()
    } while (!claims.allDone(STAND_STILL))
  }
  return {
    gradients() {
      if (failed !== undefined) throw failed.error
      claims.publish()
      for (const owner of absent.splice(0)) void invite(owner)
      help()
      if (!claims.allDone(STAND_STILL)) return waitForOthers()
      // Those who left can be asked again when this thread has heard of it.
      return claims.helpers < helpers ? immediate() : undefined
    },
  }
}

const STEPS_TO_MEASURE = 16
/** Milliseconds that a step takes where sharing it out saves more than it costs to tell the others. */
const WORTH_SHARING = 0.3

/** Begins on this thread and measures; goes on with the others where the median step is long enough. */
export function automaticPlacement(inline: Placement, shared: Placement): Placement {
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
        chosen = median > WORTH_SHARING ? shared : inline
      }
      return done
    },
  }
}

/** The tasks of a mini-batch: aligned subtrees of the shards, of equal size. */
function gradientTasks({ partials, scratches, plan }: Learner, shards: number): GradientTask[] {
  const shardsOfTask = shards / partials.length
  return partials.map((partial, task) => ({
    plan,
    firstShard: task * shardsOfTask,
    shards: shardsOfTask,
    partials: partial,
    scratch: scratches[task]!,
  }))
}

function computation(
  { kernel, views: { u32 } }: SharedMemory,
  steps: (scratch: number) => ShardSteps,
  { plan, scratch, firstShard, shards, partials }: GradientTask,
): () => void {
  const own = steps(scratch)
  return () => {
    failPoint('before gradient')
    shardsGradient(kernel, own, u32, plan, firstShard, shards, partials)
    failPoint('after gradient')
  }
}

/** Tasks for each thread, so that one that comes late leaves the others something to do, and none waits long for the last. */
const TASKS_A_THREAD = 2

/** Parts in which threads compute a mini-batch: a power of two, where there are enough shards. */
export function taskCount(shards: number, threads: number): number {
  let tasks = 1
  while (tasks < threads * TASKS_A_THREAD && tasks < shards && threads > 1) tasks *= 2
  return tasks
}
