/** log₂ of the steps of an octave (n … 2n) that are taken, once there are more. */
const OCTAVE_SHIFT = 7

/** 2^max(0, ⌊log₂ step⌋ − 7) */
function spacing(step: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(step)) - OCTAVE_SHIFT)
}

/**
 * Chooses steps by their number alone, so that the same ones are chosen in every run, and after every interruption: all of the first
 * 256, then 128 between any power of two and the next, 1800 of the first million.
 */
export class SampledSteps {
  /** The next one; undefined before the first call. */
  #next: number | undefined

  /** Whether this step, the one after that of the last call, is one of them. */
  takes(step: number): boolean {
    if (this.#next !== undefined && step < this.#next) return false
    const every = spacing(step)
    const taken = step % every === 0
    this.#next = taken ? step + every : step - (step % every) + every
    return taken
  }
}
