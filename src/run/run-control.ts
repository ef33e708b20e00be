/**
 * What can be asked of a run while it goes, from outside: to stand still, to go on, to write a checkpoint, to stop. Given to
 * `train` as an option; one control belongs to one run.
 *
 * The run looks at it between two steps. Nothing that is asked for changes a bit of the model.
 */
export class RunControl {
  readonly #stop = new AbortController()
  #paused = false
  #checkpointWanted = false
  #changed: (() => void) | undefined

  /** Whether the run stands still, or will after its step. */
  get isPaused(): boolean {
    return this.#paused
  }

  /** Aborted when the run is to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** Stands still after the step, until `resume`. */
  pause(): void {
    this.#paused = true
    this.#tell()
  }

  /** Goes on. */
  resume(): void {
    this.#paused = false
    this.#tell()
  }

  /** A checkpoint at the next step, also while the run stands still; without a folder for them nothing happens. */
  checkpoint(): void {
    this.#checkpointWanted = true
    this.#tell()
  }

  /** Ends the run as an interruption does: after the step, with a checkpoint where there is a folder for them. */
  stop(): void {
    this.#stop.abort()
    this.#tell()
  }

  /** For the run: whether it has to do something before the next step. */
  get isPending(): boolean {
    return (this.#paused || this.#checkpointWanted) && !this.signal.aborted
  }

  /** For the run: whether a checkpoint was asked for since the last time. */
  takeCheckpointWish(): boolean {
    const wanted = this.#checkpointWanted
    this.#checkpointWanted = false
    return wanted
  }

  /** For the run: resolves when something else is asked for. */
  async changed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#changed = resolve
    })
  }

  #tell(): void {
    this.#changed?.()
    this.#changed = undefined
  }
}
