/**
 * A date → numbers. Twin: workers/kernel/date.ts.
 *
 *   date   = (yyyy-mm-dd | yyyymmdd) [(T | blank) time] | yyyy-mm | number
 *   time   = (hh:mm[:ss[fraction]] | hhmm[ss[fraction]]) [Z | ±hh | ±hhmm | ±hh:mm]      fraction = (. | ,) digits
 *   number = seconds since 1970-01-01T00:00Z where it is below 1e11, milliseconds below 1e14, microseconds below 1e17,
 *            else nanoseconds; yyyymmdd where it is a day of the calendar
 *
 * The calendar is the Gregorian one in all years, 0000 to 9999 (ISO 8601); a time without offset is taken as UTC.
 */

/** Names of a date's features, in the order of DateParts (workers/layout.ts). */
export const datePartNames = ['year', 'month', 'weekday', 'hour', 'epoch'] as const

/** Year; month, 1 … 12; weekday, 1 (Monday) … 7; hour, 0 … 23, all as written; seconds since 1970-01-01T00:00Z. */
export type DateNumbers = readonly [year: number, month: number, weekday: number, hour: number, epoch: number]

const CALENDAR = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?|(\d\d)(\d\d))(?:(?<=^\d{4}-\d\d-\d\d|^\d{8})[Tt ](.+))?$/
const TIME = /^(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?|(\d\d)(?:(\d\d)(?:[.,](\d+))?)?)(.*)$/
const OFFSET = /^(?:[Zz]|([-+])(\d\d)(?::?(\d\d))?)?$/
/** As far as ECMAScript's Date goes, in seconds from 1970. */
const FARTHEST = 8.64e12

/** The numbers of a date, undefined where the text is none. `number` is what the text is as a number, or NaN. */
export function parseDate(text: string, number: number): DateNumbers | undefined {
  const written = text.replace(/^[ \t]+|[ \t]+$/g, '')
  return calendarDate(written) ?? (Number.isNaN(number) ? undefined : epochDate(number))
}

function calendarDate(text: string): DateNumbers | undefined {
  const match = CALENDAR.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [match[1], match[2] ?? match[4], match[3] ?? match[5] ?? 1].map(Number)
  const date = new Date(0)
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year!, month! - 1, day)
  // A month or day that there is not has become another.
  if (date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day) return undefined
  const [hour, epoch] = match[6] === undefined ? [0, date.getTime() / 1000] : timeOn(date, match[6])
  return Number.isNaN(epoch) ? undefined : [year!, month!, weekday(date), hour, epoch]
}

/** Hour and epoch of a time of a day; the epoch is NaN where it is no time. */
function timeOn(day: Date, text: string): [hour: number, epoch: number] {
  const match = TIME.exec(text) ?? []
  const [hour, minute, second] = [match[1], match[2] ?? match[5], match[3] ?? match[6] ?? 0].map(Number)
  const offset = OFFSET.exec(match[8] ?? '?')
  if (offset === null || !(hour! < 24 && minute! < 60 && second! < 60)) return [0, NaN]
  const [hours, minutes] = [Number(offset[2] ?? 0), Number(offset[3] ?? 0)]
  if (!(hours < 24 && minutes < 60)) return [0, NaN]
  const east = (offset[1] === '-' ? -1 : 1) * (hours * 60 + minutes)
  const seconds = day.getTime() / 1000 + hour! * 3600 + minute! * 60 + second! - east * 60
  // Finer than nanoseconds is cut off.
  const nanoseconds = Number((match[4] ?? match[7] ?? '').slice(0, 9).padEnd(9, '0'))
  return [hour!, seconds + nanoseconds / 1e9]
}

function epochDate(number: number): DateNumbers | undefined {
  const size = Math.abs(number)
  const epoch = number / (size < 1e11 ? 1 : size < 1e14 ? 1e3 : size < 1e17 ? 1e6 : 1e9)
  if (!(Math.abs(epoch) <= FARTHEST)) return undefined
  const date = new Date(Math.floor(epoch) * 1000)
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, weekday(date), date.getUTCHours(), epoch]
}

function weekday(date: Date): number {
  return ((date.getUTCDay() + 6) % 7) + 1
}
