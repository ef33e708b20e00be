/**
 * Activations a = f(z) and their gradients dz = da·f'(z) in f32, number by number: any cut of a vector gives the same
 * bits. a may be z, and dz may be da. Errors are in units in the last place of the f32 result against the exact value,
 * results below 2^−126 aside; test/kernel/activation.test.ts holds them. NaN stays NaN.
 *
 * Each function runs its vector form over whole vectors and, for the last one to three numbers, over a vector whose
 * other lanes are 0.
 */
import { exp4, expOfMinusAbsolute4, sigmoid4, sigmoidFrom4 } from './math'

/** Slope of leaky relu below 0, as PyTorch and TensorFlow.js have it. */
const LEAK: f32 = 0.01

// tanh x = x + x·t·T(t), t = x², |x| < 0.625. Source: S. Moshier, Cephes, tanhf.c, 1992; relative error 2^−25.
const T0: f32 = -3.33332819422e-1
const T1: f32 = 1.33314422036e-1
const T2: f32 = -5.37397155531e-2
const T3: f32 = 2.06390887954e-2
const T4: f32 = -5.70498872745e-3

// 1 − Φ(u) = e^(−u²/2)·t·N(t), t = 1 / (1 + 0.24u), u ≥ 0: fitted by weighted least squares, relative error 2^−28.
const N_SCALE: f32 = 0.24
const N0: f32 = 0.09574286784305708
const N1: f32 = 0.09584330128391028
const N2: f32 = 0.08903971284440355
const N3: f32 = 0.08731351072793031
const N4: f32 = 0.029346519430019747
const N5: f32 = 0.13939928453570807
const N6: f32 = -0.14197517773606205
const N7: f32 = 0.20386825291869817
const N8: f32 = -0.12399185157156588
const N9: f32 = 0.025413581248873354

/** 1 / √(2π) */
const DENSITY_AT_0: f32 = 0.3989422804014327
/** Beyond it e^(−u²/2) is 0 in f32. */
const NORMAL_END: f32 = 14.5
/** Below it sigmoid is 0 in f32. */
const SIGMOID_END: f32 = -110.0

// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, constant: f32): v128 {
  return f32x4.add(f32x4.mul(a, b), f32x4.splat(constant))
}

// @ts-ignore: decorator
@inline
function relu4(z: v128): v128 {
  return v128.andnot(z, f32x4.lt(z, f32x4.splat(0.0)))
}

// @ts-ignore: decorator
@inline
function reluGradient4(z: v128, _a: v128, da: v128): v128 {
  return v128.and(da, f32x4.gt(z, f32x4.splat(0.0)))
}

// @ts-ignore: decorator
@inline
function leakyRelu4(z: v128): v128 {
  return v128.bitselect(f32x4.mul(z, f32x4.splat(LEAK)), z, f32x4.lt(z, f32x4.splat(0.0)))
}

// @ts-ignore: decorator
@inline
function leakyReluGradient4(z: v128, _a: v128, da: v128): v128 {
  return v128.bitselect(da, f32x4.mul(da, f32x4.splat(LEAK)), f32x4.gt(z, f32x4.splat(0.0)))
}

/** Error ≤ 2 ulp. 1 − 2 / (e^2|x| + 1) with the sign of x where |x| ≥ 0.625. */
// @ts-ignore: decorator
@inline
function tanh4(x: v128): v128 {
  const size = f32x4.abs(x)
  const t = f32x4.mul(x, x)
  let p = multiplyAdd(f32x4.splat(T4), t, T3)
  p = multiplyAdd(p, t, T2)
  p = multiplyAdd(p, t, T1)
  p = multiplyAdd(p, t, T0)
  const near = f32x4.add(x, f32x4.mul(f32x4.mul(p, t), x))
  const one = f32x4.splat(1.0)
  const growth = f32x4.add(exp4(f32x4.add(size, size)), one)
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2.0), growth))
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)))
  return v128.bitselect(near, signed, f32x4.lt(size, f32x4.splat(0.625)))
}

/** f' = (1 − a)(1 + a), which rounds less than 1 − a²; absolute error ≤ 2^−22. */
// @ts-ignore: decorator
@inline
function tanhGradient4(_z: v128, a: v128, da: v128): v128 {
  const one = f32x4.splat(1.0)
  return f32x4.mul(da, f32x4.mul(f32x4.sub(one, a), f32x4.add(one, a)))
}

/** f' = a(1 − a); absolute error ≤ 2^−23. */
// @ts-ignore: decorator
@inline
function sigmoidGradient4(_z: v128, a: v128, da: v128): v128 {
  return f32x4.mul(da, f32x4.mul(a, f32x4.sub(f32x4.splat(1.0), a)))
}

/** z·sigmoid(z). Error ≤ 3 ulp. */
// @ts-ignore: decorator
@inline
function silu4(z: v128): v128 {
  return f32x4.mul(f32x4.pmax(z, f32x4.splat(SIGMOID_END)), sigmoid4(z))
}

/** f' = s + a·(1 − s) with s = sigmoid(z), 1 − s as sigmoid(−z), which loses nothing where s is almost 1; absolute error ≤ 2^−22. */
// @ts-ignore: decorator
@inline
function siluGradient4(z: v128, a: v128, da: v128): v128 {
  const e = expOfMinusAbsolute4(z)
  const product = f32x4.mul(a, sigmoidFrom4(f32x4.neg(z), e))
  return f32x4.mul(da, f32x4.add(sigmoidFrom4(z, e), product))
}

/**
 * e^(−u²/2) for 0 ≤ u ≤ NORMAL_END. u² is taken apart as h² + (u − h)(u + h), h the first twelve bits of u, so that h² is
 * exact: rounding u² would cost u²/2 ulp. The second factor is 1 − d + d²/2 − d³/6 with d = (u − h)(u + h)/2 < 0.06.
 */
// @ts-ignore: decorator
@inline
function normalDecay4(u: v128): v128 {
  const half = f32x4.splat(0.5)
  const h = v128.and(u, i32x4.splat(0xfffff000))
  const d = f32x4.mul(f32x4.mul(f32x4.sub(u, h), f32x4.add(u, h)), half)
  const head = exp4(f32x4.mul(f32x4.mul(h, h), f32x4.splat(-0.5)))
  let p = multiplyAdd(d, f32x4.splat(-0.1666666716337204), 0.5)
  p = f32x4.sub(f32x4.mul(p, d), f32x4.splat(1.0))
  p = multiplyAdd(p, d, 1.0)
  return f32x4.mul(head, p)
}

/** Φ(z), the standard normal distribution, from u = |z| and e^(−u²/2). */
// @ts-ignore: decorator
@inline
function normalFrom4(z: v128, u: v128, decay: v128): v128 {
  const one = f32x4.splat(1.0)
  const t = f32x4.div(one, multiplyAdd(u, f32x4.splat(N_SCALE), 1.0))
  let p = multiplyAdd(f32x4.splat(N9), t, N8)
  p = multiplyAdd(p, t, N7)
  p = multiplyAdd(p, t, N6)
  p = multiplyAdd(p, t, N5)
  p = multiplyAdd(p, t, N4)
  p = multiplyAdd(p, t, N3)
  p = multiplyAdd(p, t, N2)
  p = multiplyAdd(p, t, N1)
  p = multiplyAdd(p, t, N0)
  const tail = f32x4.mul(decay, f32x4.mul(p, t))
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(z, f32x4.splat(0.0)))
}

// @ts-ignore: decorator
@inline
function normalArgument4(z: v128): v128 {
  return f32x4.pmin(f32x4.abs(z), f32x4.splat(NORMAL_END))
}

/** z·Φ(z). Error ≤ 10 ulp. */
// @ts-ignore: decorator
@inline
function gelu4(z: v128): v128 {
  const u = normalArgument4(z)
  return f32x4.mul(f32x4.pmax(z, f32x4.splat(-NORMAL_END)), normalFrom4(z, u, normalDecay4(u)))
}

/** f' = Φ(z) + z·e^(−z²/2) / √(2π); absolute error ≤ 2^−21. */
// @ts-ignore: decorator
@inline
function geluGradient4(z: v128, _a: v128, da: v128): v128 {
  const u = normalArgument4(z)
  const decay = normalDecay4(u)
  const within = f32x4.pmax(f32x4.pmin(z, f32x4.splat(NORMAL_END)), f32x4.splat(-NORMAL_END))
  const density = f32x4.mul(f32x4.mul(within, f32x4.splat(DENSITY_AT_0)), decay)
  return f32x4.mul(da, f32x4.add(normalFrom4(z, u, decay), density))
}

/** The last one to three numbers of a vector; the other lanes are 0. */
// @ts-ignore: decorator
@inline
function loadLast(address: usize, lanes: usize): v128 {
  let value = v128.load32_zero(address)
  if (lanes > 4) value = v128.load_lane<u32>(address + 4, value, 1)
  if (lanes > 8) value = v128.load_lane<u32>(address + 8, value, 2)
  return value
}

// @ts-ignore: decorator
@inline
function storeLast(address: usize, value: v128, lanes: usize): void {
  v128.store_lane<u32>(address, value, 0)
  if (lanes > 4) v128.store_lane<u32>(address + 4, value, 1)
  if (lanes > 8) v128.store_lane<u32>(address + 8, value, 2)
}

/** a = max(0, z) */
export function activateRelu(z: usize, a: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16) v128.store(a, relu4(v128.load(z)))
  if (z < end) storeLast(a, relu4(loadLast(z, end - z)), end - z)
}

/** dz = da·f'(z) */
export function activateReluGradient(z: usize, a: usize, da: usize, dz: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16, da += 16, dz += 16) {
    v128.store(dz, reluGradient4(v128.load(z), v128.load(a), v128.load(da)))
  }
  const rest = end - z
  if (rest > 0) storeLast(dz, reluGradient4(loadLast(z, rest), loadLast(a, rest), loadLast(da, rest)), rest)
}

/** a = z for z ≥ 0, 0.01z below */
export function activateLeakyRelu(z: usize, a: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16) v128.store(a, leakyRelu4(v128.load(z)))
  if (z < end) storeLast(a, leakyRelu4(loadLast(z, end - z)), end - z)
}

/** dz = da·f'(z) */
export function activateLeakyReluGradient(z: usize, a: usize, da: usize, dz: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16, da += 16, dz += 16) {
    v128.store(dz, leakyReluGradient4(v128.load(z), v128.load(a), v128.load(da)))
  }
  const rest = end - z
  if (rest > 0) storeLast(dz, leakyReluGradient4(loadLast(z, rest), loadLast(a, rest), loadLast(da, rest)), rest)
}

/** a = tanh z */
export function activateTanh(z: usize, a: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16) v128.store(a, tanh4(v128.load(z)))
  if (z < end) storeLast(a, tanh4(loadLast(z, end - z)), end - z)
}

/** dz = da·f'(z) */
export function activateTanhGradient(z: usize, a: usize, da: usize, dz: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16, da += 16, dz += 16) {
    v128.store(dz, tanhGradient4(v128.load(z), v128.load(a), v128.load(da)))
  }
  const rest = end - z
  if (rest > 0) storeLast(dz, tanhGradient4(loadLast(z, rest), loadLast(a, rest), loadLast(da, rest)), rest)
}

/** a = 1 / (1 + e^−z) */
export function activateSigmoid(z: usize, a: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16) v128.store(a, sigmoid4(v128.load(z)))
  if (z < end) storeLast(a, sigmoid4(loadLast(z, end - z)), end - z)
}

/** dz = da·f'(z) */
export function activateSigmoidGradient(z: usize, a: usize, da: usize, dz: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16, da += 16, dz += 16) {
    v128.store(dz, sigmoidGradient4(v128.load(z), v128.load(a), v128.load(da)))
  }
  const rest = end - z
  if (rest > 0) storeLast(dz, sigmoidGradient4(loadLast(z, rest), loadLast(a, rest), loadLast(da, rest)), rest)
}

/** a = z·Φ(z) */
export function activateGelu(z: usize, a: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16) v128.store(a, gelu4(v128.load(z)))
  if (z < end) storeLast(a, gelu4(loadLast(z, end - z)), end - z)
}

/** dz = da·f'(z) */
export function activateGeluGradient(z: usize, a: usize, da: usize, dz: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16, da += 16, dz += 16) {
    v128.store(dz, geluGradient4(v128.load(z), v128.load(a), v128.load(da)))
  }
  const rest = end - z
  if (rest > 0) storeLast(dz, geluGradient4(loadLast(z, rest), loadLast(a, rest), loadLast(da, rest)), rest)
}

/** a = z / (1 + e^−z) */
export function activateSilu(z: usize, a: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16) v128.store(a, silu4(v128.load(z)))
  if (z < end) storeLast(a, silu4(loadLast(z, end - z)), end - z)
}

/** dz = da·f'(z) */
export function activateSiluGradient(z: usize, a: usize, da: usize, dz: usize, words: u32): void {
  const end = z + (<usize>words << 2)
  for (; z + 16 <= end; z += 16, a += 16, da += 16, dz += 16) {
    v128.store(dz, siluGradient4(v128.load(z), v128.load(a), v128.load(da)))
  }
  const rest = end - z
  if (rest > 0) storeLast(dz, siluGradient4(loadLast(z, rest), loadLast(a, rest), loadLast(da, rest)), rest)
}
