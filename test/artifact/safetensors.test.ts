import { describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors, headerLength } from '../../src/artifact/safetensors.js'
import { errorOf, fileOf } from './files.js'

const pair = { name: 'pair', shape: [2, 1], data: Float32Array.of(1, -2) }

/** A header with one tensor of 8 bytes, some of its fields replaced. */
function header(fields: object = {}): string {
  return JSON.stringify({ pair: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8], ...fields } })
}

describe('encodeSafetensors', () => {
  it('writes the bytes that the published format says', () => {
    // By hand: the header has 85 characters, padded to 88 = 0x58; 1 is 3f800000 and −2 is c0000000 in f32.
    const text = '{"__metadata__":{"a":"é"},"pair":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}'
    expect(Buffer.byteLength(text)).toBe(85)
    const bytes = encodeSafetensors([pair], new Map([['a', 'é']]))
    expect(Buffer.from(bytes).toString('latin1')).toBe(
      '\x58\0\0\0\0\0\0\0' + Buffer.from(text).toString('latin1') + '   ' + '\0\0\x80\x3f\0\0\0\xc0',
    )
  })

  it('keeps the given order, also of names that look like numbers', () => {
    const tensors = ['b', '10', '9', '__proto__'].map((name) => ({ ...pair, name }))
    const { tensors: read, metadata } = decodeSafetensors(
      encodeSafetensors(tensors, new Map([['2', 'x'], ['1', 'y']])), // prettier-ignore
    )
    // JSON.parse puts whole numbers first; the data must still be the one of its name.
    expect([...read.keys()].sort()).toEqual(['10', '9', '__proto__', 'b'])
    expect(read.get('__proto__')).toEqual({ ...pair, name: '__proto__' })
    expect(metadata).toEqual(new Map([['1', 'y'], ['2', 'x']])) // prettier-ignore
    expect(({} as Record<string, unknown>)['shape']).toBeUndefined()
  })

  it('writes a view that starts in the middle of its memory, and an empty tensor', () => {
    const data = Float32Array.of(9, 1, -2, 9).subarray(1, 3)
    const empty = { name: 'empty', shape: [0, 3], data: new Float32Array(0) }
    const { tensors } = decodeSafetensors(encodeSafetensors([empty, { ...pair, data }], new Map()))
    expect(tensors.get('pair')!.data).toEqual(Float32Array.of(1, -2))
    expect(tensors.get('empty')).toEqual(empty)
  })

  it('refuses a header that it would not read', () => {
    const error = errorOf(() => encodeSafetensors([], new Map([['a', 'x'.repeat(64 * 2 ** 20)]])))
    expect(error.code).toBe('MODEL_TOO_LARGE')
  })
})

describe('decodeSafetensors', () => {
  const data = new Uint8Array(8)

  it('reads what another writer may write: spaces, no metadata, any order, an odd header length', () => {
    const text = `{ "b" : {"shape":[1],"data_offsets":[4,8],"dtype":"F32"},
      "a":{"dtype":"F32","data_offsets":[0,4],"shape":[]} }\n`
    const bytes = fileOf(text, new Uint8Array(Float32Array.of(3, 4).buffer))
    const { tensors, metadata } = decodeSafetensors(bytes)
    // Offsets by hand: a is the first value, b the second; a shape [] is one value.
    expect([tensors.get('a')!.data, tensors.get('b')!.data]).toEqual([Float32Array.of(3), Float32Array.of(4)])
    expect(metadata.size).toBe(0)
  })

  const refused: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /size: expected 8 bytes or more, got 0/],
    ['7 bytes', new Uint8Array(7), /size/],
    [
      'a header longer than the file',
      fileOf(header(), data).slice(0, 20),
      /header length: expected at most 12/,
    ],
    ['a header length of 2^64 − 1', new Uint8Array(100).fill(255), /at most 92, got 18446744073709551615/],
    ['no header', new Uint8Array(8), /header: expected "{" first, got byte none/],
    ['a header that does not start with a brace', fileOf(' {}'), /"{" first, got byte 32/],
    ['text that is no JSON', fileOf('{"a"'), /header: expected JSON/],
    ['bytes that are no UTF-8', fileOf('{}').fill(0xff, 9), /UTF-8/],
    ['another type', fileOf(header({ dtype: 'F64' }), data), /dtype: expected "F32", got "F64"/],
    ['a field more', fileOf(header({ strides: [1] }), data), /only the fields dtype, shape, data_offsets/],
    ['a field less', fileOf('{"a":{"dtype":"F32","shape":[]}}', data), /a field "data_offsets"/],
    [
      'a shape of another size',
      fileOf(header({ shape: [3] }), data),
      /expected 12 bytes by its shape, got 8/,
    ],
    ['a shape that overflows', fileOf(header({ shape: [2 ** 52, 2 ** 52] }), data), /by its shape, got 8/],
    ['a size that is not whole', fileOf(header({ shape: [0.5, 4] }), data), /shape\[0\]: expected a whole/],
    ['a negative size', fileOf(header({ shape: [-2, -1] }), data), /shape\[0\]: expected a whole/],
    ['a shape that is no list', fileOf(header({ shape: 2 }), data), /shape: expected a list, got 2/],
    ['an end before the start', fileOf(header({ data_offsets: [8, 0] }), data), /got -8/],
    ['one offset', fileOf(header({ data_offsets: [0] }), data), /two offsets, got 1/],
    ['an end beyond the file', fileOf(header(), new Uint8Array(4)), /data: expected 8 bytes .* got 4/],
    ['bytes left over', fileOf(header(), new Uint8Array(12)), /data: expected 8 bytes .* got 12/],
    ['a gap', fileOf(header({ data_offsets: [4, 12] }), new Uint8Array(12)), /its data at byte 0, got 4/],
    [
      'metadata that is no text',
      fileOf('{"__metadata__":{"a":1}}'),
      /__metadata__.a: expected a text, got 1/,
    ],
    ['metadata that is no object', fileOf('{"__metadata__":[]}'), /__metadata__: expected an object/],
    ['a tensor that is no object', fileOf('{"a":null}'), /tensor "a": expected an object, got null/],
    ['metadata given twice', fileOf('{"__metadata__":{"a":"1","\\u0061":"2"}}'), /every key once/],
    ['deep nesting', fileOf(`{"a":${'['.repeat(1e5)}`), /at most 16 levels of JSON/],
    ['very many lists', fileOf(`{"a":[${'[],'.repeat(1.1e6)}0]}`), /at most 1048576 objects and lists/],
  ]
  it.each(refused)('refuses %s', (_, bytes, message) => {
    const error = errorOf(() => decodeSafetensors(bytes))
    expect([error.code, error.kind]).toEqual(['MODEL_INVALID', 'run'])
    expect(error.message).toMatch(message)
  })

  it('refuses a name given twice, overlapping tensors, and counts no colon inside a text as a key', () => {
    const tensor = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
    const four = new Uint8Array(4)
    expect(errorOf(() => decodeSafetensors(fileOf(`{"a":${tensor},"a":${tensor}}`, four))).message).toMatch(
      /every key once/,
    )
    expect(errorOf(() => decodeSafetensors(fileOf(`{"a":${tensor},"b":${tensor}}`, four))).message).toMatch(
      /tensor "b": expected its data at byte 4, got 0/,
    )
    const texts = { 'a":"b': '":', '\\': '\\":\\"', 'c\\"': '{[' }
    const { metadata } = decodeSafetensors(fileOf(JSON.stringify({ __metadata__: texts })))
    expect(metadata).toEqual(new Map(Object.entries(texts)))
  })
})

describe('headerLength', () => {
  it('refuses more than 64 MiB, however large the file is', () => {
    const prefix = fileOf('').slice(0, 8)
    new DataView(prefix.buffer).setUint32(0, 64 * 2 ** 20, true)
    expect(headerLength(prefix, 2 ** 40)).toBe(64 * 2 ** 20)
    new DataView(prefix.buffer).setUint32(0, 64 * 2 ** 20 + 1, true)
    expect(errorOf(() => headerLength(prefix, 2 ** 40)).message).toMatch(/at most 67108864, got 67108865/)
  })
})
