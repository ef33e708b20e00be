/**
 * Fields of protocol buffers, as much as events need. A message is its fields one after the other.
 * Source: protobuf.dev, "Encoding".
 */

const VARINT = 0
const EIGHT_BYTES = 1
const LENGTH = 2
const FOUR_BYTES = 5

/** int64, 0 ≤ value < 2⁵³, or an enum. */
export function wholeField(id: number, value: number): Buffer {
  return Buffer.from([...key(id, VARINT), ...varint(value)])
}

export function doubleField(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([Buffer.from(key(id, EIGHT_BYTES)), bytes])
}

export function floatField(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return Buffer.concat([Buffer.from(key(id, FOUR_BYTES)), bytes])
}

export function textField(id: number, text: string): Buffer {
  return bytesField(id, Buffer.from(text))
}

/** A message in a message. */
export function messageField(id: number, ...fields: readonly Buffer[]): Buffer {
  return bytesField(id, Buffer.concat(fields))
}

/** Packed. */
export function doublesField(id: number, values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length)
  values.forEach((value, i) => bytes.writeDoubleLE(value, 8 * i))
  return bytesField(id, bytes)
}

function bytesField(id: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...key(id, LENGTH), ...varint(bytes.length)]), bytes])
}

function key(id: number, type: number): number[] {
  return varint(id * 8 + type)
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return [...bytes, rest]
}
