import { runError, shown } from '../errors.js'
import { count, entriesOf, fieldsOf, listOf, modelInvalid, oneOf, text } from './check.js'
import { parseUntrustedJson } from './untrusted-json.js'

/** Bytes that hold the length of the header. */
export const PREFIX_BYTES = 8
/** The longest header that is written or read; the published limit is 100 MB. */
export const LARGEST_HEADER = 64 * 2 ** 20

const METADATA = '__metadata__'
const SPACE = 0x20
const OPENING_BRACE = 0x7b

/** The types that are read and written, and the bytes of a number. */
const types = {
  F32: { bytes: 4, create: (length: number) => new Float32Array(length) },
  F64: { bytes: 8, create: (length: number) => new Float64Array(length) },
  U8: { bytes: 1, create: (length: number) => new Uint8Array(length) },
} as const
type TypeName = keyof typeof types

export type TensorData = Float32Array | Float64Array | Uint8Array

/** A named array; the product of `shape` is the length of `data`. */
export interface Tensor<Data extends TensorData = Float32Array> {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Data
}

/** What a safetensors file holds. Maps, because the file chooses the names. */
export interface Safetensors<Data extends TensorData = Float32Array> {
  readonly tensors: ReadonlyMap<string, Tensor<Data>>
  readonly metadata: ReadonlyMap<string, string>
}

/** Where a tensor lies in the data, in bytes from its start. */
interface TensorRange {
  name: string
  type: TypeName
  shape: number[]
  begin: number
  end: number
}

/**
 * Tensors and metadata → the bytes of a safetensors file. The same tensors and metadata in the same order give the same
 * bytes; the header is padded with spaces to a multiple of 8, so that the data is aligned.
 *
 *     u64 header length | JSON header | data, little-endian throughout
 *
 * Throws MODEL_TOO_LARGE where the header would be longer than LARGEST_HEADER.
 * Source: Hugging Face, safetensors, "Format" (README), 2022.
 */
export function encodeSafetensors(
  tensors: readonly Tensor<TensorData>[],
  metadata: ReadonlyMap<string, string>,
): Uint8Array<ArrayBuffer> {
  const header = Buffer.from(headerOf(tensors, metadata))
  const headerBytes = Math.ceil(header.length / 8) * 8
  if (headerBytes > LARGEST_HEADER) {
    const got = `the header of the model file would have ${headerBytes} bytes`
    const hint = 'the vocabularies are too large: leave out a column of texts with --ignore'
    throw runError('MODEL_TOO_LARGE', `${got}, expected at most ${LARGEST_HEADER}`, hint)
  }
  const dataBytes = tensors.reduce((sum, { data }) => sum + data.byteLength, 0)
  const bytes = new Uint8Array(PREFIX_BYTES + headerBytes + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.set(header, PREFIX_BYTES)
  bytes.fill(SPACE, PREFIX_BYTES + header.length, PREFIX_BYTES + headerBytes)
  let at = PREFIX_BYTES + headerBytes
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

/** Written piece by piece: an object would put names that look like numbers first. */
function headerOf(tensors: readonly Tensor<TensorData>[], metadata: ReadonlyMap<string, string>): string {
  const texts = [...metadata].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
  const entries = [`${JSON.stringify(METADATA)}:{${texts.join(',')}}`]
  let at = 0
  for (const { name, shape, data } of tensors) {
    const range = [at, (at += data.byteLength)]
    entries.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype: typeOf(data), shape, data_offsets: range })}`,
    )
  }
  return `{${entries.join(',')}}`
}

function typeOf(data: TensorData): TypeName {
  if (data instanceof Float32Array) return 'F32'
  return data instanceof Float64Array ? 'F64' : 'U8'
}

/**
 * Bytes of a safetensors file → tensors and metadata; all tensors are f32 where nothing else is allowed. They are copies.
 *
 * Nothing in the file is believed: throws MODEL_INVALID where the header is longer than the file or than LARGEST_HEADER,
 * is not JSON, names a tensor twice or a type that is not allowed, where the tensors leave gaps or overlap, where a shape
 * does not match its bytes, or where bytes are left over or missing.
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors
export function decodeSafetensors(bytes: Uint8Array, allowed: readonly TypeName[]): Safetensors<TensorData>
export function decodeSafetensors(
  bytes: Uint8Array,
  allowed: readonly TypeName[] = ['F32'],
): Safetensors<TensorData> {
  const headerBytes = headerLength(bytes, bytes.length)
  const dataStart = PREFIX_BYTES + headerBytes
  const header = bytes.subarray(PREFIX_BYTES, dataStart)
  if (header[0] !== OPENING_BRACE) throw modelInvalid('header', '"{" first', `byte ${header[0] ?? 'none'}`)
  let metadata = new Map<string, string>()
  const ranges: TensorRange[] = []
  for (const [name, value] of entriesOf(parseUntrustedJson(utf8(header), 'header'), 'header')) {
    if (name === METADATA) metadata = textMap(value)
    else ranges.push(tensorRange(name, value, allowed))
  }
  checkRanges(ranges, bytes.length - dataStart)
  const tensors = ranges.map(({ name, type, shape, begin, end }): [string, Tensor<TensorData>] => {
    const data = types[type].create((end - begin) / types[type].bytes)
    new Uint8Array(data.buffer).set(bytes.subarray(dataStart + begin, dataStart + end))
    return [name, { name, shape, data }]
  })
  return { tensors: new Map(tensors), metadata }
}

/** Length of the header from the first 8 bytes, checked against the size of the file before anything is allocated. */
export function headerLength(prefix: Uint8Array, fileBytes: number): number {
  if (fileBytes < PREFIX_BYTES || prefix.length < PREFIX_BYTES) {
    throw modelInvalid('size', `${PREFIX_BYTES} bytes or more`, String(Math.min(fileBytes, prefix.length)))
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getBigUint64(0, true)
  const most = Math.min(LARGEST_HEADER, fileBytes - PREFIX_BYTES)
  if (length > BigInt(most)) throw modelInvalid('header length', `at most ${most}`, String(length))
  return Number(length)
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw modelInvalid('header', 'UTF-8', 'other bytes', cause)
  }
}

function textMap(value: unknown): Map<string, string> {
  return new Map(entriesOf(value, METADATA).map(([key, entry]) => [key, text(entry, `${METADATA}.${key}`)]))
}

function tensorRange(name: string, value: unknown, allowed: readonly TypeName[]): TensorRange {
  const where = `tensor ${shown(name)}`
  const field = fieldsOf(value, where, ['dtype', 'shape', 'data_offsets'])
  const type = field('dtype', oneOf(allowed))
  const shape = field('shape', listOf(count))
  const offsets = field('data_offsets', listOf(count))
  if (offsets.length !== 2) throw modelInvalid(where, 'two offsets', String(offsets.length))
  const [begin, end] = offsets as [number, number]
  // A product beyond 2^53 is rounded, but never down to the size of a file.
  const expected = shape.reduce((product, size) => product * size, types[type].bytes)
  if (end - begin !== expected) throw modelInvalid(where, `${expected} bytes by its shape`, `${end - begin}`)
  return { name, type, shape, begin, end }
}

/** The ranges must fill the data from its first byte to its last, without gap or overlap, in any order. */
function checkRanges(ranges: readonly TensorRange[], dataBytes: number): void {
  let at = 0
  for (const { name, begin, end } of [...ranges].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) throw modelInvalid(`tensor ${shown(name)}`, `its data at byte ${at}`, String(begin))
    at = end
  }
  if (at !== dataBytes) throw modelInvalid('data', `${at} bytes by the header`, String(dataBytes))
}
