import { MAXIMUM_PAGES, instantiateKernel, type Kernel } from '../../workers/kernel.js'
import { runError } from '../errors.js'

const PAGE = 65536
/** A cache line: no two regions share one, so threads that write neighbouring regions do not slow each other. */
const ALIGNMENT = 64
/** The kernel may read this far past the bytes it is given. */
export const READ_AHEAD = 64

/** A named range of the shared memory, in bytes. */
export interface Region {
  readonly name: string
  readonly start: number
  readonly bytes: number
}

/** Of --memory: one half is for rows that pass through, the other for rows that stay for later epochs. */
export const SHARE_OF_BLOCKS = 0.5
export const SHARE_OF_CACHE = 0.5

/**
 * The one memory that all threads share, and the map of what lies where.
 *
 * ```
 *  0            kernel constants (written again by every instance, never changed)
 *  heapBase     parse context, column program, tables, powers of ten      written before training, then read-only
 *               parameters, gradient, optimizer state                     main thread; workers read parameters during a step
 *               partial gradients, z, dz, totals of the shards            the thread that computes the shard
 *               scratch, one for each parse task in flight                the worker that runs the task
 *               slots: a header and encoded rows each                     the worker that parses it, then the main thread
 *               held-out rows                                             main thread
 * ```
 *
 * A region is handed over by a message (a task or its answer) or by a claim (task-claims.ts), which orders the writes of one
 * thread before the reads of the other; nothing else synchronises.
 */
export class SharedMemory {
  readonly memory = new WebAssembly.Memory({ initial: 2, maximum: MAXIMUM_PAGES, shared: true })
  readonly kernel: Kernel
  readonly regions: Region[] = []
  #next: number
  #views: Views

  constructor(readonly module: WebAssembly.Module) {
    this.kernel = instantiateKernel(module, this.memory)
    this.#next = this.kernel.heapBase
    this.#views = new Views(this.memory)
  }

  /** Views of the whole memory; ask again after `allocate`, which may have grown it. */
  get views(): Views {
    if (this.#views.u8.length !== this.memory.buffer.byteLength) this.#views = new Views(this.memory)
    return this.#views
  }

  /** Claims zeroed bytes for the rest of the run. */
  allocate(name: string, bytes: number): Region {
    const start = Math.ceil(this.#next / ALIGNMENT) * ALIGNMENT
    const end = start + bytes
    const missing = end + READ_AHEAD - this.memory.buffer.byteLength
    if (missing > 0) this.#grow(Math.ceil(missing / PAGE), name, bytes)
    this.#next = end
    const region = { name, start, bytes }
    this.regions.push(region)
    return region
  }

  #grow(pages: number, name: string, bytes: number): void {
    try {
      this.memory.grow(pages)
    } catch (cause) {
      throw runError(
        'OUT_OF_MEMORY',
        `expected ${bytes} bytes of shared memory for ${name}, but the system gives no more`,
        'lower --memory, --batch-size or --hash-bits',
        {},
        cause,
      )
    }
  }

  f32(region: Region): Float32Array {
    return new Float32Array(this.memory.buffer, region.start, region.bytes / 4)
  }

  f64(region: Region): Float64Array {
    return new Float64Array(this.memory.buffer, region.start, region.bytes / 8)
  }

  u32(region: Region): Uint32Array {
    return new Uint32Array(this.memory.buffer, region.start, region.bytes / 4)
  }

  u8(region: Region): Uint8Array {
    return new Uint8Array(this.memory.buffer, region.start, region.bytes)
  }
}

/** The whole shared memory, seen as each kind of number. */
export class Views {
  readonly u8: Uint8Array
  readonly u32: Uint32Array
  readonly f32: Float32Array
  readonly f64: Float64Array

  constructor(memory: WebAssembly.Memory) {
    this.u8 = new Uint8Array(memory.buffer)
    this.u32 = new Uint32Array(memory.buffer)
    this.f32 = new Float32Array(memory.buffer)
    this.f64 = new Float64Array(memory.buffer)
  }
}
