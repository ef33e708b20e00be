/** Encoded rows that come back from a file: are they what was written, and may the kernel use them? */

const FACTOR: u64 = 0x9e3779b97f4a7c15

/** Every step is a bijection of the sum and of the word: one changed word always changes the sum. */
// @ts-ignore: decorator
@inline
function join(sum: u64, word: u64): u64 {
  return rotl<u64>((sum ^ word) * FACTOR, 27)
}

/**
 * A sum of `bytes` bytes, a multiple of 16: a whole number below 2^53. Four sums side by side, because a multiplication
 * waits for the one before; at the end they are joined and mixed. Source of the last mix: A. Appleby, MurmurHash3, 2011.
 */
export function checksum(start: usize, bytes: u32): f64 {
  const end = start + <usize>bytes
  let a: u64 = bytes
  let b: u64 = 1
  let c: u64 = 2
  let d: u64 = 3
  let at = start
  for (; at + 32 <= end; at += 32) {
    a = join(a, load<u64>(at))
    b = join(b, load<u64>(at, 8))
    c = join(c, load<u64>(at, 16))
    d = join(d, load<u64>(at, 24))
  }
  if (at < end) {
    a = join(a, load<u64>(at))
    b = join(b, load<u64>(at, 8))
  }
  let sum = join(join(join(a, b), c), d)
  sum = (sum ^ (sum >> 33)) * 0xff51afd7ed558ccd
  sum = (sum ^ (sum >> 33)) * 0xc4ceb9fe1a85ec53
  return <f64>((sum ^ (sum >> 33)) >> 11)
}

/**
 * 1 where every category index of the rows is below `categoryIndices` and every label a class, a whole number below
 * `classes` (0: any label): what the kernel takes for an address must come from such a row.
 */
export function rowsWithin(
  rows: usize, stride: u32, count: u32, categoryWord: u32, categories: u32, categoryIndices: u32,
  labelWord: u32, classes: u32,
): i32 {
  for (let r: u32 = 0; r < count; r++) {
    const row = rows + <usize>r * stride
    let at = row + (<usize>categoryWord << 2)
    const end = at + (<usize>categories << 2)
    for (; at < end; at += 4) if (load<u32>(at) >= categoryIndices) return 0
    if (classes === 0) continue
    const label = load<f32>(row + (<usize>labelWord << 2))
    if (!(label >= 0 && label < <f32>classes && floor<f32>(label) === label)) return 0
  }
  return 1
}
