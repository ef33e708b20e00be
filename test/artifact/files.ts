import { MillraceError } from '../../src/errors.js'

/** The header of a safetensors file as an object, read by hand. */
export function headerOf(bytes: Uint8Array): Record<string, unknown> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  return JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString()) as Record<string, unknown>
}

/** The data of a safetensors file: what follows the header. */
export function dataOf(bytes: Uint8Array): Uint8Array {
  return bytes.slice(8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)))
}

/** A safetensors file from a header and data, both taken as they are. */
export function fileOf(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = Buffer.from(header)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(text.length))
  return new Uint8Array(Buffer.concat([prefix, text, data]))
}

/** The MillraceError that the action throws. */
export function errorOf(action: () => unknown): MillraceError {
  try {
    action()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('expected a MillraceError, but nothing was thrown')
}
