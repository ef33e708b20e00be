import { runError, shown, type MillraceError } from '../errors.js'

/** A model file that is not one, or not one that this version reads: `where: expected …, got …`. */
export function modelInvalid(where: string, expected: string, got: string, cause?: unknown): MillraceError {
  const hint = 'the file is damaged or was not written by millrace: copy it again, or train again'
  return runError('MODEL_INVALID', `model file: ${where}: expected ${expected}, got ${got}`, hint, {}, cause)
}

/** A check of one value from a model file: returns it with its type, or throws MODEL_INVALID that says where. */
export type Check<T> = (value: unknown, where: string) => T

function check<T>(expected: string, holds: (value: unknown) => value is T): Check<T> {
  return (value, where) => {
    if (holds(value)) return value
    throw modelInvalid(where, expected, shown(value))
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

export const text = check('a text', (value) => typeof value === 'string')
export const flag = check('true or false', (value) => typeof value === 'boolean')
export const finite = check('a finite number', (value): value is number => Number.isFinite(value))
export const positive = check(
  'a finite number > 0',
  (value): value is number => Number.isFinite(value) && (value as number) > 0,
)
export const count = check('a whole number from 0 to 2^53 − 1', isCount)
export function wholeUpTo(from: number, to: number): Check<number> {
  return check(
    `a whole number from ${from} to ${to}`,
    (value): value is number => isCount(value) && value >= from && value <= to,
  )
}
export const seed = check(
  'a whole number from 0 to 2^32 − 1',
  (value): value is number => isCount(value) && value < 2 ** 32,
)

/** A character that separates, quotes or comments: ASCII, no line break, not NUL. */
export const character = check(
  'one ASCII character that is no line break',
  (value): value is string => typeof value === 'string' && /^[\x01-\x09\x0b\x0c\x0e-\x7f]$/.test(value),
)

/** A character that quotes: blanks around a quote are passed over, so that it cannot be one. */
export const quote = check(
  'one ASCII character that is no line break and no blank',
  (value): value is string =>
    typeof value === 'string' && /^[\x01-\x08\x0b\x0c\x0e-\x1f\x21-\x7f]$/.test(value),
)

/** Buckets of a category column: a power of two up to 2^24, or 0. */
export const buckets = check(
  '0 or a power of two up to 2^24',
  (value): value is number => value === 0 || (isCount(value) && value <= 2 ** 24 && 2 ** 24 % value === 0),
)

/** JSON has no NaN and no infinity: they are written as null, and null is read as NaN. */
export const numberOrNull: Check<number> = (value, where) => {
  return value === null ? NaN : finite(value, where)
}

/** What `inner` accepts, or null. */
export function orNull<T>(inner: Check<T>): Check<T | null> {
  return (value, where) => (value === null ? null : inner(value, where))
}

/** One of a few texts. */
export function oneOf<T extends string>(names: readonly T[]): Check<T> {
  return check(
    names.map((name) => shown(name)).join(' or '),
    (value): value is T => typeof value === 'string' && (names as readonly string[]).includes(value),
  )
}

/** A list of at least `fewest` entries, each of which `inner` accepts. */
export function listOf<T>(inner: Check<T>, fewest = 0): Check<T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw modelInvalid(where, 'a list', shown(value))
    if (value.length < fewest) throw modelInvalid(where, `${fewest} or more entries`, String(value.length))
    return value.map((entry: unknown, i) => inner(entry, `${where}[${i}]`))
  }
}

/** A list of texts without repetition. */
export function distinctTexts(fewest = 0): Check<string[]> {
  const texts = listOf(text, fewest)
  return (value, where) => {
    const entries = texts(value, where)
    const seen = new Set<string>()
    for (const entry of entries) {
      if (seen.has(entry)) throw modelInvalid(where, 'different texts', `${shown(entry)} twice`)
      seen.add(entry)
    }
    return entries
  }
}

/** The entries of an object, which must be a plain JSON object. */
export function entriesOf(value: unknown, where: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw modelInvalid(where, 'an object', shown(value))
  }
  return Object.entries(value)
}

/**
 * Reads the fields of an object that has exactly the given ones. The object itself is never asked for a key that the
 * file chose, so that a key such as `__proto__` is an unknown field and nothing else.
 */
export function fieldsOf<Name extends string>(
  value: unknown,
  where: string,
  names: readonly Name[],
): <T>(name: Name, inner: Check<T>) => T {
  const fields = new Map(entriesOf(value, where))
  for (const name of names) {
    if (!fields.has(name)) throw modelInvalid(where, `a field ${shown(name)}`, 'none')
  }
  for (const name of fields.keys()) {
    if (!(names as readonly string[]).includes(name)) {
      throw modelInvalid(where, `only the fields ${names.join(', ')}`, shown(name))
    }
  }
  return (name, inner) => inner(fields.get(name), where === '' ? name : `${where}.${name}`)
}
