/** Interactions by hand; against the reference on random documents: parse.test.ts. */
import { describe, expect, it } from 'vitest'
import { murmur3 } from '../../src/numeric/murmur3.js'
import { Ends, Parts } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import { ColumnOp, readResult, writeContext, type TestContext } from './parse-setup.js'

const BUCKETS = 2 ** 20
const context: TestContext = {
  columns: [
    { op: ColumnOp.Category, word: 0, values: [], missing: 90, part: 0 },
    { op: ColumnOp.Category, word: 1, values: [], missing: 91, part: 1 },
  ],
  interactions: [
    {
      ...{ firstPart: 0, secondPart: 1, word: 2 },
      ...{ values: ['a\x1fb', 'q"\x1f,'], first: 10, buckets: BUCKETS, firstBucket: 100, missing: 99 },
    },
    { firstPart: 1, word: 3, values: ['b', ','], first: 20, buckets: BUCKETS, firstBucket: 100, missing: 98 },
  ],
  missingTokens: ['NA'],
  strideWords: 4,
}

/** Words 2 and 3 of every row of a document; what lies behind its scratch must stay as it is. */
function interactionsOf(text: string): number[][] {
  const open = openKernel(40)
  const address = writeContext(open, context)
  const document = Buffer.from(text)
  const bytes = open.allocate(document.length + 64)
  open.bytes.set(document, bytes)
  const rows = open.allocate(64 * 16)
  const result = open.allocate(1024)
  const scratch = open.allocate(Parts.Room) + Parts.Room
  open.bytes.fill(0xc3, scratch + document.length, scratch + document.length + 1000)
  open.kernel.parseBlock(address, bytes, document.length, Ends.Data, 0, rows, 64, result, scratch)
  const behind = open.bytes.subarray(scratch + document.length, scratch + document.length + 1000)
  expect(behind.every((byte) => byte === 0xc3)).toBe(true)
  const { rows: count, bad } = readResult(open.view, result)
  expect(bad).toEqual([])
  const word = (row: number, at: number) => open.view.getUint32(rows + row * 16 + at * 4, true)
  return Array.from({ length: count }, (_, row) => [word(row, 2), word(row, 3)])
}

const bucketOf = (value: string): number => 100 + (murmur3(new TextEncoder().encode(value)) & (BUCKETS - 1))

describe('interactions', () => {
  it('are the pair of two values, or one of them, without quotes', () => {
    const csv = 'a,b\n"q""",","\nb,a\n"a",b\r\n'
    expect(interactionsOf(csv)).toEqual([
      [10, 20],
      [11, 21],
      [bucketOf('b\x1fa'), bucketOf('a')],
      [10, 20],
    ])
  })

  it('are missing where a part is', () => {
    expect(interactionsOf(',b\na,\na," NA "\nNA,b\n"",""\n')).toEqual([
      [99, 20],
      [99, 98],
      [99, 98],
      [99, 20],
      [99, 98],
    ])
  })

  it('do not remember the record before, good or bad', () => {
    expect(interactionsOf('a,b\n,b\na,b\n')).toEqual([
      [10, 20],
      [99, 20],
      [10, 20],
    ])
  })

  it.each([1, 300, 70_000])('take values of any length: %i bytes, alone in their block', (length) => {
    const [first, second] = ['v'.repeat(length), 'w"'.repeat(length)]
    const expected = [[bucketOf(`${first}\x1f${second}`), bucketOf(second)]]
    const written = `"${second.replaceAll('"', '""')}"`
    expect(interactionsOf(`${first},${written}`)).toEqual(expected)
    expect(interactionsOf(`a,b\n${first},${written}\na,b\n`)).toEqual([[10, 20], ...expected, [10, 20]])
  })
})
