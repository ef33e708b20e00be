import { usageError } from '../errors.js'
import type { ColumnPair } from './schema.js'
import { nearest } from '../suggest.js'

/** The options that say which column plays which role. */
export interface RoleOptions {
  target: string
  features: readonly string[] | undefined
  ignore: readonly string[]
  numeric: readonly string[]
  categorical: readonly string[]
  dates: readonly string[]
  interactions: readonly ColumnPair[]
  weight: string | undefined
}

export type ColumnRole = 'target' | 'weight' | 'ignored' | 'numeric' | 'categorical' | 'date' | 'feature'

/** The role of every column, in file order; a `feature` may turn out numeric or categorical. */
export type ColumnRoles = readonly ColumnRole[]

/** Gives every column its role. Throws a usage error that names the nearest column where an option names none. */
export function columnRoles(names: readonly string[], options: RoleOptions): ColumnRoles {
  const { target, features, ignore, numeric, categorical, dates, interactions, weight } = options
  checkNames(names, 'target', [target])
  checkNames(names, 'features', features ?? [])
  checkNames(names, 'ignore', ignore)
  checkNames(names, 'numeric', numeric)
  checkNames(names, 'categorical', categorical)
  checkNames(names, 'dates', dates)
  checkNames(names, 'interactions', interactions.flat())
  checkNames(names, 'weight', weight === undefined ? [] : [weight])
  return names.map((name) => {
    if (name === target) return 'target'
    if (name === weight) return 'weight'
    if (ignore.includes(name)) return 'ignored'
    if (numeric.includes(name)) return 'numeric'
    if (categorical.includes(name)) return 'categorical'
    if (dates.includes(name)) return 'date'
    return features === undefined || features.includes(name) ? 'feature' : 'ignored'
  })
}

function checkNames(names: readonly string[], option: string, given: readonly string[]): void {
  for (const name of given) {
    if (names.includes(name)) continue
    const near = looksLikeData(names) ? undefined : nearest(name, names)
    const hint = near === undefined ? columnsHint(names) : `did you mean ${JSON.stringify(near)}?`
    throw usageError('UNKNOWN_COLUMN', `--${option}: there is no column ${JSON.stringify(name)}`, hint)
  }
}

function columnsHint(names: readonly string[]): string {
  if (names.length === 1) {
    return `the only column is ${JSON.stringify(names[0])}; what separates the columns? See --delimiter`
  }
  const hint = looksLikeData(names) ? '; is this a row? --no-header names the columns c0, c1, …' : ''
  return `the columns are ${names.slice(0, 20).join(', ')}${hint}`
}

/** Whether a row stands where the header should: all its fields are numbers. */
function looksLikeData(names: readonly string[]): boolean {
  return names.every((name) => name.trim() !== '' && Number.isFinite(Number(name)))
}

/**
 * Column names as they are used: an empty one becomes c<index>, a second "a" becomes a_2. A name that is written in the
 * header keeps its first column: an empty name next to a "c1" gets another.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names)
  const met = new Set<string>()
  const next = new Map<string, number>()
  return names.map((given, i) => {
    if (given !== '' && !met.has(given)) {
      met.add(given)
      return given
    }
    const base = given === '' ? `c${i}` : given
    let n = next.get(base) ?? 2
    let name = given === '' ? base : `${base}_${n}`
    while (taken.has(name)) name = `${base}_${n++}`
    next.set(base, n)
    taken.add(name)
    return name
  })
}
