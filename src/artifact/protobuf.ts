const VARINT = 0
const EIGHT_BYTES = 1
const LENGTH = 2
const FOUR_BYTES = 5
/** A key or a varint takes ten bytes at most. */
const KEY_AND_VALUE = 20

/**
 * Writes the fields of a protocol buffer one after the other, as much as TensorBoard's events and ONNX models need, into one buffer
 * that is used again.
 * Source: protobuf.dev, "Encoding".
 */
export class MessageWriter {
  #bytes = Buffer.alloc(1 << 12)
  #end = 0

  /** What has been written, until something else is. */
  get message(): Buffer {
    return this.#bytes.subarray(0, this.#end)
  }

  clear(): void {
    this.#end = 0
  }

  /** int64, 0 ≤ value < 2⁵³, or an enum. */
  whole(id: number, value: number): void {
    this.#key(id, VARINT, 0)
    this.#end = writeVarint(this.#bytes, this.#end, value)
  }

  double(id: number, value: number): void {
    this.#key(id, EIGHT_BYTES, 0)
    this.#end = this.#bytes.writeDoubleLE(value, this.#end)
  }

  float(id: number, value: number): void {
    this.#key(id, FOUR_BYTES, 0)
    this.#end = this.#bytes.writeFloatLE(value, this.#end)
  }

  text(id: number, text: string): void {
    const length = Buffer.byteLength(text)
    this.#key(id, LENGTH, length)
    this.#end = writeVarint(this.#bytes, this.#end, length)
    this.#end += this.#bytes.write(text, this.#end)
  }

  bytes(id: number, bytes: Uint8Array): void {
    this.#key(id, LENGTH, bytes.length)
    this.#end = writeVarint(this.#bytes, this.#end, bytes.length)
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** Packed. */
  doubles(id: number, values: readonly number[]): void {
    this.#key(id, LENGTH, 8 * values.length)
    this.#end = writeVarint(this.#bytes, this.#end, 8 * values.length)
    for (const value of values) this.#end = this.#bytes.writeDoubleLE(value, this.#end)
  }

  /** A message in the message: `fields` writes its fields. */
  nested(id: number, fields: () => void): void {
    this.#key(id, LENGTH, 0)
    const from = this.#end
    fields()
    // Its length goes before it, and is known now.
    const length = this.#end - from
    this.#reserve(KEY_AND_VALUE)
    const to = from + varintBytes(length)
    this.#bytes.copyWithin(to, from, this.#end)
    writeVarint(this.#bytes, from, length)
    this.#end = to + length
  }

  #key(id: number, type: number, bytes: number): void {
    this.#reserve(bytes + KEY_AND_VALUE)
    this.#end = writeVarint(this.#bytes, this.#end, id * 8 + type)
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return
    const larger = Buffer.alloc(2 * this.#bytes.length + bytes)
    larger.set(this.message)
    this.#bytes = larger
  }
}

function writeVarint(bytes: Buffer, from: number, value: number): number {
  let at = from
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128
  bytes[at++] = rest
  return at
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++
  return bytes
}
