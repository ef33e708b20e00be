import { Readable } from 'node:stream'
import { MillraceError, runError } from '../errors.js'
import type { EncodingName, InputSource } from '../options.js'
import type { StreamPart } from './byte-stream.js'
import { ChunkStream } from './chunk-stream.js'
import { DecodedStream } from './decoded-stream.js'
import { ObservedValues } from './observed-rows.js'
import type { RowObject } from '../schema/value-text.js'
import { csvOfRows } from './row-objects.js'

/** What a program gave as input, as one part of a stream. */
export interface GivenPart {
  readonly part: StreamPart
  readonly readOnce: boolean
  /** Whether it is rows, written as CSV here. */
  readonly canonical: boolean
}

const encoder = new TextEncoder()

/** The first item of an iterable tells bytes from rows, so it is waited for; `stopped` ends that wait. */
export async function openGiven(
  source: InputSource,
  encoding: EncodingName | undefined,
  stopped: AbortSignal,
): Promise<GivenPart> {
  if (Array.isArray(source)) {
    const rows = source as readonly RowObject[]
    const open = () => rowStream('rows', rows, () => undefined)
    return { part: { name: 'rows', open }, readOnce: false, canonical: true }
  }
  if ('subscribe' in source) {
    const name = 'observed rows'
    const open = () => {
      const rows = new ObservedValues(source)
      return rowStream(name, rows, () => rows.stop())
    }
    return { part: { name, open }, readOnce: true, canonical: true }
  }
  const { first, items, stop } = await peek(source as AsyncIterable<unknown>, stopped)
  if (first === undefined || typeof first === 'string' || isBytesLike(first)) {
    const name = 'the stream'
    const open = () =>
      new DecodedStream(new ChunkStream(name, bytesOf(items, name), explain(name), stop), encoding)
    return { part: { name, open }, readOnce: true, canonical: false }
  }
  const open = () => rowStream('rows', items as AsyncIterable<RowObject>, stop)
  return { part: { name: 'rows', open }, readOnce: true, canonical: true }
}

function rowStream(
  name: string,
  rows: AsyncIterable<RowObject> | Iterable<RowObject>,
  stop: () => void,
): ChunkStream {
  return new ChunkStream(name, csvOfRows(rows), explain(name), stop)
}

function explain(name: string): (cause: unknown) => unknown {
  return (cause) => {
    if (cause instanceof MillraceError) return cause
    const message = cause instanceof Error ? cause.message : String(cause)
    return runError('READ_FAILED', `${name} failed: ${message}`, 'the input itself threw this', {}, cause)
  }
}

/** A Readable that was given an encoding sends text; empty chunks carry nothing. */
async function* bytesOf(chunks: AsyncIterable<unknown>, name: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (typeof chunk === 'string') yield encoder.encode(chunk)
    else if (isBytesLike(chunk)) yield asBytes(chunk)
    else {
      throw runError(
        'NOT_BYTES',
        `${name} sent ${chunk === null ? 'null' : typeof chunk} after bytes`,
        'send Uint8Array chunks only',
      )
    }
  }
}

function isBytesLike(chunk: unknown): chunk is ArrayBufferView | ArrayBuffer {
  return ArrayBuffer.isView(chunk) || chunk instanceof ArrayBuffer
}

function asBytes(chunk: ArrayBufferView | ArrayBuffer): Uint8Array {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

interface Peeked {
  /** Undefined where there is none. */
  readonly first: unknown
  /** All items, with the first. */
  readonly items: AsyncIterable<unknown>
  /** Ends the items as far as they let themselves be ended: a Readable is destroyed. */
  stop(): void
}

async function peek(source: AsyncIterable<unknown>, stopped: AbortSignal): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]()
  const stop = (): void => {
    iterator.return?.()?.catch(() => undefined)
    if (source instanceof Readable) source.destroy()
  }
  const first = await new Promise<IteratorResult<unknown>>((settle, fail) => {
    const end = (): void => {
      settle({ done: true, value: undefined })
      stop()
    }
    if (stopped.aborted) return end()
    stopped.addEventListener('abort', end, { once: true })
    iterator
      .next()
      .then(settle, (cause: unknown) => fail(explain('the stream')(cause) as Error))
      .finally(() => stopped.removeEventListener('abort', end))
  })
  async function* items(): AsyncGenerator {
    for (let item = first; item.done !== true; item = await iterator.next()) yield item.value
  }
  return { first: first.done === true ? undefined : first.value, items: items(), stop }
}
