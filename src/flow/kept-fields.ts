import { BadRow, BadRows, Field, FieldFlag, ParseContext, ParseResult, Parts, Slot } from '../../workers/layout.js'
import { csvField } from '../artifact/prediction-text.js'
import { READ_AHEAD, type Region, type SharedMemory } from '../engine/memory.js'
import type { ContextAddress } from '../schema/parse-context.js'
import type { Block, BlockBytes } from './block.js'

/**
 * The text of some input columns for every good row of a block, in the order of its rows: the start of the row's line
 * in the output, `id,name,`, where one character is one byte.
 *
 * The kernel lists the fields of every record whose structure is right. A record may be bad for another reason: it is
 * then taken out by its offset. A parse result names at most 30 bad records; so a block that has any is parsed once
 * more here, a result at a time, and listed in the same pieces. That writes the same rows to the same places.
 */
export class KeptFields {
  readonly #order: readonly number[]
  readonly #perRecord: number
  readonly #wanted: Region
  readonly #quote: string
  #fields: Region | undefined
  #spare: { result: number; scratch: number } | undefined

  /** `kept`: numbers of columns, in the order of the output; one may come twice. */
  constructor(
    private readonly memory: SharedMemory,
    private readonly context: ContextAddress,
    private readonly columns: number,
    kept: readonly number[],
  ) {
    const listed = [...new Set(kept)].sort((a, b) => a - b)
    this.#perRecord = listed.length
    this.#order = kept.map((column) => listed.indexOf(column))
    this.#wanted = memory.allocate('kept columns', columns)
    for (const column of listed) memory.u8(this.#wanted)[column] = 1
    this.#quote = String.fromCharCode(memory.views.u32[(context + ParseContext.Quote) >>> 2]!)
  }

  /** One text a row; empty where nothing is kept. The block's bytes are read. */
  ofBlock(block: Block): string[] {
    const bytes = block.bytes!
    const starts: string[] = []
    if (block.slot.badCount === 0) this.#list(bytes, 0, bytes.length, block, undefined, starts)
    else this.#parseAgain(block, bytes, starts)
    if (starts.length === block.rows) return starts
    throw new Error(`kept fields of ${starts.length} rows were listed, but ${block.rows} rows were parsed`)
  }

  #parseAgain({ slot, ...block }: Block, bytes: BlockBytes, starts: string[]): void {
    const { memory, context } = this
    const { result, scratch } = (this.#spare ??= this.#allocateSpare(slot.capacity))
    const stride = memory.views.u32[(context + ParseContext.Stride) >>> 2]!
    const read = (field: ParseResult) => memory.views.u32[(result + field) >>> 2]!
    let used = 0
    let rows = 0
    for (;;) {
      const at = slot.rows + rows * stride
      const left = bytes.length - used
      memory.kernel.parseBlock(
        context,
        bytes.start + used,
        left,
        bytes.ends,
        0,
        at,
        slot.capacity - rows,
        result,
        scratch,
      )
      const consumed = read(ParseResult.Consumed)
      this.#list(bytes, used, consumed, { slot, ...block }, result, starts)
      used += consumed
      rows += read(ParseResult.Rows)
      if (read(ParseResult.BadRows) < BadRows.Capacity || used >= bytes.length) return
    }
  }

  /** Appends the starts of the good records of a piece. `result` tells the bad ones, where there may be any. */
  #list(
    { start, ends }: BlockBytes,
    from: number,
    length: number,
    { slot }: Block,
    result: number | undefined,
    starts: string[],
  ): void {
    const { memory, context } = this
    const fields = (this.#fields ??= memory.allocate(
      'kept fields',
      slot.capacity * this.#perRecord * Field.SIZE,
    ))
    const capacity = fields.bytes / Field.SIZE
    const wanted = this.#wanted.start
    const records = memory.kernel.listFields(
      context,
      start + from,
      length,
      ends,
      wanted,
      fields.start,
      capacity,
    )
    const text = Buffer.from(memory.memory.buffer, start + from, length).toString('latin1')
    const { u32 } = memory.views
    const bad = new BadRecords(u32, result)
    const word = fields.start >>> 2
    const record: string[] = []
    for (let r = 0; r < records; r++) {
      const first = word + (r * this.#perRecord * Field.SIZE) / 4
      if (bad.holds(u32[first + Field.Start / 4]!)) continue
      for (let i = 0; i < this.#perRecord; i++)
        record[i] = this.#field(text, u32, first + (i * Field.SIZE) / 4)
      let line = ''
      for (const i of this.#order) line += `${record[i]!},`
      starts.push(line)
    }
  }

  #field(text: string, u32: Uint32Array, word: number): string {
    const start = u32[word + Field.Start / 4]!
    const length = u32[word + Field.Length / 4]!
    const value = text.substring(start, start + (length & ~FieldFlag.DoubledQuotes))
    const doubled = (length & FieldFlag.DoubledQuotes) !== 0
    return csvField(doubled ? value.replaceAll(this.#quote + this.#quote, this.#quote) : value)
  }

  /** A slot has a row for every `columns` bytes of the largest block, so that this is room for one. */
  #allocateSpare(capacity: number): { result: number; scratch: number } {
    return {
      result: this.memory.allocate('spare parse result', Slot.SIZE - Slot.Result).start,
      scratch:
        this.memory.allocate('spare scratch', Parts.Room + capacity * this.columns + READ_AHEAD).start +
        Parts.Room,
    }
  }
}

/** The bad records of a parse result, asked for in the order of the bytes. */
class BadRecords {
  readonly #count: number
  #next = 0

  constructor(
    private readonly u32: Uint32Array,
    private readonly result: number | undefined,
  ) {
    this.#count = result === undefined ? 0 : u32[(result + ParseResult.BadRows) >>> 2]!
  }

  /** Whether a field that starts at this byte lies in a bad record; an empty last field starts where its record ends. */
  holds(field: number): boolean {
    for (; this.#next < this.#count; this.#next++) {
      const word = (this.result! + ParseResult.Bad + this.#next * BadRow.SIZE) >>> 2
      const record = this.u32[word + BadRow.Record / 4]!
      if (field <= record + this.u32[word + BadRow.RecordLength / 4]!) return field >= record
    }
    return false
  }
}
