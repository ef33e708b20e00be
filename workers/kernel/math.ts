/**
 * exp, log, log1p and sigmoid in f32, four at a time, from + − × ÷ alone, so that every machine gives the same bits.
 *
 * The scalar forms are lane 0 of the vector forms: a value has the same bits in whichever lane it is computed.
 * Errors are in units in the last place of the f32 result, against the exact value; test/kernel/math.test.ts holds them.
 */

// ln 2 in two parts: the first has nine significant bits, so that n · LN2_HIGH is exact for every exponent n.
const LN2_HIGH: f32 = 0.693359375
const LN2_LOW: f32 = -2.12194440054690581e-4
const LOG2_E: f32 = 1.44269504088896341

// e^r = 1 + r + r²·P(r) for |r| ≤ ½ ln 2, fitted by the Remez exchange; relative error 2^−34.
const P0: f32 = 0.5
const P1: f32 = 0.1666666567325592
const P2: f32 = 0.04166629537940025
const P3: f32 = 0.008333497680723667
const P4: f32 = 0.0013944703387096524
const P5: f32 = 0.000197902976651676

// 2·atanh(s) = 2s + s·t·Q(t) with t = s² ≤ 1/9, fitted by the Remez exchange; relative error 2^−33.
const Q0: f32 = 0.6666667461395264
const Q1: f32 = 0.39998888969421387
const Q2: f32 = 0.2861659824848175
const Q3: f32 = 0.21430739760398865
const Q4: f32 = 0.24289560317993164

// 1.5 · 2^23: a small number added to it is rounded to a whole one, which is then the difference of the bits.
const ROUND: f32 = 12582912.0
const ROUND_BITS: i32 = 0x4b400000

const SIGN: i32 = 0x80000000
const ONE_BITS: i32 = 0x3f800000
const SQRT_HALF_BITS: i32 = 0x3f3504f3

// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, constant: f32): v128 {
  return f32x4.add(f32x4.mul(a, b), f32x4.splat(constant))
}

/**
 * e^x in four lanes. Error ≤ 1 ulp, subnormal results included; e^−∞ = 0, e^∞ = ∞, NaN stays NaN.
 * Method: x = n ln 2 + r, e^x = 2^n e^r (J. F. Hart et al., Computer Approximations, 1968; S. Moshier, Cephes, 1989).
 */
// @ts-ignore: decorator
@inline
export function exp4(value: v128): v128 {
  // Beyond these bounds the result is ∞ or 0. pmin and pmax pass NaN on, and are one instruction where min and max are many.
  const x = f32x4.pmax(f32x4.pmin(value, f32x4.splat(89.0)), f32x4.splat(-104.5))
  const rounded = multiplyAdd(x, f32x4.splat(LOG2_E), ROUND)
  const n = f32x4.sub(rounded, f32x4.splat(ROUND))
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH))), f32x4.mul(n, f32x4.splat(LN2_LOW)))
  let p = multiplyAdd(f32x4.splat(P5), r, P4)
  p = multiplyAdd(p, r, P3)
  p = multiplyAdd(p, r, P2)
  p = multiplyAdd(p, r, P1)
  p = multiplyAdd(p, r, P0)
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r)
  p = f32x4.add(p, f32x4.splat(1.0))
  // 2^n in two factors, because n reaches −151 and 128: the first product is exact, the second rounds once.
  const exponent = i32x4.sub(rounded, i32x4.splat(ROUND_BITS))
  const half = i32x4.shr_s(exponent, 1)
  const rest = i32x4.sub(exponent, half)
  const one = i32x4.splat(ONE_BITS)
  p = f32x4.mul(p, i32x4.add(i32x4.shl(half, 23), one))
  return f32x4.mul(p, i32x4.add(i32x4.shl(rest, 23), one))
}

/** 2·atanh(s) for |s| ≤ 1/3. */
// @ts-ignore: decorator
@inline
function twiceAtanh4(s: v128): v128 {
  const t = f32x4.mul(s, s)
  let q = multiplyAdd(f32x4.splat(Q4), t, Q3)
  q = multiplyAdd(q, t, Q2)
  q = multiplyAdd(q, t, Q1)
  q = multiplyAdd(q, t, Q0)
  return f32x4.add(f32x4.mul(f32x4.mul(s, t), q), f32x4.add(s, s))
}

/**
 * log(1 + u) for 0 ≤ u ≤ 1, the range of u = e^−|z|. Error ≤ 2 ulp; NaN stays NaN.
 * Formula: log(1 + u) = 2·atanh(u / (2 + u)), which loses nothing as u → 0 and needs no branch.
 */
// @ts-ignore: decorator
@inline
export function log1pUnit4(u: v128): v128 {
  return twiceAtanh4(f32x4.div(u, f32x4.add(u, f32x4.splat(2.0))))
}

/**
 * Natural logarithm in four lanes. Error ≤ 2 ulp, subnormal arguments included; log ±0 = −∞, log ∞ = ∞, NaN below 0.
 * Formula: x = 2^n m with √½ ≤ m < √2, log x = n ln 2 + 2·atanh((m − 1) / (m + 1)).
 */
// @ts-ignore: decorator
@inline
export function log4(value: v128): v128 {
  const zero = f32x4.splat(0.0)
  const subnormal = f32x4.lt(value, f32x4.splat(1.1754943508222875e-38))
  const x = v128.bitselect(f32x4.mul(value, f32x4.splat(8388608.0)), value, subnormal)
  // Taking the bits of √½ away before the exponent is read puts m between √½ and √2.
  const shifted = i32x4.sub(x, i32x4.splat(SQRT_HALF_BITS))
  const exponent = i32x4.shr_s(shifted, 23)
  const mantissa = i32x4.sub(x, i32x4.shl(exponent, 23))
  const n = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(subnormal, f32x4.splat(23.0)))
  const one = f32x4.splat(1.0)
  const s = f32x4.div(f32x4.sub(mantissa, one), f32x4.add(mantissa, one))
  const low = f32x4.add(twiceAtanh4(s), f32x4.mul(n, f32x4.splat(LN2_LOW)))
  let result = f32x4.add(f32x4.mul(n, f32x4.splat(LN2_HIGH)), low)
  result = v128.bitselect(value, result, f32x4.eq(value, f32x4.splat(f32.MAX_VALUE * 2)))
  result = v128.bitselect(f32x4.splat(-f32.MAX_VALUE * 2), result, f32x4.eq(value, zero))
  const invalid = v128.or(f32x4.lt(value, zero), f32x4.ne(value, value))
  return v128.bitselect(f32x4.splat(f32.NaN), result, invalid)
}

/**
 * 1 / (1 + e^−z) from z and e = e^−|z|. Error ≤ 2.5 ulp.
 * Formula: 1 / (1 + e) for z ≥ 0, e / (1 + e) below: neither overflows, and small probabilities keep their digits.
 */
// @ts-ignore: decorator
@inline
export function sigmoidFrom4(z: v128, e: v128): v128 {
  const one = f32x4.splat(1.0)
  const numerator = v128.bitselect(one, e, f32x4.ge(z, f32x4.splat(0.0)))
  return f32x4.div(numerator, f32x4.add(one, e))
}

/** e^−|z| in four lanes: between 0 and 1. */
// @ts-ignore: decorator
@inline
export function expOfMinusAbsolute4(z: v128): v128 {
  return exp4(v128.or(z, i32x4.splat(SIGN)))
}

/** sigmoid(z) = 1 / (1 + e^−z) in four lanes. Error ≤ 2.5 ulp; 0 and 1 at −∞ and ∞, NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function sigmoid4(z: v128): v128 {
  return sigmoidFrom4(z, expOfMinusAbsolute4(z))
}

/** e^x. Error ≤ 1 ulp. */
export function exp(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0)
}

/** Natural logarithm. Error ≤ 2 ulp. */
export function log(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0)
}

/** log(1 + u) for 0 ≤ u ≤ 1. Error ≤ 2 ulp. */
export function log1pUnit(u: f32): f32 {
  return f32x4.extract_lane(log1pUnit4(f32x4.splat(u)), 0)
}

/** sigmoid(z). Error ≤ 2.5 ulp. */
export function sigmoid(z: f32): f32 {
  return f32x4.extract_lane(sigmoid4(f32x4.splat(z)), 0)
}
