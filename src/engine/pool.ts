import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { ParseTask, ShareTask, WorkerMessage, WorkerStart, WorkerTask } from '../../workers/protocol.js'
import { Credits } from './credits.js'
import { HangWatch, type Watched } from './hang-watch.js'
import { Pulse, pulseMemory } from './pulse.js'
import { WorkerLanes, type WorkerNews } from './worker-lanes.js'
import {
  kernelTrapped,
  readError,
  workerFailure,
  workersFailed,
  type WorkerFailure,
} from './worker-failure.js'

/** Where the compiled workers lie, seen from here: compiled, bundled into the command line, or run from source. */
const places = [
  { folder: '../../workers/', worker: 'worker.bundle.cjs' },
  { folder: '../workers/', worker: 'command-worker.bundle.cjs' },
  { folder: '../../dist/workers/', worker: 'worker.bundle.cjs' },
]
const place = places.find(({ folder }) => existsSync(new URL(`${folder}kernel.wasm`, import.meta.url)))

function workerFile(name: 'worker' | 'kernel'): URL {
  if (place === undefined) throw new Error('millrace is not built: run npm run build')
  return new URL(place.folder + (name === 'worker' ? place.worker : 'kernel.wasm'), import.meta.url)
}

export function compileKernel(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(workerFile('kernel')))
}

/** Tasks each worker may hold: one running and two waiting, so that it need not wait while the main thread trains. */
export const TASKS_A_WORKER = 3

/** Tasks that may be in flight or wait for a thread: those of the rows to train on, and of those to score. */
const TASKS_AT_ONCE = 4

/** What a thread's own heap may grow to, in megabytes: the data is in the shared memory, and here are messages of a few numbers. */
const HEAP_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }

interface TaskInFlight extends Watched {
  /** Why the thread that has it is ended. */
  hung: Error | undefined
}

/**
 * The worker threads. Only what is in the shared memory and a few numbers pass between them and this thread.
 *
 * A thread that ends, or is ended because it hangs, is replaced; its tasks are given to the others. They are sent again only
 * when the thread is no more (Piscina rejects them when it hears of its exit), so that nobody writes where it did. A task leaves
 * in the shared memory what it left there before, or would have: workers/worker.ts.
 */
export class WorkerPool {
  readonly #inFlight = new Set<TaskInFlight>()
  readonly #watch: HangWatch
  readonly #pulses: SharedArrayBuffer
  /** Numbers of the pulses that no task has. */
  readonly #free: Credits<number>
  readonly #lanes: WorkerLanes
  readonly #piscina: Piscina
  #inARow = 0
  #closed = false

  /** `maxFailures`: so many in a row, or of one task, end the run. */
  constructor(
    readonly workers: number,
    private readonly start: Omit<WorkerStart, 'pulses'>,
    private readonly maxFailures = 1,
  ) {
    const pulses = workers * (TASKS_A_WORKER + 1) * TASKS_AT_ONCE
    this.#pulses = pulseMemory(pulses)
    this.#lanes = new WorkerLanes(workers, (thread) =>
      this.#piscina.threads.some(({ threadId }) => threadId === thread),
    )
    this.#free = new Credits(Array.from({ length: pulses }, (_, pulse) => pulse))
    this.#watch = new HangWatch(this.#inFlight, (task, seconds) => this.#end(task as TaskInFlight, seconds))
    this.#piscina = new Piscina({
      filename: fileURLToPath(workerFile('worker')),
      minThreads: workers,
      maxThreads: workers,
      // … and one of gradients.
      concurrentTasksPerWorker: TASKS_A_WORKER + 1,
      recordTiming: false,
      atomics: 'async',
      resourceLimits: HEAP_LIMITS,
      workerData: { ...start, pulses: this.#pulses },
    })
    // A failing task rejects its own promise; this event only repeats it, and unheard it would end the process.
    this.#piscina.on('error', () => undefined)
    // Piscina replaces no thread that failed while it was loading; what waits for one is told when none is left.
    this.#piscina.on('workerDestroy', () => {
      queueMicrotask(() => {
        if (!this.#closed && this.#piscina.threads.length === 0) void this.#piscina.destroy()
      })
    })
  }

  /**
   * Parses on some worker, and goes on with another from the slot at which one fails. Throws where the input cannot be read,
   * where the kernel traps twice over a slot, and after too many failures.
   */
  async parse(task: ParseTask): Promise<void> {
    let failures = 0
    for (let first = 0; first < task.slots.length;) {
      const failure = await this.#try({ ...task, slots: task.slots.slice(first) }, failures + 1)
      if (failure === undefined) return
      // The pulse has beaten when a slot was begun: those before it are parsed.
      const parsed = Math.max(0, failure.beats - 1)
      first += parsed
      failures = parsed > 0 ? 1 : failures + 1
      if (failure.isTrap && failures > 1) throw kernelTrapped(failure)
    }
  }

  /** Resolves when some worker has loaded. */
  async ready(): Promise<void> {
    for (let failures = 1; (await this.#try({ kind: 'ready' }, failures)) !== undefined;) failures++
  }

  /** The same for a task that this thread does itself where it fails: true where it was done. Throws after too many failures. */
  async help(task: ShareTask): Promise<boolean> {
    return (await this.#try(task, 1)) === undefined
  }

  /** What became of the workers since the last time that somebody asked. */
  takeNews(): readonly WorkerNews[] {
    return this.#lanes.take()
  }

  /** Seconds that each worker has been at work. */
  busySeconds(): number[] {
    return this.#lanes.busySeconds(
      Array.from(this.#inFlight, ({ pulse }) => ({ thread: pulse.lastThread, seconds: pulse.busySeconds })),
    )
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watch.close()
    await this.#piscina.destroy()
  }

  /** Sends the task until a worker has begun it; undefined where it was done, or how it failed for the `nth` time. */
  async #try(task: WorkerTask, nth: number): Promise<WorkerFailure | undefined> {
    const number = await this.#free.take()
    const pulse = new Pulse(this.#pulses, number)
    try {
      for (;;) {
        pulse.clear()
        const sent: TaskInFlight = { pulse, thread: 0, beats: 0, still: 0, hung: undefined }
        const error = await this.#send(task, number, sent)
        if (error === undefined) {
          this.#inARow = 0
          this.#watch.taskDone(sent)
          return undefined
        }
        if (this.#closed) throw error.cause
        // The thread ended over another of its tasks.
        if (!pulse.hasBegun && isThreadsEnd(error.cause)) continue
        const unreadable = readError(error.cause)
        if (unreadable !== undefined) throw unreadable
        const slots = task.kind === 'parse' ? task.slots : []
        const failure = workerFailure(sent.hung ?? error.cause, pulse, slots)
        this.#lanes.failed(pulse.lastThread, failure.how)
        return this.#failed(failure, nth)
      }
    } finally {
      this.#free.give(number)
    }
  }

  /** Undefined where the task is done, even where its thread ended before it could say so. */
  async #send(task: WorkerTask, pulse: number, sent: TaskInFlight): Promise<{ cause: unknown } | undefined> {
    const message: WorkerMessage = { task, pulse, memoryBytes: this.start.memory.buffer.byteLength }
    this.#inFlight.add(sent)
    try {
      await this.#piscina.run(message)
      return undefined
    } catch (cause) {
      return sent.pulse.isDone ? undefined : { cause }
    } finally {
      this.#inFlight.delete(sent)
      this.#lanes.taskEnded(sent.pulse.lastThread, sent.pulse.busySeconds)
    }
  }

  /** What a worker did before it failed is a success in between. */
  #failed(failure: WorkerFailure, nth: number): WorkerFailure {
    this.#inARow = failure.beats > 1 ? 1 : this.#inARow + 1
    const failures = failure.beats > 1 ? 1 : Math.max(this.#inARow, nth)
    if (failures >= this.maxFailures) throw workersFailed(failures, failure)
    return failure
  }

  /** Ends a thread that hangs, wherever it is: in the kernel, or asleep. */
  #end(task: TaskInFlight, seconds: number): void {
    task.hung ??= new Error(`no answer for ${seconds.toFixed(1)} s`)
    const thread = this.#piscina.threads.find(({ threadId }) => threadId === task.thread)
    void thread?.terminate()
  }
}

/** As Piscina and Node tell it. */
function isThreadsEnd(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  const { code } = cause as NodeJS.ErrnoException
  return cause.message.startsWith('worker exited with code') || code === 'ERR_WORKER_OUT_OF_MEMORY'
}
