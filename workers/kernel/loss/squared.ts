/** (z − y)², with dz = weight · 2(z − y). One output. */
export function lossSquared(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  let label = rows + (<usize>labelWord << 2)
  const weightOffset = (<usize>weightWord - <usize>labelWord) << 2
  let total = load<f64>(totals)
  let weights = load<f64>(totals, 8)
  const end = z + (<usize>count << 2)
  for (; z < end; z += 4, dz += 4, label += stride) {
    const difference = load<f32>(z) - load<f32>(label)
    const weight = load<f32>(label + weightOffset)
    store<f32>(dz, weight * (difference + difference))
    total += <f64>weight * (<f64>difference * <f64>difference)
    weights += <f64>weight
  }
  store<f64>(totals, total)
  store<f64>(totals, weights, 8)
}

/** prediction = z */
export function predictIdentity(z: usize, count: u32, outputs: u32, prediction: usize): void {
  memory.copy(prediction, z, (<usize>count * outputs) << 2)
}
