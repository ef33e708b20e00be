import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { once } from 'node:events'
import { createRandom } from './random.mjs'

const blockBytes = 1 << 20
/** Blocks that are made once and then repeated in a drawn order when streaming. */
const poolBlocks = 64

function writeAll(file, buffer, length) {
  for (let written = 0; written < length;) written += writeSync(file, buffer, written, length - written)
}

/**
 * Writes a CSV of drawn rows to a file, in flat memory: beside it first, then renamed.
 * `writeRow(buffer, offset, random)` writes one row of at most `maximumRowBytes` and returns the offset after it.
 * The same seed gives the same bytes.
 */
export function writeRowsToFile({ out, header, rows, seed, maximumRowBytes, writeRow }) {
  const random = createRandom(seed)
  const buffer = Buffer.allocUnsafe(blockBytes + maximumRowBytes)
  const beside = `${out}.${process.pid}.tmp`
  const file = openSync(beside, 'w')
  try {
    let offset = buffer.write(header, 'latin1')
    for (let row = 0; row < rows; row++) {
      offset = writeRow(buffer, offset, random)
      if (offset >= blockBytes) {
        writeAll(file, buffer, offset)
        offset = 0
      }
    }
    writeAll(file, buffer, offset)
    fsyncSync(file)
    renameSync(beside, out)
  } finally {
    closeSync(file)
    rmSync(beside, { force: true })
  }
}

/** About a megabyte of whole rows. */
function fillBlock(random, maximumRowBytes, writeRow) {
  const buffer = Buffer.allocUnsafe(blockBytes + maximumRowBytes)
  let offset = 0
  while (offset < blockBytes) offset = writeRow(buffer, offset, random)
  return buffer.subarray(0, offset)
}

/**
 * Streams a header and at least `bytes` bytes of whole rows to stdout, as fast as the reader takes them.
 * Drawing rows is slower than a pipe, so a pool of blocks is drawn once and repeated in a drawn order.
 */
export async function streamRows({ header, bytes, seed, maximumRowBytes, writeRow }) {
  const random = createRandom(seed)
  const count = Math.min(poolBlocks, Math.ceil(bytes / blockBytes))
  const pool = Array.from({ length: count }, () => fillBlock(random, maximumRowBytes, writeRow))
  // A reader that has seen enough (`| head`) ends the stream; that is no failure.
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  process.stdout.write(header)
  let left = bytes - header.length
  while (left > 0) {
    const block = pool[random() % pool.length]
    // The last block is cut after the row that reaches the wanted size.
    const end = left >= block.length ? block.length : block.indexOf(10, left - 1) + 1
    if (!process.stdout.write(block.subarray(0, end))) await once(process.stdout, 'drain')
    left -= end
  }
}
