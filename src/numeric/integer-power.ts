/**
 * base to the power of a whole number, by repeated squaring.
 *
 * exponent: 0 … 2⁵³ − 1. At most 2·log₂(exponent) products, each rounded to nearest, so for 0 < base < 1 the relative
 * error stays below exponent · 2⁻⁵² as long as the result is a normal number. The engines' own power function is not
 * used because its last bits differ between them.
 * Source: D. Knuth, "The art of computer programming", volume 2, section 4.6.3.
 */
export function integerPower(base: number, exponent: number): number {
  let result = 1
  let square = base
  let rest = exponent
  while (rest > 0) {
    if (rest % 2 === 1) result *= square
    square *= square
    rest = Math.floor(rest / 2)
  }
  return result
}
