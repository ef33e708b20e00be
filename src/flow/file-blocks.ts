import { Observable, type Subscriber } from 'rxjs'
import { Ends } from '../../workers/layout.js'
import type { BlockParser } from '../engine/parser.js'
import type { ParseSlot } from '../engine/slots.js'
import { Credits } from '../engine/credits.js'
import type { Region, SharedMemory } from '../engine/memory.js'
import { MillraceError, runError } from '../errors.js'
import type { Dialect } from '../schema/schema.js'
import { recordTooLong } from '../source/borders.js'
import { readAt, readFailed } from '../source/files.js'
import { lineAt } from '../source/line-index.js'
import type { Block } from './block.js'
import { brokenRecordBytes } from './broken-record.js'
import type { LaneRange, Stretch } from './file-lanes.js'
import { withBlock } from './trapped-block.js'
import { quotesAreAtFault, unfinishedRecordError } from './unfinished-record.js'

/** How records are cut, and what becomes of one that does not end. */
export interface RecordForm {
  readonly dialect: Dialect
  readonly memory: SharedMemory
  /** A window of a block's size, where such a record is passed over; undefined: it ends the run. */
  readonly window: (() => Region) | undefined
}

/**
 * Lanes → parsed blocks, in order within each lane. All lanes are read side by side; each has its own slots, and reads
 * on when one of them is free and the block before has told where it ended.
 */
export function fileBlocks(
  lanes: readonly LaneRange[],
  slots: readonly (readonly ParseSlot[])[],
  parser: BlockParser,
  blockBytes: number,
  form: RecordForm,
): Observable<Block> {
  return new Observable((subscriber) => {
    const read = lanes.map((range, lane) =>
      readLane(range, lane, slots[lane]!, parser, blockBytes, form, subscriber),
    )
    Promise.all(read).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    )
  })
}

/** Reads one lane to its end, or until nobody wants its blocks any more. */
async function readLane(
  range: LaneRange,
  lane: number,
  slots: readonly ParseSlot[],
  parser: BlockParser,
  blockBytes: number,
  form: RecordForm,
  blocks: Subscriber<Block>,
): Promise<void> {
  const credits = new Credits(slots)
  for (const [i, stretch] of range.entries()) {
    const { file, columns, end } = stretch
    let offset = stretch.start
    while (offset < end && !blocks.closed) {
      const slot = await credits.take()
      const length = Math.min(blockBytes, end - offset)
      const ends = offset + length === file.size ? Ends.Data : Ends.More
      await parseOf(slot, stretch, [offset, length, ends], parser, form.dialect)
      if (slot.consumed === 0) {
        const broken = passOver(slot, stretch, offset, length, form)
        await parseOf(slot, stretch, [offset, broken, Ends.Data], parser, form.dialect)
      }
      const bytes = slot.consumed
      const { path, descriptor } = file
      const origin = { file: path, descriptor, columns, offset, bytes, line: undefined, raw: undefined }
      offset += bytes
      const last = offset === end && i === range.length - 1
      blocks.next({ slot, lane, rows: slot.rowCount, origin, last, release: () => credits.give(slot) })
    }
  }
}

/** Asks for a block and waits for it. What goes wrong is told with its place, which the worker does not know. */
async function parseOf(
  slot: ParseSlot,
  { file, columns }: Stretch,
  [byte, length, ends]: readonly [byte: number, length: number, ends: Ends],
  parser: BlockParser,
  dialect: Dialect,
): Promise<void> {
  const { path, descriptor } = file
  const position = file.base + byte
  slot.ask({ context: columns.context, file: descriptor, raw: 0, offset: byte, position, length, ends })
  try {
    await parser.parse(slot)
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'READ_FAILED')
      throw readFailed(path, byte, error.cause)
    const bytes = (): Uint8Array => {
      const block = new Uint8Array(length)
      return block.subarray(0, readAt(file, block, length, byte))
    }
    throw withBlock(error, { slot, file: path, byte, length, names: columns.names, dialect, bytes })
  }
}

/** Bytes in which the end of a record is looked for before it is said to have none. */
const LOOK_AHEAD = 1 << 20

/** Bytes of the record that does not end, up to where reading can go on; as one bad row. Throws where it cannot. */
function passOver(
  slot: ParseSlot,
  stretch: Stretch,
  offset: number,
  length: number,
  form: RecordForm,
): number {
  const { file, columns, end } = stretch
  const { memory, dialect, window } = form
  const withinStretch = offset + length < end
  if (window !== undefined && slot.lacking === 0) {
    const ahead = new Uint8Array(withinStretch ? length : Math.max(length, LOOK_AHEAD))
    const read = readAt(file, ahead, ahead.length, offset)
    // A record whose quotes are in order is only too long, or the border behind it is none.
    if (quotesAreAtFault(ahead.subarray(0, read), dialect)) {
      const { start } = window()
      memory.views.u8.set(ahead.subarray(0, length), start)
      const bytes = brokenRecordBytes(memory, columns.context, start, length, Ends.More)
      if (bytes > 0) return bytes
      // The stretch ends where a record starts.
      if (!withinStretch) return length
    }
  }
  throw noRecord(slot, stretch, offset, length, form)
}

/** Why no record could be cut from a block. */
function noRecord(
  slot: ParseSlot,
  { file, columns, end }: Stretch,
  offset: number,
  length: number,
  form: RecordForm,
): Error {
  if (slot.lacking > 0) {
    return runError(
      'INPUT_CHANGED',
      `${file.path} had ${file.size} bytes when the run began; now it ends ${slot.lacking} bytes before byte ${offset + length}`,
      'do not write to the input while it is read',
      { file: file.path, byte: offset },
    )
  }
  const withinStretch = offset + length < end
  const bytes = new Uint8Array(withinStretch ? length : LOOK_AHEAD)
  const read = readAt(file, bytes, bytes.length, offset)
  const line = lineAt(file.descriptor, offset)
  const atEnd = offset + read === file.size
  const quoting = unfinishedRecordError(
    { file: file.path, bytes: bytes.subarray(0, read), offset, line, atEnd },
    form.dialect,
    columns.names,
  )
  if (quoting !== undefined) return quoting
  if (withinStretch) return recordTooLong(file.path, offset, length, line)
  // The proof of the guessed borders: every stretch must end exactly where the next one begins.
  return runError(
    'BORDER_NOT_PROVED',
    `a record that starts at byte ${offset} goes on beyond byte ${end}, where another one was taken to start`,
    'the quotes in this file are too irregular to read it in several places at once: use --lanes 1',
    { file: file.path, line, byte: offset },
  )
}
