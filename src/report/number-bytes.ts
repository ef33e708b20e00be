/** Numbers as decimal digits, written into bytes: a step has ten of them, and there are thousands of steps a second. */

const ZERO = 0x30
const POINT = 0x2e
const MINUS = 0x2d
const SIGNIFICANT = 9
/** 10⁰ … 10²²: those that f64 holds exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
/** 00 … 99 */
const pairs = Buffer.from(Array.from({ length: 100 }, (_, pair) => String(pair).padStart(2, '0')).join(''))
/** Numbers from here to the largest are written by digits; others, which are rare, as JavaScript writes them. */
const SMALLEST = 1e-6
const LARGEST = 1e15
/** An i32 holds any number below it. */
const PART = 1e9

/** Bytes that writeNumber may need: `-1.2345678901234567e-308`. */
export const LONGEST_NUMBER = 24

/**
 * Writes `value` with nine significant digits, and all of its whole part, without zeros at the end; null where it is not finite.
 * Returns where it ends.
 *
 * Within 5·10⁻⁹ of the value, relative; twice as fast as JavaScript's shortest digits.
 */
export function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0 && value > -Infinity) {
    bytes[at] = MINUS
    return writeNumber(bytes, at + 1, -value)
  }
  if (!(value >= SMALLEST && value < LARGEST)) return writeText(bytes, at, unusualText(value))
  const decimals = decimalsOf(value)
  const unit = powersOfTen[decimals]!
  const scaled = Math.round(value * unit)
  const whole = Math.floor(scaled / unit)
  return writeFraction(bytes, writeWhole(bytes, at, whole), scaled - whole * unit, decimals)
}

/** Writes a whole number, 0 ≤ value < 2⁵³. Returns where it ends. */
export function writeWhole(bytes: Uint8Array, at: number, value: number): number {
  const end = at + digitsOf(value)
  writeDigits(bytes, at, end, value)
  return end
}

/** Digits after the point, of nine significant ones. */
function decimalsOf(value: number): number {
  let decimals = SIGNIFICANT - 1
  if (value >= 1) {
    while (decimals > 0 && value >= powersOfTen[SIGNIFICANT - decimals]!) decimals--
    return decimals
  }
  for (let scaled = value; scaled < 1; scaled *= 10) decimals++
  return decimals
}

function digitsOf(value: number): number {
  let digits = 1
  while (value >= powersOfTen[digits]!) digits++
  return digits
}

/** The point and fraction / 10^decimals; nothing where that is 0. */
function writeFraction(bytes: Uint8Array, at: number, fraction: number, decimals: number): number {
  if (fraction === 0) return at
  bytes[at] = POINT
  let end = at + 1 + decimals
  writeDigits(bytes, at + 1, end, fraction)
  while (bytes[end - 1] === ZERO) end--
  return end
}

/** From the last digit to the first, two at a time; zeros before it. */
function writeDigits(bytes: Uint8Array, from: number, to: number, value: number): void {
  let at = to
  let rest = value
  for (; rest >= PART; at -= 2) {
    const above = Math.floor(rest / 100)
    writePair(bytes, at, rest - above * 100)
    rest = above
  }
  let whole = rest | 0
  for (; at - from >= 2; at -= 2) {
    const above = (whole / 100) | 0
    writePair(bytes, at, whole - above * 100)
    whole = above
  }
  if (at > from) bytes[from] = ZERO + (whole % 10)
}

function writePair(bytes: Uint8Array, end: number, pair: number): void {
  bytes[end - 2] = pairs[2 * pair]!
  bytes[end - 1] = pairs[2 * pair + 1]!
}

function unusualText(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(SIGNIFICANT))) : 'null'
}

function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i)
  return at + text.length
}
