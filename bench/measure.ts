/** Something that can be run again and again; it returns what it measured. */
export interface Runner<Measured> {
  readonly name: string
  run(): Measured | Promise<Measured>
}

/**
 * Runs all contenders `repeat` times, in turns, so that a slow minute of the machine slows all of them. Each round
 * starts one further, so that nobody always comes after the same neighbour.
 */
export async function alternate<Measured>(
  runners: readonly Runner<Measured>[],
  repeat: number,
): Promise<Map<string, Measured[]>> {
  const measured = new Map<string, Measured[]>(runners.map(({ name }) => [name, []]))
  for (let round = 0; round < repeat; round++) {
    for (let turn = 0; turn < runners.length; turn++) {
      const { name, run } = runners[(round + turn) % runners.length]!
      measured.get(name)!.push(await run())
    }
  }
  return measured
}

/** The middle of several measurements, and how far they lie apart. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Median (the mean of the middle two where their number is even), least and most. */
export function spread(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b)
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  if (upper === undefined || lower === undefined)
    throw new Error('expected at least one measurement, got none')
  return { median: (lower + upper) / 2, least: sorted[0]!, most: sorted.at(-1)! }
}

/** Seconds of one call: the mean over as many calls as take at least `atLeast` seconds together. */
export async function secondsOf(call: () => unknown, atLeast: number): Promise<number> {
  const started = performance.now()
  let calls = 0
  let seconds = 0
  while (seconds < atLeast) {
    await call()
    calls++
    seconds = (performance.now() - started) / 1000
  }
  return seconds / calls
}
