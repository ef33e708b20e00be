import { Ends } from '../../workers/layout.js'
import { READ_AHEAD, type SharedMemory } from '../engine/memory.js'
import { BlockParser } from '../engine/parser.js'
import { ParseSlot } from '../engine/slots.js'
import { checkSameColumns, HEAD_BYTES, HeadReader, type Head } from '../schema/head.js'
import { setColumns, writeContext, type ContextAddress } from '../schema/parse-context.js'
import type { SampleChunk } from '../schema/sample.js'
import { BorderFinder } from '../source/borders.js'
import { filePart } from '../source/byte-stream.js'
import { closeFiles, openFiles, readAt, type InputFile } from '../source/files.js'
import { fileBlocks } from './file-blocks.js'
import { cutLanes, laneBytes, rotateLane, type FileRows, type LaneRange } from './file-lanes.js'
import { LaneOrder } from './row-order.js'
import type { OpenContext, OpenInput } from './row-flow.js'
import { streamFlow } from './stream-flow.js'

const MOST_LANES = 256
/** Fewer records than these in a lane are not worth a lane. */
const RECORDS_A_LANE = 8
const SAMPLE_BYTES = 2 << 20
const BLOCK_BYTES = 128 << 10
/** Records that a block should hold at least. */
const RECORDS_A_BLOCK = 4
const SLOTS_A_LANE = 2

/** Opens files, reads their headers, cuts them into lanes and takes the first bytes of every lane as the sample. */
export function openFileInput(
  paths: readonly string[],
  { memory, dialect, options }: OpenContext,
): OpenInput {
  const files = openFiles(paths)
  try {
    const heads = readHeads(memory, dialect, files, options.header)
    const bytes = heads.rows.reduce((sum, { file, start }) => sum + file.size - start, 0)
    const lanes =
      options.lanes ??
      Math.min(MOST_LANES, Math.max(1, Math.floor(bytes / (RECORDS_A_LANE * heads.meanRecord))))
    const borders = new BorderFinder(memory, heads.context, heads.longestRecord)
    const ranges = cutLanes(heads.rows, MOST_LANES, borders)
    const sample = readSample(memory, ranges)
    return {
      names: heads.names,
      dialect,
      context: heads.context,
      sample,
      bytes,
      estimatedRows: bytes / heads.meanRecord,
      isStream: false,
      flow(encoding, pool) {
        if (!options.shuffle || lanes === 1) {
          const { context, names, meanRecord, longestRecord } = heads
          const read = { memory, context, dialect, options, names, meanRecord, longestRecord }
          return streamFlow(files.map(filePart), { ...read, inOrder: true }, encoding, pool)
        }
        const stride = encoding.layout.strideWords * 4
        const chosen = lanes === MOST_LANES ? ranges : cutLanes(heads.rows, lanes, borders)
        const blockBytes = options.blockBytes ?? sizeOfBlocks(chosen, heads, stride, options.memory)
        const parser = new BlockParser(memory, pool, blockBytes)
        const capacity = Math.ceil((1.25 * blockBytes) / heads.meanRecord) + RECORDS_A_BLOCK
        const unseenBytes = encoding.vocabularies?.unseenBytes(blockBytes, capacity) ?? 0
        const slots = chosen.map(() =>
          Array.from({ length: SLOTS_A_LANE }, () => new ParseSlot(memory, capacity, stride, unseenBytes)),
        )
        return {
          lanes: chosen.length,
          blocks(epoch) {
            const turned = chosen.map((range, lane) => rotateLane(range, borders, options.seed, epoch, lane))
            return fileBlocks(turned, slots, parser, blockBytes, { dialect })
          },
          order: (epoch, shards, open) =>
            new LaneOrder(chosen.map(laneBytes), shards, options.seed, epoch, open),
        }
      },
      close: () => closeFiles(files),
    }
  } catch (error) {
    closeFiles(files)
    throw error
  }
}

interface Heads {
  context: ContextAddress
  names: readonly string[]
  rows: FileRows[]
  /** Of the first records of the first file, in bytes. */
  meanRecord: number
  longestRecord: number
}

/** Reads the header of every file: all must name the same columns in the same order. */
function readHeads(
  memory: SharedMemory,
  dialect: OpenContext['dialect'],
  files: readonly InputFile[],
  header: boolean,
): Heads {
  const context = writeContext(memory, dialect)
  const reader = new HeadReader(memory, context, header)
  const window = memory.allocate('head window', HEAD_BYTES + READ_AHEAD)
  const bytes = memory.u8(window)
  let first: Head | undefined
  let records = { mean: 1, longest: 1 }
  const rows: FileRows[] = []
  for (const file of files) {
    const length = readAt(file, bytes, HEAD_BYTES, 0)
    const ends = length === file.size ? Ends.Data : Ends.More
    const head = reader.read(window.start, length, ends, file.path)
    if (first === undefined) {
      first = head
      setColumns(memory, context, head.names.length)
      records = measureRecords(memory, context, window.start + head.bytes, length - head.bytes, ends)
    }
    checkSameColumns(first.names, head.names, file.path, files[0]!.path)
    rows.push({ file, start: head.bytes, columns: { names: head.names, context } })
  }
  const names = first?.names ?? []
  return { context, names, rows, meanRecord: records.mean, longestRecord: records.longest }
}

const RECORDS_TO_MEASURE = 1000

export function measureRecords(
  memory: SharedMemory,
  context: ContextAddress,
  start: number,
  length: number,
  ends: Ends,
) {
  let at = 0
  let longest = 1
  let count = 0
  while (count < RECORDS_TO_MEASURE) {
    const record = memory.kernel.nextRecord(context, start + at, length - at, ends)
    if (record === 0) break
    at += record
    longest = Math.max(longest, record)
    count++
  }
  return { mean: Math.max(1, count === 0 ? length : at / count), longest }
}

/** Reads the first bytes of every range into shared memory: of its first file, and of those after it as far as the share lasts. */
function readSample(memory: SharedMemory, ranges: readonly LaneRange[]): SampleChunk[] {
  const most = Math.floor(SAMPLE_BYTES / Math.max(1, ranges.length))
  return ranges.flatMap((range) => {
    let left = most
    return range.flatMap(({ file, start, end }) => {
      const wanted = Math.min(left, end - start)
      if (wanted === 0) return []
      left -= wanted
      const region = memory.allocate('sample', wanted + READ_AHEAD)
      const length = readAt(file, memory.u8(region), wanted, start)
      return [{ start: region.start, length, ends: start + length === file.size ? Ends.Data : Ends.More }]
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
