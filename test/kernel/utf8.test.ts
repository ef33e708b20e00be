/** isUtf8 and firstInvalid against TextDecoder, and by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadReason, ColumnOp, ColumnProfile, Ends } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import { allocateRegions, readResult, writeContext } from './parse-setup.js'

const RUNS = process.env['MILLRACE_THOROUGH'] === '1' ? 200_000 : 4_000

const open = openKernel(8)
const place = open.allocate(4096)
const fatal = new TextDecoder('utf-8', { fatal: true })

function decodes(bytes: Uint8Array): boolean {
  try {
    fatal.decode(bytes)
    return true
  } catch {
    return false
  }
}

/**
 * The oracle for the place: U+FFFD stands where TextDecoder met the first wrong character (the Encoding Standard), unless
 * the bytes themselves hold one; so what stands before it, encoded again, is what was right.
 */
function firstInvalidByDecoder(bytes: Uint8Array): number {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const before = [...text].findIndex((character) => character === '\ufffd')
  return before < 0 ? bytes.length : Buffer.byteLength([...text].slice(0, before).join(''))
}

function check(bytes: Uint8Array, behind = 0x80): void {
  // What follows may be read and must not matter: here, bytes that would complete a character.
  open.bytes.set(bytes, place)
  open.bytes.fill(behind, place + bytes.length, place + bytes.length + 64)
  const end = place + bytes.length
  expect(open.kernel.isUtf8(place, end)).toBe(Number(decodes(bytes)))
  expect(open.kernel.firstInvalid(place, end) - place).toBe(firstInvalidByDecoder(bytes))
}

describe('isUtf8 and firstInvalid', () => {
  it('take the characters of Unicode and no surrogate', () => {
    // Every 61st, and all around where their number of bytes, or the rule, changes.
    const borders = [0x80, 0x800, 0xd800, 0xe000, 0x10000, 0x40000, 0x110000]
    const codes = Array.from({ length: 0x110000 / 61 }, (_, i) => i * 61)
    for (const border of borders) for (let code = border - 80; code < border + 80; code += 1) codes.push(code)
    for (const code of codes) {
      if (code < 0 || code > 0x10ffff || code === 0xfffd || (code >= 0xd800 && code <= 0xdfff)) continue
      check(Buffer.from(String.fromCodePoint(code)))
    }
  })

  it('agree with TextDecoder on every pair of bytes, at every place in a vector', () => {
    for (let first = 0x7f; first <= 0xff; first += 1) {
      for (let second = 0; second <= 0xff; second += 1) check(Uint8Array.of(first, second), 0x61)
    }
    for (let at = 0; at <= 70; at += 1) {
      for (const wrong of [
        [0xff],
        [0xc3],
        [0xed, 0xa0, 0x80],
        [0xe2, 0x82],
        [0xf4, 0x90, 0x80, 0x80],
        [0x80],
      ]) {
        check(Uint8Array.from([...Buffer.from('a'.repeat(at)), ...wrong, ...Buffer.from('é'.repeat(20))]))
        check(Uint8Array.from([...Buffer.from('é'.repeat(at)), ...wrong]))
      }
    }
  })

  it('agree with TextDecoder on text with damaged bytes', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', ',', 'é', '߿', '日', '퟿', '🙂', '\u{10ffff}'),
      maxLength: 60,
    })
    const damage = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 3 })
    const cases = fc.property(text, damage, fc.nat(3), (drawn, places, cut) => {
      const bytes = Buffer.from(drawn)
      for (const [at, byte] of places) if (at < bytes.length) bytes[at] = byte
      const kept = bytes.subarray(0, Math.max(0, bytes.length - cut))
      fc.pre(!kept.includes('\ufffd'))
      check(kept)
    })
    fc.assert(cases, { numRuns: RUNS })
  })

  // By RFC 3629, sections 3 and 10, and Markus Kuhn's stress test; the place is counted by hand.
  it.each([
    ['an overlong slash of two bytes', [0x61, 0xc0, 0xaf], 1],
    ['an overlong slash of three bytes', [0xe0, 0x80, 0xaf], 0],
    ['an overlong slash of four bytes', [0xf0, 0x80, 0x80, 0xaf], 0],
    ['the largest overlong ones', [0xc1, 0xbf], 0],
    ['a surrogate', [0x61, 0x62, 0xed, 0xa0, 0x80], 2],
    ['the last surrogate', [0xed, 0xbf, 0xbf], 0],
    ['just before the surrogates', [0xed, 0x9f, 0xbf], 3],
    ['just after the surrogates', [0xee, 0x80, 0x80], 3],
    ['U+10FFFF', [0xf4, 0x8f, 0xbf, 0xbf], 4],
    ['U+110000', [0xf4, 0x90, 0x80, 0x80], 0],
    ['five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80], 0],
    ['a character cut off', [0x61, 0xe2, 0x82], 1],
    ['a continuation by itself', [0x61, 0x62, 0x63, 0x80], 3],
    ['one continuation too many', [0xc3, 0xa9, 0xa9], 2],
  ])('%s', (_, bytes, expected) => {
    open.bytes.set(bytes, place)
    open.bytes.fill(0x80, place + bytes.length, place + bytes.length + 64)
    expect(open.kernel.firstInvalid(place, place + bytes.length) - place).toBe(expected)
    expect(open.kernel.isUtf8(place, place + bytes.length)).toBe(Number(expected === bytes.length))
  })
})

describe('a record that is not UTF-8', () => {
  const columns = [{ op: ColumnOp.Number, word: 0 }, { op: ColumnOp.Skip }, { op: ColumnOp.Number, word: 1 }]
  const context = writeContext(open, { columns, denseWords: 4, weightWord: 4, strideWords: 8 })
  const regions = allocateRegions(open, 1 << 15, 1 << 16)
  const good = '1,é,3\n'

  /** Latin-1 text, so that each character is one byte. */
  function put(text: string): number {
    const bytes = Buffer.from(text, 'latin1')
    open.bytes.set(bytes, regions.bytes)
    open.bytes.fill(0x0a, regions.bytes + bytes.length, regions.bytes + bytes.length + 64)
    return bytes.length
  }
  const utf8 = (text: string): string => Buffer.from(text).toString('latin1')

  // The column and the byte are counted by hand.
  it.each([
    ['in a skipped column', '1,a\xff,3', 1, 3],
    ['before a number that is none', '1,\xe9t\xe9,x', 1, 2],
    ['behind a number that is none', 'x,b,3\x80', 2, 5],
    ['within quotes, behind delimiters', '1,"a,b\n\xc3",3', 1, 7],
    ['where a delimiter follows too soon', '1,a\xc3,3', 1, 3],
    ['where the line ends too soon', '1,a,3\xe2\x82', 2, 5],
    ['in a field too many', '1,a,3,\xff', 3, 6],
    ['in a record too short', '1,\xff', 1, 2],
    ['behind a fault of quoting', '1,"a"b,\xff', 2, 7],
    ['in a quote that is never closed', '1,"a\n\xff', 1, 5],
  ])('is a bad row: %s', (_, record, column, field) => {
    const { bytes, rows, result, scratch } = regions
    // Alone, and far down in a document long enough for the fast way.
    for (const before of ['', utf8(good).repeat(2000)]) {
      const behind = record.includes('"a\n') ? '' : `\n${utf8(good)}`
      const length = put(before + record + behind)
      open.kernel.parseBlock(context, bytes, length, Ends.Data, 0, rows, 2040, result, scratch)
      const outcome = readResult(open.view, result)
      expect(outcome.bad).toMatchObject([
        {
          reason: BadReason.InvalidUtf8,
          record: before.length,
          recordLength: record.length,
          column,
          field: before.length + field,
          fieldLength: 1,
        },
      ])
      expect(outcome).toMatchObject({ consumed: length, rows: (before ? 2000 : 0) + (behind ? 1 : 0) })
    }
  })

  it('is no part of the sample', () => {
    const length = put(`${utf8(good)}2,\xff,4\n${utf8(good)}`)
    const profiles = open.allocate(3 * ColumnProfile.SIZE)
    const { bytes, scratch, rows } = regions
    expect(open.kernel.profileBlock(context, bytes, length, Ends.Data, profiles, scratch)).toBe(2)
    expect(open.kernel.listFields(context, bytes, length, Ends.Data, rows, rows + 16, 9)).toBe(2)
  })
})
