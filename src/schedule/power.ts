import { integerPower } from '../optimizer/integer-power.js'

/**
 * base to a power ≥ 0, from products and square roots only, so that it has the same bits everywhere.
 *
 *     baseᵖ = base^⌊p⌋ · Π_k base^(b_k·2⁻ᵏ)        where b_k are the binary digits of p − ⌊p⌋
 */
export function power(base: number, exponent: number): number {
  const whole = Math.floor(exponent)
  let result = integerPower(base, whole)
  let root = base
  for (let rest = exponent - whole; rest > 0; ) {
    root = Math.sqrt(root)
    rest *= 2
    if (rest >= 1) {
      result *= root
      rest -= 1
    }
  }
  return result
}
