/** Powers of ten that are exact in f64. */
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))
/** Every f32 is told from all others by this many digits, and none needs more (D. W. Matula, "In-and-Out Conversions", 1968). */
const MOST_DIGITS = 9
/** A text of fewer digits that reads back to the value is found with six too: the six that are nearest to it end in zeros. */
const FIRST_DIGITS = 6

/**
 * The shortest decimal text that reads back to the same f32, in JavaScript's notation: `0.1`, `-12.5`, `1e+30`.
 *
 * Digits d = 6 … 9: m = round(|value| · 10^n) with d digits; taken where fround(m / 10^n) is the value. m and 10^n are
 * exact, so that the division rounds once, as reading the text does, and the text of its result has m's digits.
 */
export function shortestText(value: number): string {
  const size = Math.abs(value)
  if (!(size >= 1e-12 && size < 1e9)) return Number.isFinite(value) && value !== 0 ? bySystem(value) : String(value)
  const digitsBefore = wholeDigits(size)
  for (let digits = FIRST_DIGITS; digits < MOST_DIGITS; digits++) {
    const decimal = rounded(size, digits - digitsBefore)
    if (Math.fround(decimal) === size) return value < 0 ? `-${decimal}` : `${decimal}`
  }
  const decimal = rounded(size, MOST_DIGITS - digitsBefore)
  return Math.fround(decimal) === size ? `${value < 0 ? '-' : ''}${decimal}` : bySystem(value)
}

/** Digits before the point: 3 for 123.4, 0 for 0.5, −1 for 0.05. */
function wholeDigits(size: number): number {
  let digits = 0
  while (size >= POWERS[digits]!) digits++
  if (digits === 0) while (size * POWERS[1 - digits]! < 1) digits--
  return digits
}

/** Rounded to a number of places, which may be negative. */
function rounded(size: number, places: number): number {
  if (places >= 0) return Math.round(size * POWERS[places]!) / POWERS[places]!
  return Math.round(size / POWERS[-places]!) * POWERS[-places]!
}

/** The same for any size, slowly. */
function bySystem(value: number): string {
  for (let digits = 1; ; digits++) {
    const decimal = Number(value.toPrecision(digits))
    if (digits === MOST_DIGITS || Math.fround(decimal) === value) return String(decimal)
  }
}
