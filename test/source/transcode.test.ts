import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EncodingName } from '../../src/options.js'
import { DecodedStream } from '../../src/source/decoded-stream.js'
import { PiecewiseStream, readAll } from './bytes.js'

const runs = process.env.MILLRACE_THOROUGH === '1' ? 2000 : 100
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })

const decode = (bytes: Uint8Array, encoding?: EncodingName, reads?: number[], into?: number) =>
  readAll(new DecodedStream(new PiecewiseStream(bytes, reads), encoding), into)

/** Oracle: Node's Buffer, which writes UTF-16LE; swap16 makes it big-endian. */
const utf16 = {
  'utf-16le': (text: string) => Buffer.from(text, 'utf16le'),
  'utf-16be': (text: string) => Buffer.from(text, 'utf16le').swap16(),
} as const

describe.each(['utf-16le', 'utf-16be'] as const)('%s', (encoding) => {
  it('becomes UTF-8, however it is cut', async () => {
    const property = fc.asyncProperty(fc.string({ unit: 'grapheme' }), sizes, async (text, reads) => {
      const marked = utf16[encoding](`\ufeff${text}`)
      expect((await decode(marked, undefined, reads, 5)).toString()).toBe(text)
      expect((await decode(marked, encoding, reads)).toString()).toBe(text)
    })
    await fc.assert(property, { numRuns: runs })
  })

  it('is recognised without a mark where it starts with Latin script', async () => {
    expect((await decode(utf16[encoding]('a,b\n1,😀\n'))).toString()).toBe('a,b\n1,😀\n')
  })

  it('crosses the buffers of the transcoder whole', async () => {
    const text = `a${'😀é✓'.repeat(40_000)}`
    expect((await decode(utf16[encoding](`\ufeff${text}`))).toString()).toBe(text)
  })

  // Oracle: by hand. 0xff is in no UTF-8 text (RFC 3629, section 1).
  it.each([
    ['a high surrogate alone', 'a,\ud83d,b', 'a,\xff,b'],
    ['a high surrogate at the end', 'a,\ud83d', 'a,\xff'],
    ['a low surrogate alone', 'a,\ude00,b', 'a,\xff,b'],
    ['two high surrogates before a low one', 'a,\ud83d\ud83d\ude00', 'a,\xff\xf0\x9f\x98\x80'],
  ])('%s is no text', async (_, text, expected) => {
    expect((await decode(utf16[encoding](text), encoding, [1])).toString('latin1')).toBe(expected)
    expect((await decode(utf16[encoding](text), encoding)).toString('latin1')).toBe(expected)
  })

  it('half a unit at the end is no text', async () => {
    const bytes = Buffer.concat([utf16[encoding]('a\n'), Buffer.from('b')])
    expect((await decode(bytes, encoding)).toString('latin1')).toBe('a\n\xff')
  })

  it('may be compressed', async () => {
    expect((await decode(gzipSync(utf16[encoding]('\ufeffé,b\n')))).toString()).toBe('é,b\n')
  })
})

it('latin1 becomes UTF-8, and is never guessed', async () => {
  // Oracle: Node's Buffer.
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  expect((await decode(bytes, 'latin1', [3])).toString()).toBe(bytes.toString('latin1'))
  expect((await decode(Buffer.from('é', 'latin1'))).equals(Buffer.from([0xe9]))).toBe(true)
})

it('UTF-8 passes as it is, with its byte order mark', async () => {
  const bytes = Buffer.from('\ufeffa,\xe9\n')
  expect((await decode(bytes)).equals(bytes)).toBe(true)
  expect((await decode(bytes, 'utf-8')).equals(bytes)).toBe(true)
  expect(await decode(Buffer.from(''))).toHaveLength(0)
})
