import { from, type Observable } from 'rxjs'
import { Ends } from '../../workers/layout.js'
import { Credits } from '../engine/credits.js'
import { READ_AHEAD, type Region, type SharedMemory } from '../engine/memory.js'
import type { BlockParser } from '../engine/parser.js'
import type { ParseSlot } from '../engine/slots.js'
import type { GrowingVocabularies } from '../schema/growing-vocabularies.js'
import type { Dialect } from '../schema/schema.js'
import { recordTooLong } from '../source/borders.js'
import type { PartColumns, PartContexts } from '../schema/part-columns.js'
import type { ByteStream } from '../source/byte-stream.js'
import { PausedStream } from '../source/paused-stream.js'
import type { Block } from './block.js'
import { brokenRecordBytes } from './broken-record.js'
import type { Heads } from './heads.js'
import { holdsRecord, type OpenParts } from './open-parts.js'
import type { StreamLane } from './stream-lanes.js'
import { withBlock } from './trapped-block.js'
import { quotesAreAtFault, unfinishedRecordError } from './unfinished-record.js'

/** What the blocks of a stream are read and parsed with. */
export interface StreamReader {
  memory: SharedMemory
  parser: BlockParser
  /** How the parts are parsed. */
  parts: PartContexts
  heads: Heads
  dialect: Dialect
  openParts: OpenParts
  /** The number of the lane. */
  lane: number
  slots: readonly ParseSlot[]
  /** Raw buffers of `blockBytes` each: one is filled while the others are parsed. */
  buffers: readonly StreamBuffer[]
  blockBytes: number
  /** Whether a block's bytes stay until it is released. */
  keepBytes: boolean
  /** Blocks are given on as soon as they are parsed; else when as many as there is room for are on their way. */
  live: boolean
  /** A record that does not end is passed over, as one bad row; else it ends the run. */
  passOver: boolean
  /** Vocabularies that grow in the order of the lane, where it is the only one. */
  vocabularies?: GrowingVocabularies | undefined
}

/** Room for the raw bytes of a block. */
interface StreamBuffer {
  readonly bytes: Region
  /** ptr to room for the values that are unknown when it is parsed, where that is not in its slot. */
  readonly unseen: number | undefined
}

/** Room for the raw bytes of a stream, and for what is unknown in them. */
export function allocateBuffers(
  memory: SharedMemory,
  count: number,
  blockBytes: number,
  unseenBytes: number,
): StreamBuffer[] {
  return Array.from({ length: count }, () => ({
    bytes: memory.allocate('stream buffer', blockBytes + READ_AHEAD),
    unseen: unseenBytes > 0 ? memory.allocate('unseen values', unseenBytes).start : undefined,
  }))
}

/** The parts of a lane, one after the other → parsed blocks, in order. Blocks are cut on this thread, which alone sees the bytes come in order, and parsed on the workers. */
export function streamBlocks(lane: StreamLane, reader: StreamReader): Observable<Block> {
  return from(blocksInOrder(lane, reader))
}

/**
 * Parsing runs ahead of what has been taken, by as many blocks as there are buffers. A buffer is free again when its block
 * has been settled, in the order of the stream: what is unknown in it lies beside the bytes.
 *
 * A live stream is not waited for while a block is ready.
 */
async function* blocksInOrder(lane: StreamLane, reader: StreamReader): AsyncGenerator<Block> {
  const slots = new Credits(reader.slots)
  const parsing: { piece: Piece; block: Promise<Block> }[] = []
  const next = async (): Promise<Block> => {
    const { piece, block } = parsing.shift()!
    const parsed = await block
    reader.vocabularies?.settle(parsed.slot)
    if (!reader.keepBytes) piece.release()
    return parsed
  }
  const source = pieces(lane, reader)
  try {
    for (;;) {
      const arriving = source.next()
      arriving.catch(() => undefined)
      while (reader.live && parsing.length > 0 && (await isFirst(parsing[0]!.block, arriving)))
        yield await next()
      const arrived = await arriving
      if (arrived.done === true) break
      const piece = arrived.value
      const slot = await slots.take()
      const block = parsePiece(piece, slot, reader, () => slots.give(slot))
      // Its failure is met when its turn comes; until then it must not count as unheard.
      block.catch(() => undefined)
      parsing.push({ piece, block })
      if (parsing.length >= reader.buffers.length - 1) yield await next()
    }
    while (parsing.length > 0) yield await next()
  } finally {
    // It may wait for bytes until the stream is closed.
    source.return(undefined).catch(() => undefined)
  }
}

/** Whether one promise is settled before the other. */
function isFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const settled = (promise: Promise<unknown>, value: boolean): Promise<boolean> =>
    promise.then(
      () => value,
      () => value,
    )
  return Promise.race([settled(one, true), settled(other, false)])
}

/** Bytes in a buffer that hold whole records. */
interface Piece {
  start: number
  length: number
  ends: Ends
  file: string
  columns: PartColumns
  /** ptr to room for its unknown values, where that is not in the slot. */
  unseen: number | undefined
  /** Of its first byte in this part of the stream. */
  offset: number
  position: number
  line: number
  /** The last one of the lane. */
  last: boolean
  release(): void
}

async function parsePiece(
  piece: Piece,
  slot: ParseSlot,
  reader: StreamReader,
  release: () => void,
): Promise<Block> {
  const { start, length, ends, offset, position, line, file, columns, last, unseen } = piece
  slot.ask({ context: columns.context, file: undefined, raw: start, offset, length, ends, position, unseen })
  try {
    await reader.parser.parse(slot)
  } catch (error) {
    const { memory, dialect } = reader
    const bytes = (): Uint8Array => memory.views.u8.slice(start, start + length)
    throw withBlock(error, { slot, file, byte: offset, length, names: columns.names, dialect, bytes })
  }
  const bytes = slot.consumed
  if (bytes < length) throw recordTooLong(file, offset + bytes, length - bytes)
  const raw = slot.badCount > 0 ? reader.memory.views.u8.slice(start, start + length) : undefined
  const block = {
    slot,
    lane: reader.lane,
    rows: slot.rowCount,
    origin: { file, descriptor: undefined, columns, offset, bytes, line, raw },
    last,
    release,
  }
  if (!reader.keepBytes) return block
  const releaseBoth = (): void => {
    piece.release()
    release()
  }
  return { ...block, bytes: { start, length, ends }, release: releaseBoth }
}

/** Fills buffers and cuts each after its last whole record; what is left goes to the front of the next. */
async function* pieces(lane: StreamLane, reader: StreamReader): AsyncGenerator<Piece> {
  const { openParts } = reader
  const buffers = new Credits(reader.buffers)
  for (const placed of lane) {
    const stream = openParts.open(placed.part)
    try {
      yield* piecesOfPart(stream, placed.position, placed === lane.at(-1), buffers, reader)
    } finally {
      openParts.closed(stream)
    }
  }
}

async function* piecesOfPart(
  stream: ByteStream,
  position: number,
  isLast: boolean,
  buffers: Credits<StreamBuffer>,
  reader: StreamReader,
): AsyncGenerator<Piece> {
  const { kernel } = reader.memory
  let columns = reader.parts.first
  let rest = new Uint8Array(0)
  let offset = 0
  let line = 1
  for (let ended = false; !ended;) {
    const taken = await buffers.take()
    const { bytes: buffer, unseen } = taken
    const bytes = reader.memory.u8(buffer).subarray(0, reader.blockBytes)
    bytes.set(rest)
    let filled = rest.length
    let paused = false
    while (filled < bytes.length && !ended && !paused) {
      const news =
        filled > rest.length && (offset > 0 || holdsRecord(bytes.subarray(0, filled), reader.dialect.quote))
      const read = await readOn(stream, bytes.subarray(filled), news)
      filled += read ?? 0
      ended = read === 0
      paused = read === undefined
    }
    let ends = ended ? Ends.Data : Ends.More
    let head = 0
    if (offset === 0) {
      const found = reader.heads.read({ start: buffer.start, length: filled, ends, file: stream.name })
      columns = reader.parts.of(found.names, stream.name)
      head = found.bytes
    }
    let end = ended ? filled : lastBorder(reader, buffer.start, head, filled)
    // A first record that does not fit behind the head has the next block for itself.
    if (end === 0 && paused) {
      // No record is whole yet.
      rest = bytes.slice(0, filled)
      buffers.give(taken)
      continue
    }
    if (end === 0 && !ended) {
      end = brokenRecord(reader, columns, buffer.start, filled)
      if (end === 0) throw noRecord(reader, columns, bytes.slice(0, filled), stream.name, offset, line)
      ends = Ends.Data
    }
    rest = bytes.slice(end, filled)
    const lineOfHead = line + kernel.countLines(buffer.start, head)
    yield {
      start: buffer.start + head,
      length: end - head,
      ends,
      file: stream.name,
      columns,
      offset: offset + head,
      position: position + offset + head,
      line: lineOfHead,
      unseen,
      last: ended && isLast,
      release: () => buffers.give(taken),
    }
    line += kernel.countLines(buffer.start, end)
    offset += end
  }
}

/** Reads; undefined where a live stream pauses, and there is `news` that need not wait for it. */
function readOn(stream: ByteStream, into: Uint8Array, news: boolean): Promise<number | undefined> {
  return news && stream instanceof PausedStream ? stream.readUnlessPaused(into) : stream.read(into)
}

/** Bytes of a record that does not end in a full buffer, up to where reading can go on; 0 where it cannot. */
function brokenRecord(
  { memory, dialect, passOver }: StreamReader,
  { context }: PartColumns,
  start: number,
  length: number,
): number {
  // A record whose quotes are in order is only too long.
  const broken = passOver && quotesAreAtFault(memory.views.u8.slice(start, start + length), dialect)
  return broken ? brokenRecordBytes(memory, context, start, length, Ends.More) : 0
}

/** Why no record could be cut from a full buffer. */
function noRecord(
  { dialect }: StreamReader,
  { names }: PartColumns,
  bytes: Uint8Array,
  file: string,
  offset: number,
  line: number,
): Error {
  const record = { file, bytes, offset, line, atEnd: false }
  return unfinishedRecordError(record, dialect, names) ?? recordTooLong(file, offset, bytes.length, line)
}

/** The end of the last whole record between `from` and `to`, counted from `start`; a record starts at `from`. */
function lastBorder(
  { memory, parts, dialect }: StreamReader,
  start: number,
  from: number,
  to: number,
): number {
  const { kernel } = memory
  const { quote } = dialect
  // A Buffer is searched ten times as fast as a typed array on shared memory.
  const bytes = Buffer.from(memory.memory.buffer, start + from, to - from)
  const quoted = quote !== undefined && bytes.includes(quote.charCodeAt(0))
  if (!quoted) return from + kernel.lastBorder(start + from, to - from, 0)
  // A quote inside an unquoted field is text, so quotes cannot simply be counted: the records are walked through.
  let border = from
  for (;;) {
    const record = kernel.nextRecord(parts.first.context, start + border, to - border, Ends.More)
    if (record === 0) return border
    border += record
  }
}
