import { Ends } from '../../workers/layout.js'
import { READ_AHEAD } from '../engine/memory.js'
import { HEAD_BYTES, HeadReader } from '../schema/head.js'
import { setColumns, writeContext, type ContextAddress } from '../schema/parse-context.js'
import type { SampleChunk } from '../schema/sample.js'
import type { StreamPart } from '../source/byte-stream.js'
import { ReplayedStream } from '../source/replayed-stream.js'
import { measureRecords } from './open-files.js'
import type { OpenContext, OpenInput } from './row-flow.js'
import { streamFlow } from './stream-flow.js'

/** The schema of a stream is fitted on this much of its start. */
const SAMPLE_BYTES = 8 << 20

/** A stream whose header and sample have been read; `parts` give all bytes out once more, once. */
export interface OpenStream {
  readonly names: readonly string[]
  readonly context: ContextAddress
  readonly parts: readonly StreamPart[]
  close(): void
  readonly sample: SampleChunk
  /** Of the first records, in bytes. */
  readonly meanRecord: number
  readonly longestRecord: number
}

/** Reads the header and up to `sampleBytes` of the start of a stream. */
export async function openStream(
  parts: readonly StreamPart[],
  { memory, dialect }: Pick<OpenContext, 'memory' | 'dialect'>,
  sampleBytes: number,
): Promise<OpenStream> {
  const [first, ...others] = parts
  const source = first!.open()
  const region = memory.allocate('sample', sampleBytes + READ_AHEAD)
  const bytes = memory.u8(region).subarray(0, sampleBytes)
  let filled = 0
  let ended = false
  while (filled < bytes.length && !ended) {
    const read = await source.read(bytes.subarray(filled))
    filled += read
    ended = read === 0
  }
  const ends = ended ? Ends.Data : Ends.More
  const context = writeContext(memory, dialect)
  const length = Math.min(filled, HEAD_BYTES)
  const head = new HeadReader(memory, context, dialect.header).read(
    region.start,
    length,
    length < filled ? Ends.More : ends,
    source.name,
  )
  setColumns(memory, context, head.names.length)
  const start = region.start + head.bytes
  const records = measureRecords(memory, context, start, filled - head.bytes, ends)
  const kept = bytes.slice(0, filled)
  return {
    names: head.names,
    context,
    parts: [{ name: first!.name, open: () => new ReplayedStream(kept, source) }, ...others],
    close: () => source.close(),
    sample: { start, length: filled - head.bytes, ends },
    meanRecord: records.mean,
    longestRecord: records.longest,
  }
}

/** Opens a stream: its first bytes are the sample, and are given out again when its rows are read. */
export async function openStreamInput(
  parts: readonly StreamPart[],
  { memory, dialect, options }: OpenContext,
): Promise<OpenInput> {
  const opened = await openStream(parts, { memory, dialect }, SAMPLE_BYTES)
  const { names, context, sample, meanRecord, longestRecord } = opened
  return {
    names,
    dialect,
    context,
    sample: [sample],
    bytes: undefined,
    estimatedRows: sample.ends === Ends.Data ? sample.length / meanRecord : undefined,
    isStream: true,
    files: [],
    flow: (encoding, pool) =>
      streamFlow(
        opened.parts,
        { memory, context, dialect, options, names, meanRecord, longestRecord, inOrder: !options.shuffle },
        encoding,
        pool,
      ),
    close: () => opened.close(),
  }
}
