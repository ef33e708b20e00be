import type { Graph } from './graph.js'

/** Days of 400 years, after which the calendar repeats. */
const ERA = 146_097
/** More than there are in the 273,790 years that a date may lie before 1970, so that no number is negative. */
const ERAS_BEFORE = 700

/**
 * Seconds since 1970 (columns of f64, NaN where missing) → year, month, weekday, hour, epoch, for all columns beside each other.
 *
 * Source: H. Hinnant, chrono-compatible low-level date algorithms, 2013 (civil_from_days).
 */
export function dateParts(graph: Graph, inputs: readonly string[]): string[] {
  const epoch = graph.columns(inputs)
  const missing = graph.node('IsNaN', [epoch])
  const known = graph.node('Where', [missing, graph.doubles('no_seconds', [0]), epoch])
  const number = (value: number): string => graph.wholes('date_constant', [value])
  const [plus, minus, times, over] = (['Add', 'Sub', 'Mul', 'Div'] as const).map((operator) => {
    return (a: string, b: string | number): string =>
      graph.node(operator, [a, typeof b === 'number' ? number(b) : b])
  }) as [Operation, Operation, Operation, Operation]
  const rest = (a: string, whole: string, divisor: number): string => minus(a, times(whole, divisor))

  const seconds = plus(graph.cast(graph.node('Floor', [known]), 'int64'), ERAS_BEFORE * ERA * 86_400)
  const days = over(seconds, 86_400)
  const hour = over(rest(seconds, days, 86_400), 3600)
  const sinceMonday = plus(days, 3)
  const weekday = plus(rest(sinceMonday, over(sinceMonday, 7), 7), 1)

  // Days from 1 March of the year 0: the leap day is the last of a year.
  const shifted = plus(days, 719_468)
  const era = over(shifted, ERA)
  const dayOfEra = rest(shifted, era, ERA)
  const leapDays = minus(plus(over(dayOfEra, 1460), over(dayOfEra, 146_096)), over(dayOfEra, 36_524))
  const yearOfEra = over(minus(dayOfEra, leapDays), 365)
  const leapYears = minus(over(yearOfEra, 4), over(yearOfEra, 100))
  const dayOfYear = minus(rest(dayOfEra, yearOfEra, 365), leapYears)
  const fromMarch = over(plus(times(dayOfYear, 5), 2), 153)
  const sinceMarch = plus(fromMarch, 2)
  const month = plus(rest(sinceMarch, over(sinceMarch, 12), 12), 1)
  const marchYear = plus(yearOfEra, times(era, 400))
  const year = minus(plus(marchYear, over(fromMarch, 10)), ERAS_BEFORE * 400)

  const parts = [year, month, weekday, hour].map((part) => {
    return graph.node('Where', [missing, epoch, graph.cast(part, 'double')])
  })
  return [...parts, epoch]
}

type Operation = (a: string, b: string | number) => string
