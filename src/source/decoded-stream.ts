import { runError } from '../errors.js'
import type { EncodingName } from '../options.js'
import type { ByteStream } from './byte-stream.js'
import { CONTENT_BYTES, contentOf, type Content } from './content.js'
import { gunzip, MOST_AHEAD_BYTES } from './gunzip.js'
import { ReplayedStream } from './replayed-stream.js'
import { fromLatin1, fromUtf16, TranscodedStream, type Transcoder } from './transcode.js'
import { decompressZstd } from './zstd.js'

const transcoders: Readonly<Record<EncodingName, Transcoder | undefined>> = {
  'utf-8': undefined,
  'utf-16le': fromUtf16('le'),
  'utf-16be': fromUtf16('be'),
  latin1: fromLatin1,
}

/** Bytes as they are stored → UTF-8 text: decompressed and transcoded, by what the first bytes say when they are first read. */
export class DecodedStream implements ByteStream {
  #decoded: Promise<ByteStream> | undefined
  /** The outermost layer so far: closing it closes those below. */
  #layer: ByteStream

  constructor(
    stored: ByteStream,
    private readonly encoding: EncodingName | undefined,
    /** What gzip may decompress ahead. */
    private readonly aheadBytes = MOST_AHEAD_BYTES,
  ) {
    this.#layer = stored
  }

  get name(): string {
    return this.#layer.name
  }

  async read(into: Uint8Array): Promise<number> {
    this.#decoded ??= this.#decode()
    return (await this.#decoded).read(into)
  }

  close(): void {
    this.#layer.close()
  }

  async #decode(): Promise<ByteStream> {
    for (;;) {
      const first = await readFirst(this.#layer)
      const replayed = new ReplayedStream(first, this.#layer)
      this.#layer = replayed
      const content = contentOf(first)
      if (content === 'gzip') this.#layer = gunzip(replayed, this.aheadBytes)
      else if (content === 'zstd') this.#layer = decompressZstd(replayed)
      else if (content === 'parquet') throw parquetInStream(this.name)
      else {
        const transcode = transcoders[this.encoding ?? content]
        if (transcode !== undefined) this.#layer = new TranscodedStream(replayed, transcode)
        return this.#layer
      }
    }
  }
}

/** Whether the bytes of a file can be parsed as they are. */
export function isPlain(content: Content, encoding: EncodingName | undefined): boolean {
  if (content === 'gzip' || content === 'zstd' || content === 'parquet') return false
  return (encoding ?? content) === 'utf-8'
}

async function readFirst(stream: ByteStream): Promise<Uint8Array> {
  const first = new Uint8Array(CONTENT_BYTES)
  let filled = 0
  while (filled < first.length) {
    const bytes = await stream.read(first.subarray(filled))
    if (bytes === 0) break
    filled += bytes
  }
  return first.subarray(0, filled)
}

function parquetInStream(name: string): Error {
  return runError(
    'PARQUET_IN_STREAM',
    `${name} is Parquet, which cannot be read from front to back`,
    'give it as a file of its own, not compressed',
    { file: name },
  )
}
