import { pipeline, Readable, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { Decompress } from 'fzstd'
import { Xxh64 } from '../numeric/xxh64.js'
import type { ByteStream } from './byte-stream.js'
import { Decompressed } from './gunzip.js'
import { zstdFrames, ZstdFormatError, type ZstdFrame } from './zstd-frames.js'

/** In Node from 22.15; the types are those of Node 20. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: object) => Transform }

const CHUNK_BYTES = 128 << 10

/** Decompresses zstd (RFC 8878): any number of frames, their checksums verified. `native` false is what a Node without zstd does. */
export function decompressZstd(
  compressed: ByteStream,
  native = createZstdDecompress !== undefined,
): ByteStream {
  return new Decompressed(compressed, decompressFrames(compressed, native), 'zstd')
}

async function* decompressFrames(compressed: ByteStream, native: boolean): AsyncGenerator<Uint8Array> {
  for await (const frame of zstdFrames(compressed)) {
    yield* native ? nativeFrame(frame) : portableFrame(frame)
  }
}

async function* nativeFrame(frame: ZstdFrame): AsyncGenerator<Uint8Array> {
  const output = createZstdDecompress!({ chunkSize: CHUNK_BYTES })
  // Failures arrive at the reader of `output`.
  pipeline(Readable.from(frame.pieces(), { objectMode: false }), output, () => undefined)
  yield* output as AsyncIterable<Uint8Array>
}

/** fzstd does not look at checksums. */
async function* portableFrame(frame: ZstdFrame): AsyncGenerator<Uint8Array> {
  const decompressed: Uint8Array[] = []
  const decoder = new Decompress((bytes) => decompressed.push(bytes))
  const sum = new Xxh64()
  let last: Uint8Array = new Uint8Array(0)
  for await (const piece of frame.pieces()) {
    decoder.push(piece)
    last = piece
    for (const bytes of take(decompressed)) {
      sum.update(bytes)
      yield bytes
    }
  }
  // Bytes of a short frame are held back until the end.
  decoder.push(new Uint8Array(0), true)
  for (const bytes of take(decompressed)) {
    sum.update(bytes)
    yield bytes
  }
  if (!frame.hasChecksum) return
  const expected = new DataView(last.buffer, last.byteOffset, 4).getUint32(0, true)
  if (Number(sum.digest() & 0xffffffffn) !== expected) throw new ZstdFormatError('its checksum is wrong')
}

function take(list: Uint8Array[]): Uint8Array[] {
  return list.splice(0).filter((bytes) => bytes.length > 0)
}
