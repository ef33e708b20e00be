/** CRC-32C, reflected: x³² + x²⁸ + x²⁷ + … Source: G. Castagnoli et al., "Optimization of cyclic redundancy-check codes", 1993. */
const POLYNOMIAL = 0x82f63b78
const MASK = 0xa282ead8

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0)
  return crc
})

/** The CRC-32C of some bytes, 0 … 2³² − 1. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** As records carry it, so that the CRC of bytes with a CRC in them is a CRC still: turned by 15 bits, and a constant. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0
}
