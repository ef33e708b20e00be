import { lossOfRows } from './rows'

/** 2y − 1: the side of the margin that a row of class y belongs to. */
// @ts-ignore: decorator
@inline
function side4(y: v128): v128 {
  return f32x4.sub(f32x4.add(y, y), f32x4.splat(1.0))
}

/** 1 − m with m = side·z: how far a row is from its side of the margin, where that is above 0. */
// @ts-ignore: decorator
@inline
function shortfall4(z: v128, side: v128): v128 {
  return f32x4.pmax(f32x4.sub(f32x4.splat(1.0), f32x4.mul(side, z)), f32x4.splat(0.0))
}

/** max(0, 1 − m) */
@unmanaged
class Hinge {
  // @ts-ignore: decorator
  @inline
  loss4(z: v128, y: v128, _setting: v128): v128 {
    return shortfall4(z, side4(y))
  }

  // @ts-ignore: decorator
  @inline
  gradient4(z: v128, y: v128, _setting: v128): v128 {
    const side = side4(y)
    return v128.and(f32x4.lt(f32x4.mul(side, z), f32x4.splat(1.0)), f32x4.neg(side))
  }
}

/** Hinge, row by row. One output. */
export function lossHinge(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  lossOfRows<Hinge>(rows, stride, count, labelWord, weightWord, setting, z, dz, totals)
}

/** max(0, 1 − m)² */
@unmanaged
class SquaredHinge {
  // @ts-ignore: decorator
  @inline
  loss4(z: v128, y: v128, _setting: v128): v128 {
    const shortfall = shortfall4(z, side4(y))
    return f32x4.mul(shortfall, shortfall)
  }

  // @ts-ignore: decorator
  @inline
  gradient4(z: v128, y: v128, _setting: v128): v128 {
    const side = side4(y)
    return f32x4.mul(f32x4.mul(f32x4.splat(-2.0), side), shortfall4(z, side))
  }
}

/** SquaredHinge, row by row. One output. */
export function lossSquaredHinge(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  lossOfRows<SquaredHinge>(rows, stride, count, labelWord, weightWord, setting, z, dz, totals)
}
