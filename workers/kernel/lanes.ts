/** Four sums side by side in one vector, and how they are joined: always in the same order, so that the bits are the same. */

/** sum + a·b, rounded after the product and after the sum: fused, the bits would depend on the machine. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b))
}

/** The first `lanes` words at the address; the other lanes are 0. */
// @ts-ignore: decorator
@inline
export function loadLanes(address: usize, lanes: u32): v128 {
  let value = v128.load32_zero(address)
  if (lanes > 1) value = v128.load_lane<u32>(address + 4, value, 1)
  if (lanes > 2) value = v128.load_lane<u32>(address + 8, value, 2)
  return value
}

// @ts-ignore: decorator
@inline
export function storeLanes(address: usize, value: v128, lanes: u32): void {
  if (lanes == 4) {
    v128.store(address, value)
    return
  }
  v128.store_lane<u32>(address, value, 0)
  if (lanes > 1) v128.store_lane<u32>(address + 4, value, 1)
  if (lanes > 2) v128.store_lane<u32>(address + 8, value, 2)
}

/** Joins the lanes of four sums: lane i of the result is (0 + 2) + (1 + 3) of sum i. */
// @ts-ignore: decorator
@inline
export function joinLanes4(sum0: v128, sum1: v128, sum2: v128, sum3: v128): v128 {
  const pair01 = f32x4.add(
    v128.shuffle<f32>(sum0, sum1, 0, 4, 1, 5),
    v128.shuffle<f32>(sum0, sum1, 2, 6, 3, 7),
  )
  const pair23 = f32x4.add(
    v128.shuffle<f32>(sum2, sum3, 0, 4, 1, 5),
    v128.shuffle<f32>(sum2, sum3, 2, 6, 3, 7),
  )
  return f32x4.add(
    v128.shuffle<f32>(pair01, pair23, 0, 1, 4, 5),
    v128.shuffle<f32>(pair01, pair23, 2, 3, 6, 7),
  )
}

// @ts-ignore: decorator
@inline
export function joinLanes(sum: v128): f32 {
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 2) +
    (f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 3))
  )
}

