/**
 * A stream of u32 drawn from a seed: sfc32.
 * Source: Chris Doty-Humphrey, PractRand, 2014.
 */
export function createRandom(seed) {
  let a = 0
  let b = seed >>> 0
  let c = Math.floor(seed / 4294967296) >>> 0
  let counter = 1
  const next = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  // The first twelve draws still show the seed.
  for (let i = 0; i < 12; i++) next()
  return next
}

/** Uniform in [0, 1). */
export function uniform(random) {
  return random() / 4294967296
}

/** Four 16-bit uniforms, summed and centred, have this standard deviation: √(4 · (2^32 − 1) / 12). */
const deviationOfSum = Math.sqrt((4 * 4294967295) / 12)

/** Nearly normal, mean 0, standard deviation 1, within ±3.47: the centred sum of four uniforms. */
export function nearlyNormal(random) {
  const first = random()
  const second = random()
  const sum = (first >>> 16) + (first & 65535) + (second >>> 16) + (second & 65535)
  return (sum - 131070) / deviationOfSum
}
