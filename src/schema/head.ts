import { isUtf8 } from 'node:buffer'
import { Ends, Field, FieldFlag, ParseContext } from '../../workers/layout.js'
import type { Region, SharedMemory } from '../engine/memory.js'
import { runError } from '../errors.js'
import type { ContextAddress } from './parse-context.js'
import { uniqueNames } from './roles.js'

/** The start of a CSV: the names of its columns and where its rows begin. */
export interface Head {
  names: string[]
  /** Bytes before the first row: byte order mark and header. */
  bytes: number
  /** Of the first row, from 1. */
  line: number
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/** The most bytes of a header, and of any first record. */
export const HEAD_BYTES = 1 << 20

/** Reads the headers of an input's files; it owns the room that this takes, so that any number of files can be read. */
export class HeadReader {
  readonly #fields: Region

  constructor(
    private readonly memory: SharedMemory,
    private readonly context: ContextAddress,
    private readonly header: boolean,
  ) {
    this.#fields = memory.allocate('header fields', HEAD_BYTES * Field.SIZE)
  }

  /**
   * Reads the header from the first bytes of a CSV, which lie at `start` in the shared memory. Without a header the
   * columns are named c0, c1, …, as many as the first record has fields.
   */
  read(start: number, length: number, ends: Ends, file: string): Head {
    const mark = BYTE_ORDER_MARK.every((byte, i) => i < length && this.memory.views.u8[start + i] === byte)
      ? 3
      : 0
    const { kernel } = this.memory
    const record = kernel.nextRecord(this.context, start + mark, length - mark, ends)
    const count =
      record === 0
        ? 0
        : kernel.listRecord(this.context, start + mark, length - mark, ends, this.#fields.start, HEAD_BYTES)
    if (count === 0) throw noHead(file, length, ends)
    if (!this.header) return { names: Array.from({ length: count }, (_, i) => `c${i}`), bytes: mark, line: 1 }
    const bytes = mark + record
    this.#checkUtf8(start, bytes, file)
    const names = Array.from({ length: count }, (_, i) =>
      fieldText(this.memory, this.context, start + mark, this.#fields.start + i * Field.SIZE),
    )
    return { names: uniqueNames(names), bytes, line: 1 + kernel.countLines(start, bytes) }
  }

  #checkUtf8(start: number, length: number, file: string): void {
    if (isUtf8(this.memory.views.u8.slice(start, start + length))) return
    throw runError(
      'INVALID_UTF8',
      'expected the names of the columns in UTF-8, found bytes that are not',
      'is the file in another encoding? --encoding latin1 reads it so',
      { file, line: 1 },
    )
  }
}

function noHead(file: string, length: number, ends: Ends): Error {
  if (ends === Ends.Data) {
    return runError(
      'EMPTY_INPUT',
      `${file} holds no record`,
      length === 0 ? 'it is empty; is it the right one?' : 'give a CSV with a header and at least one row',
      { file },
    )
  }
  return runError(
    'RECORD_TOO_LONG',
    `the first record of ${file} does not end within ${length} bytes`,
    'is a quote never closed? Is it a CSV at all? See --quote and --delimiter',
    { file, line: 1, byte: 0 },
  )
}

const decoder = new TextDecoder()

/** UTF-8 → text. TextDecoder does not take shared memory: the bytes are copied. */
export function decodeBytes(memory: SharedMemory, from: number, length: number): string {
  return decoder.decode(memory.views.u8.slice(from, from + length))
}

/** Text of a field that listFields or listRecord wrote at `at`; the bytes it counts from start at `start`. */
export function fieldText(memory: SharedMemory, context: ContextAddress, start: number, at: number): string {
  const { u32 } = memory.views
  const length = u32[(at + Field.Length) >>> 2]!
  const from = start + u32[(at + Field.Start) >>> 2]!
  const text = decodeBytes(memory, from, length & ~FieldFlag.DoubledQuotes)
  if ((length & FieldFlag.DoubledQuotes) === 0) return text
  const quote = String.fromCharCode(u32[(context + ParseContext.Quote) >>> 2]!)
  return text.replaceAll(quote + quote, quote)
}
