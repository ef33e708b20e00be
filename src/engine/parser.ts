import { Parts, Slot } from '../../workers/layout.js'
import type { ParseTask, ScoringPlan } from '../../workers/protocol.js'
import { READ_AHEAD, type SharedMemory } from './memory.js'
import { TASKS_A_WORKER, type WorkerPool } from './pool.js'
import { scoringRoom } from './score-block.js'
import type { ParseSlot } from './slots.js'
import { WorkerFailure } from './worker-failure.js'

/** Bytes that a task should hold, so that handing it over costs little beside the work. */
const TASK_BYTES = 4 << 20

interface Scratch {
  bytes: number
  result: number
  scoring: number
}

interface Waiting {
  slot: ParseSlot
  resolve: () => void
  reject: (error: unknown) => void
}

/**
 * Hands slots to the workers, several a task, at most TASKS_A_WORKER tasks a worker. Which worker parses a block, in
 * which company and when has no influence on what it leaves in the slot.
 */
export class BlockParser {
  readonly #waiting: Waiting[] = []
  /** One scratch for every task in flight; taking one is the credit to send a task. */
  readonly #scratches: Scratch[] = []
  readonly #workers: number
  #scheduled = false

  constructor(
    memory: SharedMemory,
    private readonly pool: WorkerPool,
    private readonly blockBytes: number,
    /** What becomes of the rows. Default: nothing. */
    private readonly scoring?: ScoringPlan,
  ) {
    const scoringBytes = scoring === undefined ? 0 : scoringRoom(scoring).end
    this.#workers = pool.workers
    for (let i = 0; i < pool.workers * TASKS_A_WORKER; i++) {
      this.#scratches.push({
        bytes: memory.allocate('parse scratch', (blockBytes + READ_AHEAD) * 2 + Parts.Room).start,
        result: memory.allocate('spare parse result', Slot.SIZE - Slot.Result).start,
        scoring: memory.allocate('scoring scratch', scoringBytes).start,
      })
    }
  }

  /** Resolves when the slot's request (ParseSlot.ask) has been parsed, and scored as far as there is room for what is left of it. */
  parse(slot: ParseSlot): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ slot, resolve, reject })
      if (this.#scheduled) return
      // All requests of this turn of the event loop are dealt out together.
      this.#scheduled = true
      queueMicrotask(() => {
        this.#scheduled = false
        this.#send()
      })
    })
  }

  #send(): void {
    const most = Math.max(1, Math.floor(TASK_BYTES / this.blockBytes))
    while (this.#waiting.length > 0 && this.#scratches.length > 0) {
      // While every worker has something to do, a small task waits for company.
      const idle = this.#scratches.length > this.#workers * (TASKS_A_WORKER - 1)
      if (this.#waiting.length < most && !idle) return
      const fair = Math.ceil(this.#waiting.length / this.#scratches.length)
      void this.#run(this.#waiting.splice(0, Math.min(most, fair)))
    }
  }

  async #run(blocks: readonly Waiting[]): Promise<void> {
    const scratch = this.#scratches.pop()!
    const task: ParseTask = {
      kind: 'parse',
      scratch: scratch.bytes,
      spareResult: scratch.result,
      scratchBytes: this.blockBytes + READ_AHEAD,
      scoring: this.scoring === undefined ? undefined : { plan: this.scoring, scratch: scratch.scoring },
      slots: blocks.map(({ slot }) => slot.address),
    }
    try {
      await this.pool.parse(task)
      for (const { resolve } of blocks) resolve()
    } catch (error) {
      // The block that the worker was at is first to say so: the run ends with its place.
      for (const { reject } of [failedOf(blocks, error), ...blocks]) reject(error)
    }
    this.#scratches.push(scratch)
    this.#send()
  }
}

function failedOf(blocks: readonly Waiting[], error: unknown): Waiting {
  const failure = error instanceof Error && error.cause instanceof WorkerFailure ? error.cause : undefined
  return blocks.find(({ slot }) => slot.address === failure?.slot) ?? blocks[0]!
}
