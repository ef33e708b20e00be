import { Field, FieldFlag, ParseContext } from '../../workers/layout.js'
import { csvField } from '../artifact/csv-field.js'
import type { Region, SharedMemory } from '../engine/memory.js'
import type { BadRecord } from '../engine/slots.js'
import type { ContextAddress } from '../schema/parse-context.js'
import { BadRecords } from './bad-records.js'
import type { Block, BlockBytes } from './block.js'

/**
 * The text of some input columns for every good row of a block, in the order of its rows: the start of the row's line
 * in the output, `id,name,`, where one character is one byte.
 *
 * The kernel lists the fields of every record whose structure is right. A record may be bad for another reason: it is
 * then taken out by its offset.
 */
export class KeptFields {
  readonly #order: readonly number[]
  readonly #perRecord: number
  readonly #wanted: Region
  readonly #quote: string
  readonly #badRecords: BadRecords
  #fields: Region | undefined

  /** `kept`: numbers of columns, in the order of the output; one may come twice. */
  constructor(
    private readonly memory: SharedMemory,
    private readonly context: ContextAddress,
    columns: number,
    kept: readonly number[],
  ) {
    const listed = [...new Set(kept)].sort((a, b) => a - b)
    this.#perRecord = listed.length
    this.#order = kept.map((column) => listed.indexOf(column))
    this.#badRecords = new BadRecords(memory)
    this.#wanted = memory.allocate('kept columns', columns)
    for (const column of listed) memory.u8(this.#wanted)[column] = 1
    this.#quote = String.fromCharCode(memory.views.u32[(context + ParseContext.Quote) >>> 2]!)
  }

  /** One text a row; empty where nothing is kept. The block's bytes are read. */
  ofBlock(block: Block): string[] {
    const starts = this.#list(block, block.bytes!)
    if (starts.length === block.rows) return starts
    throw new Error(`kept fields of ${starts.length} rows were listed, but ${block.rows} rows were parsed`)
  }

  #list(block: Block, { start, length, ends }: BlockBytes): string[] {
    const { memory, context } = this
    const capacity = block.slot.capacity * this.#perRecord
    const fields = (this.#fields ??= memory.allocate('kept fields', capacity * Field.SIZE))
    const wanted = this.#wanted.start
    const records = memory.kernel.listFields(context, start, length, ends, wanted, fields.start, capacity)
    const text = Buffer.from(memory.memory.buffer, start, length).toString('latin1')
    const bad = new BadSpans(this.#badRecords.of(block))
    const { u32 } = memory.views
    const word = fields.start >>> 2
    const record: string[] = []
    const starts: string[] = []
    for (let r = 0; r < records; r++) {
      const first = word + (r * this.#perRecord * Field.SIZE) / 4
      if (bad.holds(u32[first + Field.Start / 4]!)) continue
      for (let i = 0; i < this.#perRecord; i++)
        record[i] = this.#field(text, u32, first + (i * Field.SIZE) / 4)
      let line = ''
      for (const i of this.#order) line += `${record[i]!},`
      starts.push(line)
    }
    return starts
  }

  #field(text: string, u32: Uint32Array, word: number): string {
    const start = u32[word + Field.Start / 4]!
    const length = u32[word + Field.Length / 4]!
    const value = text.substring(start, start + (length & ~FieldFlag.DoubledQuotes))
    const doubled = (length & FieldFlag.DoubledQuotes) !== 0
    return csvField(doubled ? value.replaceAll(this.#quote + this.#quote, this.#quote) : value)
  }
}

/** The bytes of bad records, asked for from front to back. */
class BadSpans {
  #next: IteratorResult<BadRecord, unknown>

  constructor(private readonly records: Iterator<BadRecord>) {
    this.#next = records.next()
  }

  /** Whether a field that starts at this byte lies in a bad record; an empty last field starts where its record ends. */
  holds(field: number): boolean {
    for (; this.#next.done !== true; this.#next = this.records.next()) {
      const { record, recordLength } = this.#next.value
      if (field <= record + recordLength) return field >= record
    }
    return false
  }
}
