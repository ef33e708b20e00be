import type { MillraceError } from '../errors.js'
import type { CheckpointEvent } from '../events.js'
import type { CheckpointInterval } from '../options.js'
import type { Run } from '../run/run.js'
import { encodeCheckpoint, seal } from './checkpoint-bytes.js'
import type { CheckpointFolder } from './checkpoint-folder.js'
import type { RunIdentity } from './identity.js'
import { stateOf } from './run-state.js'

/**
 * Writes the state of a run now and then. The state is copied between two steps; the copy is summed and written by threads of
 * the system's while training goes on. One is written at a time.
 */
export class Checkpoints {
  #writing: Promise<unknown> | undefined
  #failure: MillraceError | undefined
  #begun = false
  #news: CheckpointEvent[] = []
  #steps = 0
  #lastAt: number

  /** `now` gives seconds, on a clock that never goes back. */
  constructor(
    private readonly folder: CheckpointFolder,
    private readonly identity: RunIdentity,
    private readonly interval: CheckpointInterval,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.#lastAt = now()
  }

  /** Checkpoints that have been written and not been told of. */
  take(): readonly CheckpointEvent[] {
    return this.#news.splice(0)
  }

  /**
   * To be called after each step: begins to write where it is time. Where the one before is not written yet, a number of steps
   * is kept by waiting for it, which the promise is for; a time is not. Throws where one could not be written.
   */
  stepDone(run: Run): void | Promise<void> {
    this.#steps++
    if (this.#failure !== undefined) throw this.#failure
    if (!this.#isDue()) return
    if (this.#writing === undefined) this.#begin(run, true)
    else if ('steps' in this.interval) return this.#writing.then(() => this.#begin(run, true))
  }

  /** Writes the state as it is now (stateOf); resolves when it is on the disk. */
  async write(run: Run, stepJustDone = false): Promise<void> {
    await this.settled()
    this.#begin(run, stepJustDone)
    await this.settled()
  }

  /** Says of a run whose checkpoints are there, or begun, that it has ended; a run shorter than the interval leaves none. */
  async writeLast(run: Run): Promise<void> {
    if (this.#begun || run.resumption !== undefined) await this.write(run)
  }

  /** Resolves when what has been begun is written; rejects where it could not be. */
  async settled(): Promise<void> {
    await this.#writing
    if (this.#failure !== undefined) throw this.#failure
  }

  /** The same for a run that is closed: what it failed of is told, and nothing else. */
  async close(): Promise<void> {
    await this.#writing
  }

  #isDue(): boolean {
    const { interval } = this
    if ('steps' in interval) return this.#steps >= interval.steps
    return this.now() - this.#lastAt >= interval.seconds
  }

  #begin(run: Run, stepJustDone: boolean): void {
    this.#begun = true
    this.#steps = 0
    this.#lastAt = this.now()
    this.#writing = this.#write(run, stepJustDone)
      .catch((error: unknown) => {
        this.#failure = error as MillraceError
      })
      .finally(() => {
        this.#writing = undefined
      })
  }

  async #write(run: Run, stepJustDone: boolean): Promise<void> {
    const begun = this.now()
    // At once: the vectors change with the next step.
    const state = stateOf(run, this.identity, stepJustDone)
    const bytes = encodeCheckpoint(state)
    const { step, epoch } = state.position
    await seal(bytes)
    const path = await this.folder.write(step, bytes)
    const seconds = this.now() - begun
    this.#news.push({ type: 'checkpoint', path, step, epoch, bytes: bytes.length, seconds })
  }
}
