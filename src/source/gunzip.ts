import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { MillraceError, runError } from '../errors.js'
import type { ByteStream } from './byte-stream.js'
import { chunksOf, ChunkStream } from './chunk-stream.js'

/** Decompressed ahead of what has been read, where there is one stream. */
export const MOST_AHEAD_BYTES = 16 << 20

/**
 * Decompresses gzip (RFC 1952). Members that follow one another are one stream, zeros behind the last are ignored, as
 * `gunzip` does; other bytes there are an error.
 *
 * zlib runs in the thread pool of Node, beside this thread, which hands it one piece after the other. So the pieces are large
 * and zlib runs ahead by `aheadBytes`: while this thread has other things to do, it would wait for the next one. With
 * pieces of 256 KiB it takes twice the time.
 */
export function gunzip(compressed: ByteStream, aheadBytes = MOST_AHEAD_BYTES): ByteStream {
  const options = {
    chunkSize: aheadBytes / 4,
    // Of the stream beneath; the types of createGunzip leave them out.
    ...{ readableHighWaterMark: aheadBytes, writableHighWaterMark: aheadBytes / 4 },
  }
  const output = createGunzip(options)
  const chunks = Readable.from(chunksOf(compressed, aheadBytes / 8), { objectMode: false })
  // Failures arrive at the reader of `output`.
  pipeline(chunks, output, () => undefined)
  return new Decompressed(compressed, output, 'gzip')
}

/** The output of a decompressor, which is closed with its input. */
export class Decompressed extends ChunkStream {
  constructor(
    private readonly compressed: ByteStream,
    output: AsyncIterable<Uint8Array>,
    format: 'gzip' | 'zstd',
  ) {
    super(compressed.name, output, (cause, byte) => damaged(format, compressed.name, cause, byte))
  }

  override close(): void {
    super.close()
    this.compressed.close()
  }
}

function damaged(format: 'gzip' | 'zstd', name: string, cause: unknown, byte: number): unknown {
  if (cause instanceof MillraceError) return cause
  const { message, code } = cause as NodeJS.ErrnoException
  const isCut = code === 'Z_BUF_ERROR'
  return runError(
    isCut ? 'COMPRESSED_CUT_SHORT' : 'COMPRESSED_DAMAGED',
    `${name} is ${isCut ? 'cut short' : 'damaged'}: its ${format} data cannot be decompressed beyond ${byte} bytes (${message})`,
    `was it copied or downloaded whole? \`${format === 'gzip' ? 'gzip' : 'zstd'} -t\` tests it`,
    { file: name, byte },
    cause,
  )
}
