import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs'

const READ_BYTES = 1 << 18
const LINE_FEED = 0x0a

/**
 * What a line of an interrupted run is to the run that goes on:
 *
 *     before    it and all above it stay
 *     between   it stays where all above it stay
 *     after     it goes, with all below it: the run writes that again
 *     kept      it stays, whatever goes
 */
export type LinePlace = 'before' | 'between' | 'after' | 'kept'

interface Line {
  readonly text: string
  /** First byte. */
  readonly from: number
}

/**
 * Takes from the end of a file what the run that goes on will write again, and a line that a kill has cut off. Reads from the end,
 * and no further than it has to: it holds one line, and a piece of the file.
 *
 * Throws what the system throws.
 */
export function cutLines(descriptor: number, placeOf: (line: string) => LinePlace): void {
  const { size } = fstatSync(descriptor)
  let cut = size
  let kept: string[] = []
  let rescued: string[] = []
  let isHalf = true
  for (const { text, from } of linesFromEnd(descriptor, size)) {
    // Below the last line break there is nothing, or half a line.
    const place = isHalf ? 'after' : placeOf(text)
    isHalf = false
    if (place === 'before') break
    if (place === 'kept') kept.unshift(text)
    if (place === 'after') {
      cut = from
      rescued = [...kept, ...rescued]
      kept = []
    }
  }
  if (cut < size) ftruncateSync(descriptor, cut)
  if (rescued.length > 0) writeSync(descriptor, `${rescued.join('\n')}\n`)
}

/** Without their line breaks, the last one first: what is below the last line break, empty in a file that ends with one. */
function* linesFromEnd(descriptor: number, size: number): Generator<Line> {
  let rest = Buffer.alloc(0)
  for (let to = size; to > 0;) {
    const from = Math.max(0, to - READ_BYTES)
    const bytes = Buffer.concat([readPiece(descriptor, from, to), rest])
    let end = bytes.length
    while (end > 0) {
      const feed = bytes.lastIndexOf(LINE_FEED, end - 1)
      if (feed < 0) break
      yield { text: bytes.toString('utf8', feed + 1, end), from: from + feed + 1 }
      end = feed
    }
    rest = bytes.subarray(0, end)
    to = from
  }
  if (size > 0) yield { text: rest.toString('utf8'), from: 0 }
}

function readPiece(descriptor: number, from: number, to: number): Buffer {
  const piece = Buffer.alloc(to - from)
  for (let at = 0; at < piece.length;) {
    const read = readSync(descriptor, piece, at, piece.length - at, from + at)
    if (read === 0) throw new Error('it was cut short while it was read')
    at += read
  }
  return piece
}
