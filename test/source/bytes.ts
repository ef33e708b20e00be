/** Bytes in and out of byte streams. */
import type { ByteStream } from '../../src/source/byte-stream.js'

/** Gives the bytes out in reads of these sizes, over and over. */
export class PiecewiseStream implements ByteStream {
  readonly name = 'piecewise'
  closed = false
  #at = 0
  #reads = 0

  constructor(
    private readonly bytes: Uint8Array,
    private readonly sizes: readonly number[] = [bytes.length + 1],
  ) {}

  async read(into: Uint8Array): Promise<number> {
    const most = Math.min(into.length, this.sizes[this.#reads++ % this.sizes.length]!)
    const piece = this.bytes.subarray(this.#at, this.#at + most)
    into.set(piece)
    this.#at += piece.length
    return piece.length
  }

  close(): void {
    this.closed = true
  }
}

/** Everything, read into a shared buffer of `size` bytes over and over. */
export async function readAll(stream: ByteStream, size = 1 << 16): Promise<Buffer> {
  const into = new Uint8Array(new SharedArrayBuffer(size))
  const pieces: Uint8Array[] = []
  for (let read = await stream.read(into); read > 0; read = await stream.read(into)) {
    pieces.push(into.slice(0, read))
  }
  stream.close()
  return Buffer.concat(pieces)
}

/** `1,2 ✓` lines: text that is neither ASCII alone nor easy to compress. */
export function someText(bytes: number): Buffer {
  const lines: string[] = []
  let length = 0
  for (let i = 0; length < bytes; i++) {
    const line = `${i},${Math.sin(i)},é ✓ 😀\n`
    lines.push(line)
    length += line.length
  }
  return Buffer.from(lines.join(''))
}
