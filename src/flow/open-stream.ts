import { Ends } from '../../workers/layout.js'
import { READ_AHEAD } from '../engine/memory.js'
import { HEAD_BYTES, HeadReader } from '../schema/head.js'
import { setColumns, writeContext } from '../schema/parse-context.js'
import type { ByteStream } from '../source/byte-stream.js'
import { ReplayedStream } from '../source/replayed-stream.js'
import { measureRecords } from './open-files.js'
import type { OpenContext, OpenInput } from './row-flow.js'
import { streamFlow } from './stream-flow.js'

/** The schema of a stream is fitted on this much of its start. */
const SAMPLE_BYTES = 8 << 20

/** Opens a stream: its first bytes are the sample, and are given out again when its rows are read. */
export async function openStreamInput(source: ByteStream, { memory, dialect, options }: OpenContext): Promise<OpenInput> {
  const region = memory.allocate('sample', SAMPLE_BYTES + READ_AHEAD)
  const bytes = memory.u8(region).subarray(0, SAMPLE_BYTES)
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
  const head = new HeadReader(memory, context, options.header).read(
    region.start,
    length,
    length < filled ? Ends.More : ends,
    source.name,
  )
  setColumns(memory, context, head.names.length)
  const start = region.start + head.bytes
  const records = measureRecords(memory, context, start, filled - head.bytes, ends)
  const stream = new ReplayedStream(bytes.slice(0, filled), source)
  return {
    names: head.names,
    dialect,
    context,
    sample: [{ start, length: filled - head.bytes, ends }],
    bytes: undefined,
    estimatedRows: ended ? (filled - head.bytes) / records.mean : undefined,
    isStream: true,
    flow: (encoding, pool) =>
      streamFlow(
        () => stream,
        { memory, context, dialect, options, names: head.names, meanRecord: records.mean, inOrder: !options.shuffle },
        encoding,
        pool,
      ),
    close: () => stream.close(),
  }
}
