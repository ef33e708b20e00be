/** Powers of ten that are exact in f64. */
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))
/** Every f32 is told from all others by this many digits, and none needs more (D. W. Matula, "In-and-Out Conversions", 1968). */
const MOST_DIGITS = 9
/** A shorter text that reads back to the value is found with six digits too: the six nearest to it then end in zeros. */
const FIRST_DIGITS = 6

/**
 * The shortest decimal text that reads back to the same f32, in JavaScript's notation: `0.1`, `-12.5`, `1e+30`.
 *
 * Digits d = 6 … 9: m = round(|value| · 10^n) has d digits; the first m for which fround(m / 10^n) is the value gives the
 * text. m and 10^n are exact, so that the division rounds once, as reading the text does.
 */
export function shortestText(value: number): string {
  const size = Math.abs(value)
  if (!(size >= 1e-6 && size < 1e6)) return bySystem(value)
  const before = digitsBeforePoint(size)
  for (let digits = FIRST_DIGITS; digits <= MOST_DIGITS; digits++) {
    const places = digits - before
    const whole = Math.round(size * POWERS[places]!)
    if (Math.fround(whole / POWERS[places]!) === size)
      return (value < 0 ? '-' : '') + withPoint(whole, places)
  }
  return bySystem(value)
}

/** 3 for 123.4, 0 for 0.5, −1 for 0.05. */
function digitsBeforePoint(size: number): number {
  let digits = 0
  while (size >= POWERS[digits]!) digits++
  if (digits === 0) while (size * POWERS[1 - digits]! < 1) digits--
  return digits
}

/** whole / 10^places as text; several times as fast as the system's for f64. */
function withPoint(whole: number, places: number): string {
  while (places > 0 && whole % 10 === 0) {
    whole /= 10
    places--
  }
  const digits = String(whole)
  if (places === 0) return digits
  if (digits.length <= places) return `0.${'0'.repeat(places - digits.length)}${digits}`
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** The same for any value, slowly. */
function bySystem(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  for (let digits = 1; ; digits++) {
    const decimal = Number(value.toPrecision(digits))
    if (digits === MOST_DIGITS || Math.fround(decimal) === value) return String(decimal)
  }
}
