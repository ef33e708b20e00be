/** Checks of JSON that anybody may have written: each takes a value and returns it as the type that it has been found to be. */
import { shown } from '../errors.js'

/** What a value was expected to be, and where in the JSON it was not. */
export class Mismatch extends Error {
  constructor(
    readonly expected: string,
    readonly found: unknown,
    readonly path: readonly string[] = [],
  ) {
    super(`expected ${expected}, got ${found === undefined ? 'nothing' : shown(found)}`)
  }
}

/** Throws a Mismatch where the value is something else. */
export type Check<Value> = (value: unknown) => Value

/** A check for every field of a type, those that may be missing too. */
type Fields<Value> = {
  readonly [Name in keyof Value]-?: Check<
    Record<string, never> extends Pick<Value, Name> ? Value[Name] | undefined : Value[Name]
  >
}

export const text = plain<string>('a text', (value) => typeof value === 'string')
export const yesOrNo = plain<boolean>('true or false', (value) => typeof value === 'boolean')

/** JSON has no NaN and no infinities: they are written as null, and all are NaN here. */
export const number: Check<number> = (value) => {
  if (value === null) return NaN
  if (typeof value !== 'number') throw new Mismatch('a number', value)
  return value
}

export function oneOf<Value extends string>(...values: readonly Value[]): Check<Value> {
  return plain(`one of ${values.join(', ')}`, (value) => values.includes(value as Value))
}

function plain<Value>(expected: string, holds: (value: unknown) => boolean): Check<Value> {
  return (value) => {
    if (!holds(value)) throw new Mismatch(expected, value)
    return value as Value
  }
}

export function optional<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value) => (value === undefined ? undefined : check(value))
}

export function orNull<Value>(check: Check<Value>): Check<Value | null> {
  return (value) => (value === null ? null : check(value))
}

export function list<Value>(check: Check<Value>): Check<Value[]> {
  return (value) => {
    if (!Array.isArray(value)) throw new Mismatch('a list', value)
    return value.map((entry, i) => within(String(i), check, entry))
  }
}

/** An object whose names are not known before. */
export function table<Value>(check: Check<Value>): Check<Record<string, Value>> {
  return (value) => {
    const entries = Object.entries(object(value))
    // Not by assignment: a name may be `__proto__`.
    return Object.fromEntries(entries.map(([name, entry]) => [name, within(name, check, entry)]))
  }
}

/** An object all of whose fields are known; what it has besides is left out. */
export function fields<Value>(checks: Fields<Value>): Check<Value> {
  const all = Object.entries<Check<unknown>>(checks)
  return (value) => {
    const given = object(value)
    const checked: Record<string, unknown> = {}
    for (const [name, check] of all) {
      const field = within(name, check, Object.hasOwn(given, name) ? given[name] : undefined)
      if (field !== undefined) checked[name] = field
    }
    return checked as Value
  }
}

/** An object of which some fields are known; the others are left as they are. */
export function among<Value extends object>(checks: Partial<Fields<Value>>): Check<Value> {
  const known = fields<Partial<Value>>(checks as Fields<Partial<Value>>)
  return (value) => ({ ...(object(value) as Value), ...known(value) })
}

export function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Mismatch('an object', value)
  return value as Record<string, unknown>
}

function within<Value>(name: string, check: Check<Value>, value: unknown): Value {
  try {
    return check(value)
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error
    throw new Mismatch(error.expected, error.found, [name, ...error.path])
  }
}
