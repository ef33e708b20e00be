/** 128 steps between any power of two and the next: what a curve shows. */
export const FOR_CURVES = 7
/** 2048 of them: what a file keeps. */
export const FOR_RECORDS = 11

/**
 * Chooses steps by their number alone, so that the same ones are chosen in every run, and after every interruption: those that are a multiple of
 * 2^max(0, ⌊log₂ step⌋ − octave). With 7 these are all of the first 256, then 128 between any power of two and the next, 1800 of
 * the first million; with 11 all of the first 4096, then 2048, 20,000 of the first million.
 */
export class SampledSteps {
  /** The next one; undefined before the first call. */
  #next: number | undefined

  /** `octave`: log₂ of the steps between a power of two and the next that are taken, once there are more. */
  constructor(private readonly octave: number) {}

  /** Whether this step, the one after that of the last call, is one of them. */
  takes(step: number): boolean {
    if (this.#next !== undefined && step < this.#next) return false
    const every = 2 ** Math.max(0, Math.floor(Math.log2(step)) - this.octave)
    const taken = step % every === 0
    this.#next = taken ? step + every : step - (step % every) + every
    return taken
  }
}
