import { Ends } from '../../workers/layout.js'
import { READ_AHEAD, SHARE_OF_BLOCKS, type Region, type SharedMemory } from '../engine/memory.js'
import { BlockParser } from '../engine/parser.js'
import { ParseSlot } from '../engine/slots.js'
import { HEAD_BYTES } from '../schema/head.js'
import { matchFirstPart, PartContexts } from '../schema/part-columns.js'
import { BorderFinder } from '../source/borders.js'
import { filePart } from '../source/byte-stream.js'
import { readAt, type InputFile } from '../source/files.js'
import type { FileSource } from '../source/source.js'
import { fileBlocks } from './file-blocks.js'
import { cutLanes, laneBytes, rotateLane, skipBytes, type FileRows, type LaneRange } from './file-lanes.js'
import { readHeads, type FirstBytes, type Heads } from './heads.js'
import { OpenParts } from './open-parts.js'
import { bytesBefore, fitsLanes, LaneOrder } from './lane-order.js'
import type { OpenContext, OpenInput } from './row-flow.js'
import { sampleRows, type PartSample } from './sample-rows.js'
import { streamFlow } from './stream-flow.js'

const MOST_LANES = 256
/** Fewer records than these in a lane are not worth a lane. */
const RECORDS_A_LANE = 8
const SAMPLE_BYTES = 2 << 20
/** Each costs the main thread some ten microseconds; with 256 lanes larger ones would not fit into half of --memory. */
const BLOCK_BYTES = 256 << 10
/** Records that a block should hold at least. */
const RECORDS_A_BLOCK = 4
const SLOTS_A_LANE = 2

/** Reads the headers of files, cuts them into lanes and takes the first bytes of every lane as the sample. */
export function openFileInput(
  { files, close }: FileSource,
  { memory, dialect: given, options }: OpenContext,
): OpenInput {
  const { heads, parts, rows } = readFileHeads(memory, given, files)
  const { dialect, first, firstHead, meanRecord, longestRecord } = heads
  const bytes = rows.reduce((sum, { file, start }) => sum + file.size - start, 0)
  const lanes =
    options.lanes ?? Math.min(MOST_LANES, Math.max(1, Math.floor(bytes / (RECORDS_A_LANE * meanRecord))))
  const borders = new BorderFinder(memory, longestRecord)
  const ranges = cutLanes(rows, MOST_LANES, borders)
  const firstRow = { file: files[0]!.path, byte: firstHead.bytes, line: firstHead.line }
  const sample = sampleRows(memory, parts, readSample(memory, ranges), dialect, firstRow)
  return {
    names: first.names,
    dialect,
    context: first.context,
    parts,
    sample,
    bytes,
    estimatedRows: bytes / meanRecord,
    isStream: false,
    files,
    flow(encoding, pool) {
      parts.writePrograms()
      if (!options.shuffle || lanes === 1) {
        const read = { memory, heads, parts, options, inOrder: true, openParts: new OpenParts() }
        const lane = files.map((file) => ({ part: filePart(file), position: file.base }))
        return streamFlow([lane], read, encoding, pool)
      }
      const stride = encoding.layout.strideWords * 4
      const chosen = lanes === MOST_LANES ? ranges : cutLanes(rows, lanes, borders)
      const blockBytes =
        options.blockBytes ?? sizeOfBlocks(chosen, heads, stride, options.memory * SHARE_OF_BLOCKS)
      const parser = new BlockParser(memory, pool, blockBytes)
      const capacity = Math.ceil((1.25 * blockBytes) / meanRecord) + RECORDS_A_BLOCK
      const unseenBytes = encoding.vocabularies?.unseenBytes(blockBytes, capacity) ?? 0
      let window: Region | undefined
      const form = {
        dialect,
        memory,
        window:
          options.onBadRow === 'fail'
            ? undefined
            : () => (window ??= memory.allocate('broken record', blockBytes + READ_AHEAD)),
      }
      const slots = chosen.map(() =>
        Array.from({ length: SLOTS_A_LANE }, () => new ParseSlot(memory, capacity, stride, unseenBytes)),
      )
      return {
        lanes: chosen.length,
        mixed: chosen.length,
        slots: slots.flat(),
        parser,
        blocks(epoch, from) {
          const turned = chosen.map((range, lane) => rotateLane(range, borders, options.seed, epoch, lane))
          const before = from === undefined ? undefined : bytesBefore(from)
          const rest =
            before === undefined ? turned : turned.map((range, lane) => skipBytes(range, before[lane]!))
          return fileBlocks(rest, slots, parser, blockBytes, form)
        },
        order: (epoch, shards, open, from) =>
          new LaneOrder(chosen.map(laneBytes), shards, options.seed, epoch, open, from),
        canGoOnFrom: (from, shards) => fitsLanes(from, chosen.map(laneBytes), shards),
      }
    },
    close,
  }
}

/** Reads the header of every file; those after the first may have their columns in an order of their own. */
function readFileHeads(
  memory: SharedMemory,
  given: OpenContext['dialect'],
  files: readonly InputFile[],
): { heads: Heads; parts: PartContexts; rows: FileRows[] } {
  const window = memory.allocate('head window', HEAD_BYTES + READ_AHEAD)
  const readWindow = (file: InputFile): FirstBytes => {
    const length = readAt(file, memory.u8(window), HEAD_BYTES, 0)
    const ends = length === file.size ? Ends.Data : Ends.More
    return { start: window.start, length, ends, file: file.path }
  }
  const [firstFile, ...others] = files
  const heads = readHeads(memory, given, readWindow(firstFile!))
  const { first, firstHead, dialect } = heads
  const match = matchFirstPart(first.names, firstFile!.path, dialect.header)
  const parts = new PartContexts(memory, first, first.names, match)
  const rows = others.map((file): FileRows => {
    const { names, bytes } = heads.read(readWindow(file))
    return { file, start: bytes, columns: parts.of(names, file.path) }
  })
  return { heads, parts, rows: [{ file: firstFile!, start: firstHead.bytes, columns: first }, ...rows] }
}

/** Reads the first bytes of every range into shared memory: of its first file, and of those after it as far as the share lasts. */
function readSample(memory: SharedMemory, ranges: readonly LaneRange[]): PartSample[] {
  const most = Math.floor(SAMPLE_BYTES / Math.max(1, ranges.length))
  return ranges.flatMap((range) => {
    let left = most
    return range.flatMap(({ file, columns, start, end }) => {
      const wanted = Math.min(left, end - start)
      if (wanted === 0) return []
      left -= wanted
      const region = memory.allocate('sample', wanted + READ_AHEAD)
      const length = readAt(file, memory.u8(region), wanted, start)
      const ends = start + length === file.size ? Ends.Data : Ends.More
      return [{ chunk: { start: region.start, length, ends }, columns }]
    })
  })
}

/** Large enough for the records at hand and for few tasks, small enough for the slots of all lanes to fit in `memoryBytes`. */
function sizeOfBlocks(
  ranges: readonly LaneRange[],
  heads: Heads,
  stride: number,
  memoryBytes: number,
): number {
  const needed = heads.longestRecord * RECORDS_A_BLOCK
  const slots = ranges.length * SLOTS_A_LANE
  const affordable = Math.floor((memoryBytes * heads.meanRecord) / (1.25 * slots * stride))
  const longestLane = Math.max(...ranges.map(laneBytes))
  return Math.max(needed, Math.min(BLOCK_BYTES, affordable, longestLane))
}
