import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { MillraceError, runError } from '../errors.js'
import type { ByteStream } from './byte-stream.js'
import { chunksOf, ChunkStream } from './chunk-stream.js'

/** Smaller ones cost more turns of the event loop: at 16 KiB, the default, a third of the speed is lost. */
const CHUNK_BYTES = 256 << 10
/** Decompressed ahead of what has been read, so that zlib has work while this thread has other things to do. */
const AHEAD_BYTES = 2 << 20

/** Options of the stream beneath, which the types of createGunzip leave out. */
const highWaterMarks = { readableHighWaterMark: AHEAD_BYTES, writableHighWaterMark: AHEAD_BYTES }

/**
 * Decompresses gzip (RFC 1952). Members that follow one another are one stream, zeros behind the last are ignored, as
 * `gunzip` does; other bytes there are an error. zlib runs in the thread pool of Node, beside this thread.
 */
export function gunzip(compressed: ByteStream): ByteStream {
  const output = createGunzip({ chunkSize: CHUNK_BYTES, ...highWaterMarks })
  // Failures arrive at the reader of `output`.
  pipeline(Readable.from(chunksOf(compressed), { objectMode: false }), output, () => undefined)
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
