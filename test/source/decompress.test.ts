import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodedStream } from '../../src/source/decoded-stream.js'
import { gunzip } from '../../src/source/gunzip.js'
import { decompressZstd } from '../../src/source/zstd.js'
import { PiecewiseStream, readAll, someText } from './bytes.js'

const runs = process.env.MILLRACE_THOROUGH === '1' ? 500 : 20
const text = someText(700_000)

/** Oracle of zstd: the zstd command. */
function zstd(bytes: Uint8Array, ...options: string[]): Buffer {
  return execFileSync('zstd', ['-q', '-c', ...options], { input: bytes, maxBuffer: 1 << 28 })
}

const hasZstd = (() => {
  try {
    return zstd(Buffer.from('a')).length > 0
  } catch {
    return false
  }
})()

const pieceSizes = fc.array(fc.integer({ min: 2000, max: 100_000 }), { minLength: 1 })

const decode = (bytes: Uint8Array, sizes?: number[]) =>
  readAll(new DecodedStream(new PiecewiseStream(bytes, sizes), undefined))

describe('gzip', () => {
  it('is decompressed by content, member after member, in whatever pieces it comes', async () => {
    const stored = Buffer.concat([gzipSync(text), gzipSync('and more\n'), gzipSync('')])
    await fc.assert(
      fc.asyncProperty(pieceSizes, async (sizes) => {
        expect((await decode(stored, sizes)).equals(Buffer.concat([text, Buffer.from('and more\n')]))).toBe(
          true,
        )
      }),
      { numRuns: runs },
    )
  })

  it('may come byte by byte', async () => {
    const stored = Buffer.concat([gzipSync('a,b\n'), gzipSync('1,2\n')])
    expect((await decode(stored, [1])).toString()).toBe('a,b\n1,2\n')
  })

  it('may be padded with zeros, as on tapes, but not with anything else', async () => {
    const stored = gzipSync('a,b\n')
    expect((await decode(Buffer.concat([stored, Buffer.alloc(1000)]))).toString()).toBe('a,b\n')
    await expect(decode(Buffer.concat([stored, Buffer.from('junk')]))).rejects.toMatchObject({
      code: 'COMPRESSED_DAMAGED',
    })
  })

  it('that is cut short is an error that says after how many bytes', async () => {
    const stored = gzipSync(text)
    const stream = gunzip(new PiecewiseStream(stored.subarray(0, stored.length / 2)))
    const into = new Uint8Array(1000)
    let bytes = 0
    const readOn = async () => {
      for (;;) bytes += await stream.read(into)
    }
    const error = await readOn().catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'COMPRESSED_CUT_SHORT', kind: 'run' })
    expect(error).toMatchObject({ place: { file: 'piecewise', byte: bytes } })
    expect(bytes).toBeGreaterThan(0)
  })

  it('whose bytes are damaged is an error', async () => {
    const stored = gzipSync(text)
    stored[stored.length - 6]! ^= 1
    await expect(decode(stored)).rejects.toMatchObject({ code: 'COMPRESSED_DAMAGED' })
  })

  it('may hold gzip, or nothing', async () => {
    expect((await decode(gzipSync(gzipSync('a\n')))).toString()).toBe('a\n')
    expect(await decode(gzipSync(''))).toHaveLength(0)
  })

  it('is closed with what it is read from', () => {
    const source = new PiecewiseStream(gzipSync(text))
    gunzip(source).close()
    expect(source.closed).toBe(true)
  })
})

describe.skipIf(!hasZstd).each([
  ['the decompressor of this Node', undefined],
  ['fzstd', false],
])('zstd, with %s', (_, native) => {
  const open = (bytes: Uint8Array, sizes?: number[]) =>
    readAll(decompressZstd(new PiecewiseStream(bytes, sizes), native))

  it.each([
    ['-1'],
    ['-19'],
    ['--no-check'],
    ['-19', '--no-check'],
    ['--long=24'],
    ['--stream-size=5', '--ultra'],
  ])('%s %s is decompressed', async (...options) => {
    const input = options.includes('--stream-size=5') ? Buffer.from('a,b,c') : text
    expect((await open(zstd(input, ...options))).equals(input)).toBe(true)
  })

  it('frames, skippable ones between them, are one stream, in whatever pieces they come', async () => {
    const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
    const stored = Buffer.concat([skippable, zstd(text), skippable, zstd(Buffer.from('end')), skippable])
    await fc.assert(
      fc.asyncProperty(pieceSizes, async (sizes) => {
        expect((await open(stored, sizes)).equals(Buffer.concat([text, Buffer.from('end')]))).toBe(true)
      }),
      { numRuns: runs },
    )
  })

  it('may come byte by byte', async () => {
    const stored = Buffer.concat([zstd(Buffer.from('a,b\n')), zstd(Buffer.from('1,2\n'))])
    expect((await open(stored, [1])).toString()).toBe('a,b\n1,2\n')
  })

  it('small texts of any length are decompressed', async () => {
    for (const length of [0, 1, 2, 5, 6, 7, 12, 40]) {
      const input = text.subarray(0, length)
      expect((await open(zstd(input))).equals(input)).toBe(true)
    }
  })

  it('that compresses ten thousandfold takes memory by the block', async () => {
    const zeros = Buffer.alloc(64 << 20)
    const stream = decompressZstd(new PiecewiseStream(zstd(zeros)), native)
    const into = new Uint8Array(1 << 18)
    let bytes = 0
    let largest = 0
    for (let read = await stream.read(into); read > 0; read = await stream.read(into)) {
      bytes += read
      largest = Math.max(largest, read)
    }
    expect(bytes).toBe(zeros.length)
    expect(largest).toBeLessThanOrEqual(128 << 10)
  })

  it('that is cut short anywhere is an error', async () => {
    const stored = zstd(text.subarray(0, 3000))
    for (let length = 1; length < stored.length; length += 7) {
      await expect(open(stored.subarray(0, length))).rejects.toMatchObject({ code: 'COMPRESSED_CUT_SHORT' })
    }
  })

  it('whose checksum does not fit, or that goes on with something else, is an error', async () => {
    const stored = zstd(text)
    const damaged = Buffer.from(stored)
    damaged[stored.length - 1]! ^= 1
    await expect(open(damaged)).rejects.toMatchObject({ code: 'COMPRESSED_DAMAGED' })
    await expect(open(Buffer.concat([stored, Buffer.from('junk')]))).rejects.toMatchObject({
      code: 'COMPRESSED_DAMAGED',
    })
  })

  it('with any byte changed is either the same text or an error', async () => {
    const input = text.subarray(0, 500)
    const stored = zstd(input)
    for (let at = 0; at < stored.length; at++) {
      const damaged = Buffer.from(stored)
      damaged[at]! ^= 0x24
      const result = await open(damaged).catch((error: unknown) => error)
      if (result instanceof Buffer) expect(result.equals(input)).toBe(true)
      else expect(result).toMatchObject({ kind: 'run', name: 'MillraceError' })
    }
  })
})
