import { openKernel, type OpenKernel } from '../../test/kernel/harness.js'
import { allocateRegions, writeContext, type TestColumn } from '../../test/kernel/parse-setup.js'
import { ColumnOp, Ends, ParseResult } from '../../workers/layout.js'
import type { Contender } from './contender.js'
import { BUCKETS, type Sample } from './shapes.js'

/** As in a run: a block of a lane. */
const BLOCK_BYTES = 64 << 10
const PAGE = 65536

/** Where a sample's columns go in an encoded row: numbers, then categories, then the weight. */
function encoding({ columns }: Sample) {
  const numbers = columns.filter((kind) => kind === 'number').length
  const denseWords = Math.ceil(numbers / 4) * 4
  const weightWord = denseWords + columns.length - numbers
  let number = 0
  let category = denseWords
  const program = columns.map((kind): TestColumn & { word: number } =>
    kind === 'number'
      ? { op: ColumnOp.Number, word: number++ }
      : { op: ColumnOp.Category, word: category++, values: [], buckets: BUCKETS, missing: BUCKETS },
  )
  return { program, denseWords, weightWord, strideWords: Math.ceil((weightWord + 1) / 4) * 4 }
}

/** The parse kernel alone, on this thread: bytes → encoded rows, a block at a time into the same slot. */
export const millraceKernel: Contender = {
  name: 'millrace kernel',
  open(sample) {
    const { program, ...layout } = encoding(sample)
    const body = sample.bytes.subarray(sample.headerBytes)
    // A row is no shorter than a byte a field.
    const capacity = Math.ceil(BLOCK_BYTES / sample.columns.length)
    const rowBytes = capacity * layout.strideWords * 4
    const open = openKernel(Math.ceil((body.length + rowBytes) / PAGE) + 16)
    const context = writeContext(open, { columns: program, ...layout })
    const regions = allocateRegions(open, BLOCK_BYTES, rowBytes)
    const bytes = open.allocate(body.length + 64)
    open.bytes.set(body, bytes)
    const parse = (eachBlock: (rows: number) => void): number =>
      parseBlocks(open, { context, bytes, length: body.length, capacity, ...regionsOf(regions) }, eachBlock)
    return {
      parse: () => parse(() => undefined),
      columnSums() {
        const sums = program.map(() => 0)
        const words = {
          number: new Float32Array(open.memory.buffer),
          text: new Uint32Array(open.memory.buffer),
        }
        parse((rows) => {
          for (let row = 0; row < rows; row++) {
            const at = regions.rows / 4 + row * layout.strideWords
            for (const [i, kind] of sample.columns.entries()) sums[i]! += words[kind][at + program[i]!.word]!
          }
        })
        return sums
      },
    }
  },
}

interface Addresses {
  context: number
  bytes: number
  length: number
  rows: number
  capacity: number
  result: number
  scratch: number
}

function regionsOf({ rows, result, scratch }: { rows: number; result: number; scratch: number }) {
  return { rows, result, scratch }
}

/** Parses all bytes block by block, each beginning where the whole records of the one before ended; returns the rows. */
function parseBlocks({ kernel, view }: OpenKernel, at: Addresses, eachBlock: (rows: number) => void): number {
  let offset = 0
  let total = 0
  while (offset < at.length) {
    const length = Math.min(BLOCK_BYTES, at.length - offset)
    const ends = offset + length === at.length ? Ends.Data : Ends.More
    kernel.parseBlock(
      at.context,
      at.bytes + offset,
      length,
      ends,
      offset,
      at.rows,
      at.capacity,
      at.result,
      at.scratch,
    )
    const consumed = view.getUint32(at.result + ParseResult.Consumed, true)
    const bad = view.getUint32(at.result + ParseResult.BadRows, true)
    if (consumed === 0 || bad > 0)
      throw new Error(`the kernel found ${bad} bad rows in the block at ${offset}`)
    const rows = view.getUint32(at.result + ParseResult.Rows, true)
    eachBlock(rows)
    total += rows
    offset += consumed
  }
  return total
}
