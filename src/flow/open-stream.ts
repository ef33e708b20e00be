import { Ends } from '../../workers/layout.js'
import { READ_AHEAD, type SharedMemory } from '../engine/memory.js'
import { matchFirstPart, PartContexts } from '../schema/part-columns.js'
import type { StreamPart } from '../source/byte-stream.js'
import type { StreamSource } from '../source/source.js'
import { readHeads, type FirstBytes, type Heads } from './heads.js'
import { OpenParts } from './open-parts.js'
import type { OpenContext, OpenInput } from './row-flow.js'
import { sampleRows, type PartSample } from './sample-rows.js'
import { streamFlow } from './stream-flow.js'
import { dealParts, inPlace } from './stream-lanes.js'

/** The schema of a stream is fitted on this much of its start, or of the starts of its lanes. */
const SAMPLE_BYTES = 8 << 20
const LEAST_SAMPLE_BYTES = 64 << 10

/** From this many lanes on, rows come from places all over the input, as those of files do. */
const WELL_MIXED_LANES = 8

/** The first bytes of a part, read as the sample; the part gives them out once more when it is opened. */
interface BegunPart extends FirstBytes {
  readonly part: StreamPart
}

/** Reads the first bytes of the first part into the shared memory, and of those after it as far as `bytes` last. */
export async function beginParts(
  memory: SharedMemory,
  parts: readonly StreamPart[],
  openParts: OpenParts,
  bytes: number,
): Promise<BegunPart[]> {
  const room = memory.allocate('sample', bytes + READ_AHEAD)
  const begun: BegunPart[] = []
  let start = room.start
  for (const part of parts) {
    const left = room.start + bytes - start
    if (left <= 0) break
    const { length, ended } = await openParts.begin(part, memory.views.u8.subarray(start, start + left))
    begun.push({ part, start, length, ends: ended ? Ends.Data : Ends.More, file: part.name })
    start += length + READ_AHEAD
  }
  return begun
}

/**
 * Opens an input that can be read only from front to back. Several parts, where rows are shuffled, are lanes that are read
 * side by side, and the first bytes of every lane are the sample; else those of the input are.
 */
export async function openStreamInput(
  source: StreamSource,
  { memory, dialect: given, options }: OpenContext,
): Promise<OpenInput> {
  const lanes = options.shuffle ? dealParts(source.parts, options.lanes) : [inPlace(source.parts)]
  const openParts = new OpenParts()
  const close = (): void => {
    openParts.close()
    source.close()
  }
  try {
    const sampleBytes = Math.max(LEAST_SAMPLE_BYTES, Math.floor(SAMPLE_BYTES / lanes.length))
    const begun: BegunPart[] = []
    for (const lane of lanes) {
      const parts = lane.map(({ part }) => part)
      begun.push(...(await beginParts(memory, parts, openParts, sampleBytes)))
    }
    const heads = readHeads(memory, given, begun[0]!)
    const { first, firstHead, dialect, meanRecord } = heads
    const match = matchFirstPart(first.names, begun[0]!.file, dialect.header)
    const parts = new PartContexts(memory, first, first.names, match)
    const samples = begun.flatMap((part) => sampleOf(memory, part, heads, parts))
    const firstRow = { file: begun[0]!.file, byte: firstHead.bytes, line: firstHead.line }
    // Every byte has been read: the number of rows can be told.
    const whole = begun.length === source.parts.length && begun.every(({ ends }) => ends === Ends.Data)
    const sampled = samples.reduce((bytes, { chunk }) => bytes + chunk.length, 0)
    return {
      names: first.names,
      dialect,
      context: first.context,
      parts,
      sample: sampleRows(memory, parts, samples, dialect, firstRow),
      bytes: undefined,
      estimatedRows: whole ? sampled / meanRecord : undefined,
      isStream: lanes.length < WELL_MIXED_LANES,
      files: source.files ?? [],
      flow(encoding, pool) {
        parts.writePrograms()
        const read = { memory, heads, parts, options, inOrder: !options.shuffle, openParts }
        return streamFlow(lanes, read, encoding, pool)
      },
      close,
    }
  } catch (error) {
    openParts.close()
    throw error
  }
}

/** The rows among the first bytes of a part; none where not even its header is whole. */
function sampleOf(memory: SharedMemory, begun: BegunPart, heads: Heads, parts: PartContexts): PartSample[] {
  const { start, length, ends, file } = begun
  if (ends === Ends.More && memory.kernel.nextRecord(parts.first.context, start, length, ends) === 0)
    return []
  const { names, bytes } = heads.read(begun)
  const chunk = { start: start + bytes, length: length - bytes, ends }
  return [{ chunk, columns: parts.of(names, file) }]
}
