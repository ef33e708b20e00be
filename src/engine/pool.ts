import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { WorkerMessage, WorkerStart, WorkerTask } from '../../workers/protocol.js'
import { runError } from '../errors.js'

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

/** The worker threads. Only what is in the shared memory and a few numbers pass between them and this thread. */
export class WorkerPool {
  readonly #piscina: Piscina

  constructor(
    readonly workers: number,
    private readonly start: WorkerStart,
  ) {
    this.#piscina = new Piscina({
      filename: fileURLToPath(workerFile('worker')),
      minThreads: workers,
      maxThreads: workers,
      // … and one of gradients.
      concurrentTasksPerWorker: TASKS_A_WORKER + 1,
      recordTiming: false,
      atomics: 'async',
      workerData: start,
    })
    // A failing task rejects its own promise; this event only repeats it, and unheard it would end the process.
    this.#piscina.on('error', () => undefined)
  }

  /** Runs a task on some worker; rejects where the worker throws or dies. */
  async run(task: WorkerTask): Promise<void> {
    try {
      const message: WorkerMessage = { task, memoryBytes: this.start.memory.buffer.byteLength }
      await this.#piscina.run(message)
    } catch (cause) {
      throw workerError(cause)
    }
  }

  async close(): Promise<void> {
    await this.#piscina.destroy()
  }
}

function workerError(cause: unknown): Error {
  // On its way between threads an error loses its code; the message begins with it: `EIO: i/o error, read`.
  if (cause instanceof Error && /^E[A-Z0-9]+: .*, [a-z]+$/.test(cause.message)) {
    return runError(
      'READ_FAILED',
      `the input could not be read: ${cause.message}`,
      'check the file and the disk',
      {},
      cause,
    )
  }
  return cause instanceof Error ? cause : new Error(String(cause))
}
