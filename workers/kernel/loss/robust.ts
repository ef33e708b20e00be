import { lossOfRows } from './rows'

/** e = z − y; e² where |e| ≤ δ, else 2δ|e| − δ². */
@unmanaged
class Huber {
  // @ts-ignore: decorator
  @inline
  loss4(z: v128, y: v128, delta: v128): v128 {
    const size = f32x4.abs(f32x4.sub(z, y))
    const quadratic = f32x4.pmin(size, delta)
    return f32x4.mul(quadratic, f32x4.sub(f32x4.add(size, size), quadratic))
  }

  // @ts-ignore: decorator
  @inline
  gradient4(z: v128, y: v128, delta: v128): v128 {
    const held = f32x4.pmax(f32x4.pmin(f32x4.sub(z, y), delta), f32x4.neg(delta))
    return f32x4.add(held, held)
  }
}

/** Huber, row by row. One output. */
export function lossHuber(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  lossOfRows<Huber>(rows, stride, count, labelWord, weightWord, setting, z, dz, totals)
}

/** q·(y − z) where y > z, else (1 − q)·(z − y). */
@unmanaged
class Quantile {
  // @ts-ignore: decorator
  @inline
  loss4(z: v128, y: v128, q: v128): v128 {
    const error = f32x4.sub(z, y)
    const above = f32x4.mul(f32x4.sub(f32x4.splat(1.0), q), error)
    return f32x4.pmax(above, f32x4.mul(f32x4.neg(q), error))
  }

  // @ts-ignore: decorator
  @inline
  gradient4(z: v128, y: v128, q: v128): v128 {
    const above = v128.and(f32x4.gt(z, y), f32x4.sub(f32x4.splat(1.0), q))
    return v128.or(above, v128.and(f32x4.lt(z, y), f32x4.neg(q)))
  }
}

/** Quantile, row by row. One output. */
export function lossQuantile(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  lossOfRows<Quantile>(rows, stride, count, labelWord, weightWord, setting, z, dz, totals)
}
