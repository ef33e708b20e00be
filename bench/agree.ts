/** Ends the benchmark where contenders that should agree do not: their times would mean nothing. */
export function mustAgree(what: string, expected: unknown, found: unknown): void {
  if (Object.is(expected, found)) return
  throw new Error(`the contenders disagree on ${what}: expected ${String(expected)}, got ${String(found)}`)
}

/** Ends the benchmark where something does not hold that has to. */
export function mustHold(what: string, holds: boolean): void {
  if (!holds) throw new Error(`this does not hold: ${what}`)
}
