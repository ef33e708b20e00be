/** Coefficients of sin(x) = x + x³·(S1 + …), |x| ≤ π/4. */
const S1 = -1.66666666666666324348e-1
const S2 = 8.33333333332248946124e-3
const S3 = -1.98412698298579493134e-4
const S4 = 2.75573137070700676789e-6
const S5 = -2.50507602534068634195e-8
const S6 = 1.58969099521155010221e-10

/** Coefficients of cos(x) = 1 − x²/2 + x⁴·(C1 + …), |x| ≤ π/4. */
const C1 = 4.16666666666666019037e-2
const C2 = -1.38888888888741095749e-3
const C3 = 2.48015872894767294178e-5
const C4 = -2.75573143513906633035e-7
const C5 = 2.0875723212981748279e-9
const C6 = -1.13596475577881948265e-11

function sinNearZero(x: number): number {
  const z = x * x
  return x + x * z * (S1 + z * (S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)))))
}

/** 1 − cos(x), without cancellation. */
function versineNearZero(x: number): number {
  const z = x * x
  return 0.5 * z - z * z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6)))))
}

/**
 * (1 + cos(π·x)) / 2 for 0 ≤ x ≤ 1, in f64 from + − × alone: half a wave from 1 down to 0, exact at 0, ½ and 1, and above 0 before 1.
 *
 *     x ≤ ¼: cos(π·x)       x ≤ ¾: sin(π·(½ − x))       above: −cos(π·(1 − x))
 *
 * Error below 2⁻⁵¹ of the whole wave.
 * Source of the polynomials: Sun Microsystems, fdlibm, k_sin.c and k_cos.c, 1993.
 */
export function halfCosine(x: number): number {
  if (x <= 0.25) return 1 - versineNearZero(Math.PI * x) / 2
  if (x <= 0.75) return (1 + sinNearZero(Math.PI * (0.5 - x))) / 2
  return versineNearZero(Math.PI * (1 - x)) / 2
}
