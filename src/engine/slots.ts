import { BadRow, ParseResult, Slot } from '../../workers/layout.js'
import type { SharedMemory, Views } from './memory.js'

/** What a slot is asked to parse. */
export interface ParseRequest {
  /** Address of the ParseContext. */
  context: number
  /** Descriptor to read from, or undefined where the bytes are in shared memory already, at `raw`. */
  file: number | undefined
  raw: number
  offset: number
  length: number
  ends: number
  /** Of the first byte in the whole input. */
  position: number
  /** ptr to room for the unknown values of the block, where that is not the slot's own. */
  unseen?: number | undefined
}

/** Encoded rows in a file, to be read into a slot. */
export interface RowsRequest {
  file: number
  offset: number
  bytes: number
  checksum: number
}

/** A record that could not be read; offsets count from the first byte of the request. */
export interface BadRecord {
  record: number
  recordLength: number
  reason: number
  column: number
  field: number
  fieldLength: number
  fields: number
}

/** Bytes for what is left of the rows of a block that are scored. */
export interface OutputRoom {
  readonly bytes: number
  /** Of a block whose bad records are to be told from the others, where fields are kept; 0: they are not. */
  readonly blockBytes: number
}

interface SlotOutput {
  readonly start: number
  readonly bytes: number
  /** As Slot.BadRecords. */
  readonly badRecords: number
}

function slotOutput(memory: SharedMemory, { bytes, blockBytes }: OutputRoom): SlotOutput {
  const { start } = memory.allocate('scored rows', bytes)
  const badRecords = blockBytes > 0 ? memory.allocate('bad records', Math.ceil(blockBytes / 8) + 1).start : 0
  return { start, bytes, badRecords }
}

/**
 * One block's place in the shared memory: a header, and the rows that are parsed into it. Rows to train on lie from
 * `rows` upwards, held-out rows from the other end downwards.
 */
export class ParseSlot {
  readonly address: number
  readonly rows: number
  readonly #unseen: number
  readonly #output: SlotOutput | undefined
  #views: Views

  /** `unseenBytes`: room for the unknown values of a block, where vocabularies grow. `output`: room for what scoring leaves. */
  constructor(
    private readonly memory: SharedMemory,
    readonly capacity: number,
    private readonly strideBytes: number,
    unseenBytes = 0,
    output?: OutputRoom,
  ) {
    this.address = memory.allocate('slot header', Slot.SIZE).start
    this.rows = memory.allocate('slot rows', capacity * strideBytes).start
    this.#unseen = unseenBytes > 0 ? memory.allocate('unseen values', unseenBytes).start : 0
    this.#output = output === undefined ? undefined : slotOutput(memory, output)
    this.#views = memory.views
  }

  /** Written before the slot is handed to a worker. */
  ask(request: ParseRequest): void {
    this.#views = this.memory.views
    const { u32, f64 } = this.#views
    const word = this.address >>> 2
    u32[word + Slot.Context / 4] = request.context
    u32[word + Slot.File / 4] = request.file ?? 0
    u32[word + Slot.Raw / 4] = request.raw
    u32[word + Slot.Length / 4] = request.length
    u32[word + Slot.Ends / 4] = request.ends
    u32[word + Slot.Rows / 4] = this.rows
    u32[word + Slot.Capacity / 4] = this.capacity
    u32[word + Slot.Unseen / 4] = request.unseen ?? this.#unseen
    u32[word + Slot.Output / 4] = this.#output?.start ?? 0
    u32[word + Slot.OutputCapacity / 4] = this.#output?.bytes ?? 0
    u32[word + Slot.BadRecords / 4] = this.#output?.badRecords ?? 0
    u32[word + Slot.FirstRow / 4] = 0
    u32[word + Slot.FirstRecord / 4] = 0
    f64[(this.address + Slot.Offset) >>> 3] = request.offset
    f64[(this.address + Slot.Position) >>> 3] = request.position
  }

  /** Written instead, where the rows are encoded already. */
  askForRows({ file, offset, bytes, checksum }: RowsRequest): void {
    if (!(bytes <= this.capacity * this.strideBytes)) throw new Error(`${bytes} bytes do not fit into a slot`)
    this.ask({ context: 0, file, raw: 0, offset, length: bytes, ends: 0, position: 0 })
    this.#views.f64[(this.address + Slot.Checksum) >>> 3] = checksum
  }

  /** Written when what was scored has been used, before the slot is handed to a worker again: the rows that are left are next. */
  askForMore(): void {
    const { u32 } = this.#views
    const word = this.address >>> 2
    u32[word + Slot.FirstRow / 4] = u32[word + Slot.NextRow / 4]!
    u32[word + Slot.FirstRecord / 4] = u32[word + Slot.NextRecord / 4]!
  }

  /** What scoring has left of the rows from `firstScored` to `endScored`. */
  get output(): Uint8Array {
    const { u32, u8 } = this.#views
    const start = u32[(this.address + Slot.Output) >>> 2]!
    return u8.subarray(start, start + u32[(this.address + Slot.OutputLength) >>> 2]!)
  }
  get firstScored(): number {
    return this.#views.u32[(this.address + Slot.FirstRow) >>> 2]!
  }
  get endScored(): number {
    return this.#views.u32[(this.address + Slot.NextRow) >>> 2]!
  }

  /** Bytes of whole records that were used. */
  get consumed(): number {
    return this.#result(ParseResult.Consumed)
  }
  get rowCount(): number {
    return this.#result(ParseResult.Rows)
  }
  get validationCount(): number {
    return this.#result(ParseResult.ValidationRows)
  }
  get badCount(): number {
    return this.#result(ParseResult.BadRows)
  }
  /** ptr to the fields of the block whose values were unknown when it was parsed. */
  get unseen(): number {
    return this.#views.u32[(this.address + Slot.Unseen) >>> 2]!
  }
  get unseenEnd(): number {
    return this.#views.u32[(this.address + Slot.UnseenEnd) >>> 2]!
  }
  /** Forgets them: their values have indices now, or never will. */
  settled(): void {
    this.#views.u32[(this.address + Slot.UnseenEnd) >>> 2] = this.unseen
  }
  /** Bytes that the file lacked; above 0 too where encoded rows are not those of their checksum. */
  get lacking(): number {
    return this.#views.u32[(this.address + Slot.Lacking) >>> 2]!
  }
  get readSeconds(): number {
    return this.#views.f64[(this.address + Slot.ReadSeconds) >>> 3]!
  }
  get parseSeconds(): number {
    return this.#views.f64[(this.address + Slot.ParseSeconds) >>> 3]!
  }

  /** Address of held-out row i. */
  validationRow(i: number): number {
    return this.rows + (this.capacity - 1 - i) * this.strideBytes
  }

  /** Entry i of the list, which ends after BadRows.Capacity. */
  badRecord(i: number): BadRecord {
    return readBadRecord(this.#views.u32, this.address + Slot.Result, i)
  }

  /** Bad rows with this BadReason, those beyond the list included. */
  badRowsFor(reason: number): number {
    return this.#views.u32[(this.address + Slot.Reasons + reason * 4) >>> 2]!
  }

  #result(field: ParseResult): number {
    return this.#views.u32[(this.address + Slot.Result + field) >>> 2]!
  }
}

/** Bad record i of the ParseResult at `result`. */
export function readBadRecord(u32: Uint32Array, result: number, i: number): BadRecord {
  const word = (result + ParseResult.Bad + i * BadRow.SIZE) >>> 2
  const read = (field: BadRow) => u32[word + field / 4]!
  return {
    record: read(BadRow.Record),
    recordLength: read(BadRow.RecordLength),
    reason: read(BadRow.Reason),
    column: read(BadRow.Column),
    field: read(BadRow.Field),
    fieldLength: read(BadRow.FieldLength),
    fields: read(BadRow.Fields),
  }
}

/** What is known of a block's rows, whether they were parsed into a slot or come from the cache. */
export type BlockRows = Pick<
  ParseSlot,
  | 'address'
  | 'rows'
  | 'capacity'
  | 'validationCount'
  | 'badCount'
  | 'readSeconds'
  | 'parseSeconds'
  | 'validationRow'
  | 'badRecord'
  | 'unseen'
  | 'unseenEnd'
  | 'settled'
  | 'badRowsFor'
>
