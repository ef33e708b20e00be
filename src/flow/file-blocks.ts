import { from, mergeAll, type Observable } from 'rxjs'
import { Ends } from '../../workers/layout.js'
import type { BlockParser } from '../engine/parser.js'
import type { ParseSlot } from '../engine/slots.js'
import { Credits } from '../engine/credits.js'
import { runError } from '../errors.js'
import { recordTooLong } from '../source/borders.js'
import type { Block } from './block.js'
import type { LaneRange, Stretch } from './file-lanes.js'

/**
 * Lanes → parsed blocks, in order within each lane. All lanes are read side by side; each has its own slots, and reads
 * on when one of them is free and the block before has told where it ended.
 */
export function fileBlocks(
  lanes: readonly LaneRange[],
  slots: readonly (readonly ParseSlot[])[],
  parser: BlockParser,
  blockBytes: number,
): Observable<Block> {
  return from(lanes.map((range, lane) => from(laneBlocks(range, lane, slots[lane]!, parser, blockBytes)))).pipe(mergeAll())
}

async function* laneBlocks(
  range: LaneRange,
  lane: number,
  slots: readonly ParseSlot[],
  parser: BlockParser,
  blockBytes: number,
): AsyncGenerator<Block> {
  const credits = new Credits(slots)
  for (const [i, stretch] of range.entries()) {
    const { file, end } = stretch
    let offset = stretch.start
    while (offset < end) {
      const slot = await credits.take()
      const length = Math.min(blockBytes, end - offset)
      const ends = offset + length === file.size ? Ends.Data : Ends.More
      slot.ask({ file: file.descriptor, raw: 0, offset, length, ends, position: file.base + offset })
      await parser.parse(slot)
      const bytes = slot.consumed
      if (bytes === 0) throw noRecord(slot, stretch, offset, length)
      const origin = { file: file.path, offset, bytes, line: undefined, raw: undefined }
      offset += bytes
      const last = offset === end && i === range.length - 1
      yield { slot, lane, rows: slot.rowCount, origin, last, release: () => credits.give(slot) }
    }
  }
}

/** Why no record could be cut from a block. */
function noRecord(slot: ParseSlot, { file, end }: Stretch, offset: number, length: number): Error {
  if (slot.lacking > 0) {
    return runError(
      'INPUT_CHANGED',
      `${file.path} had ${file.size} bytes when the run began; now it ends ${slot.lacking} bytes before byte ${offset + length}`,
      'do not write to the input while it is read',
      { file: file.path, byte: offset },
    )
  }
  if (offset + length < end) return recordTooLong(file.path, offset, length)
  // The proof of the guessed borders: every stretch must end exactly where the next one begins.
  return runError(
    'BORDER_NOT_PROVED',
    `a record that starts at byte ${offset} goes on beyond byte ${end}, where another one was taken to start`,
    'the quotes in this file are too irregular to read it in several places at once: use --lanes 1',
    { file: file.path, byte: offset },
  )
}
