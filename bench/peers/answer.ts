/** What a question found: kept in results.json, from which the report is written. */

export interface Table {
  readonly title?: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A figure with the bound that the project set for it. */
export interface Claim {
  readonly what: string
  /** Undefined where it was not measured. */
  readonly value?: number
  /** Why it does not count, whatever the value: what was compared did not reach the agreed loss, or was not run. */
  readonly void?: string
  readonly atLeast?: number
  readonly atMost?: number
  /** What a profile says of it: what stands in the way, and what it would take. Told where the bound is not held. */
  readonly inTheWay?: string
}

export interface Bar {
  readonly name: string
  readonly value: number
}

export interface Chart {
  readonly title: string
  readonly unit: string
  readonly bars: readonly Bar[]
  /** Whether the shortest comes first, which is the default, or they stay in their order. */
  readonly sorted?: boolean
}

export interface Answer {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly tables: readonly Table[]
  readonly claims: readonly Claim[]
  readonly notes: readonly string[]
  readonly chart?: Chart
  readonly versions: Readonly<Record<string, string>>
}

export interface Settings {
  readonly repeat: number
  /** Multiplies the size of every input; below 1 to try a script out. */
  readonly scale: number
  /** 10^8 rows too. */
  readonly full: boolean
  /** A folder for what a run leaves. */
  readonly folder: string
}

/** A question of a folder of questions/. */
export interface Question {
  readonly id: string
  answer(settings: Settings): Promise<Answer>
}

/** `held`, `not held`, or why neither can be said; nothing where there is no bound. */
export function verdict({ value, void: reason, atLeast, atMost }: Claim): string {
  if (atLeast === undefined && atMost === undefined) return ''
  if (value === undefined || reason !== undefined) return reason ?? 'not measured'
  return value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity) ? 'held' : 'not held'
}
