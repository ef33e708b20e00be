/** How much to measure. */
export interface Settings {
  /** The figures for the README: larger inputs, nothing extrapolated. */
  readonly full: boolean
  /** Times that each contender runs. */
  readonly repeat: number
  /** Multiplies the size of every input; below 1 to try a script out. */
  readonly scale: number
}
