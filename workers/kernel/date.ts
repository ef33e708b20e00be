/**
 * A date → year, month, weekday, hour, epoch. Readable twin: src/schema/dates.ts, which says what is a date.
 *
 * Days and dates: H. Hinnant, chrono-compatible low-level date algorithms, 2013 (days_from_civil, civil_from_days).
 */
import { DateParts } from '../layout'

const DASH: u32 = 0x2d
const SECONDS_A_DAY: i64 = 86400
/** As far as ECMAScript's Date goes, in seconds from 1970. */
const FARTHEST: f64 = 8.64e12

// @ts-ignore: decorator
@inline
function isBlank(byte: u32): bool {
  return byte == 0x20 || byte == 0x09
}

// @ts-ignore: decorator
@inline
function digitAt(at: usize): u32 {
  return u32(load<u8>(at)) - 0x30
}

/** The number that two digits make, or −1 where they are no digits or do not fit before `end`. */
function twoDigits(at: usize, end: usize): i32 {
  const tens = digitAt(at)
  const ones = digitAt(at + 1)
  return at + 2 <= end && tens <= 9 && ones <= 9 ? i32(tens * 10 + ones) : -1
}

function daysInMonth(year: i32, month: i32): i32 {
  if (month != 2) return 30 + ((month + (month >> 3)) & 1)
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
}

/** Days from 1970-01-01 to a date; a year begins in March, so that the leap day is its last. */
function daysTo(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year
  const era = (y >= 0 ? y : y - 399) / 400
  const yearOfEra = y - era * 400
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
}

/** Weekday of a day counted from 1970-01-01, which was a Thursday. */
function weekdayOf(days: i32): i32 {
  const weekday = (days + 3) % 7
  return (weekday < 0 ? weekday + 7 : weekday) + 1
}

function storeParts(out: usize, year: i32, month: i32, weekday: i32, hour: i32, epoch: f64): bool {
  store<f64>(out + (usize(DateParts.Year) << 3), f64(year))
  store<f64>(out + (usize(DateParts.Month) << 3), f64(month))
  store<f64>(out + (usize(DateParts.Weekday) << 3), f64(weekday))
  store<f64>(out + (usize(DateParts.Hour) << 3), f64(hour))
  store<f64>(out + (usize(DateParts.Epoch) << 3), epoch)
  return true
}

/** `Z`, `±hh`, `±hhmm`, `±hh:mm` up to `end` → minutes east of Greenwich, or a number of more than a day. */
function offsetMinutes(at: usize, end: usize): i32 {
  const WRONG = 10000
  const first = u32(load<u8>(at))
  if ((first | 0x20) == 0x7a) return at + 1 == end ? 0 : WRONG
  if (first != 0x2b && first != DASH) return WRONG
  const hours = twoDigits(at + 1, end)
  let minutes = 0
  at += 3
  if (at < end) {
    if (load<u8>(at) == 0x3a) at += 1
    minutes = twoDigits(at, end)
    at += 2
  }
  if (at != end || <u32>hours > 23 || <u32>minutes > 59) return WRONG
  return first == DASH ? -60 * hours - minutes : 60 * hours + minutes
}

/** Seconds from 1970 of a time of a day that starts at `midnight` (seconds too); NaN where it is no time. */
function epochOf(midnight: i64, at: usize, end: usize): f64 {
  const hour = twoDigits(at, end)
  at += 2
  const colon = usize(load<u8>(at) == 0x3a)
  const minute = twoDigits(at + colon, end)
  at += colon + 2
  if (<u32>hour > 23 || <u32>minute > 59) return NaN
  let second = 0
  let fraction: f64 = 0
  if (at < end && (colon ? load<u8>(at) == 0x3a : digitAt(at) <= 9)) {
    second = twoDigits(at + colon, end)
    at += colon + 2
    if (<u32>second > 59) return NaN
    if (at < end && (load<u8>(at) == 0x2e || load<u8>(at) == 0x2c)) {
      // Nanoseconds; finer ones are cut off.
      let digits: i32 = 0
      let nanoseconds: u32 = 0
      for (at += 1; at < end && digitAt(at) <= 9; ++at) {
        if (digits < 9) nanoseconds = nanoseconds * 10 + digitAt(at)
        digits += 1
      }
      if (!digits) return NaN
      for (; digits < 9; ++digits) nanoseconds *= 10
      fraction = f64(nanoseconds) / 1e9
    }
  }
  let offset = 0
  if (at < end) {
    offset = offsetMinutes(at, end)
    if (offset > 1440) return NaN
  }
  return f64(midnight + hour * 3600 + minute * 60 + second - offset * 60) + fraction
}

/**
 * Writes the DateParts of `yyyy-mm-dd`, `yyyymmdd` or `yyyy-mm`, the first two with a time after `T` or a blank, to `out`
 * as f64; returns false where the bytes, but for blanks around them, are no such date. May read up to 8 bytes past `end`.
 */
export function calendarDate(start: usize, end: usize, out: usize): bool {
  while (start < end && isBlank(load<u8>(start))) start += 1
  while (start < end && isBlank(load<u8>(end - 1))) end -= 1
  const century = twoDigits(start, end)
  const rest = twoDigits(start + 2, end)
  if (century < 0 || rest < 0) return false
  const year = century * 100 + rest
  const dash = usize(u32(load<u8>(start + 4)) == DASH)
  let at = start + 4 + dash
  const month = twoDigits(at, end)
  at += 2
  if (<u32>(month - 1) > 11) return false
  let day = 1
  if (at < end || !dash) {
    if (dash && load<u8>(at) != DASH) return false
    day = twoDigits(at + dash, end)
    at += dash + 2
    if (<u32>(day - 1) >= <u32>daysInMonth(year, month)) return false
  }
  const days = daysTo(year, month, day)
  const midnight = i64(days) * SECONDS_A_DAY
  if (at == end) return storeParts(out, year, month, weekdayOf(days), 0, f64(midnight))
  const between = u32(load<u8>(at))
  if ((between | 0x20) != 0x74 && between != 0x20) return false
  const epoch = epochOf(midnight, at + 1, end)
  if (epoch != epoch) return false
  return storeParts(out, year, month, weekdayOf(days), twoDigits(at + 1, end), epoch)
}

/**
 * Writes the DateParts of a number, which is seconds or by its size milliseconds, microseconds or nanoseconds since 1970,
 * to `out`; returns false where it is too large, or none (NaN).
 */
export function epochDate(number: f64, out: usize): bool {
  const size = abs(number)
  const unit: f64 = size < 1e11 ? 1 : size < 1e14 ? 1e3 : size < 1e17 ? 1e6 : 1e9
  const epoch = number / unit
  if (!(abs(epoch) <= FARTHEST)) return false
  const seconds = i64(floor(epoch))
  const days = i32(seconds >= 0 ? seconds / SECONDS_A_DAY : (seconds + 1) / SECONDS_A_DAY - 1)
  const hour = i32((seconds - i64(days) * SECONDS_A_DAY) / 3600)
  const shifted = days + 719468
  const era = (shifted >= 0 ? shifted : shifted - 146096) / 146097
  const dayOfEra = shifted - era * 146097
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  const fromMarch = (5 * dayOfYear + 2) / 153
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const year = yearOfEra + era * 400 + i32(month <= 2)
  return storeParts(out, year, month, weekdayOf(days), hour, epoch)
}
