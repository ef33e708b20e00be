export function activateRelu(z: usize, a: usize, words: u32): void {
  for (let i: usize = 0; i < <usize>words << 2; i += 4) store<f32>(a + i, max<f32>(0, load<f32>(z + i)))
}
export function activateReluGradient(z: usize, a: usize, da: usize, dz: usize, words: u32): void {
  for (let i: usize = 0; i < <usize>words << 2; i += 4) store<f32>(dz + i, load<f32>(z + i) > 0 ? load<f32>(da + i) : 0)
}
