import { maskedCrc32c } from './crc32c.js'

const LENGTH_BYTES = 8
const CRC_BYTES = 4

/**
 * Data as a record of an event file (TFRecord), all little-endian:
 *
 *     u64 length · u32 masked CRC of the length · data · u32 masked CRC of the data
 */
export function record(data: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + CRC_BYTES + data.length + CRC_BYTES)
  bytes.writeUInt32LE(data.length)
  bytes.writeUInt32LE(0, LENGTH_BYTES / 2)
  bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, LENGTH_BYTES)), LENGTH_BYTES)
  bytes.set(data, LENGTH_BYTES + CRC_BYTES)
  bytes.writeUInt32LE(maskedCrc32c(data), LENGTH_BYTES + CRC_BYTES + data.length)
  return bytes
}
