import { BadRows, Column, Ends, ParseContext, ParseResult, Slot, Word } from '../../workers/layout.js'
import { READ_AHEAD, type Region, type SharedMemory } from '../engine/memory.js'
import { readBadRecord, type BadRecord } from '../engine/slots.js'
import type { Block } from './block.js'

/** More rows than a block has. */
const NO_LIMIT = 0x7fffffff

/** Addresses of what a block is parsed with once more. */
interface Room {
  bytes: number
  scratch: number
  /** Bytes of a block that the two above have room for. */
  capacity: number
  context: number
  row: number
  result: number
}

/**
 * All bad records of a block, in the order of its bytes. A slot names the first 30 of them only: a block that has more is
 * parsed once more on this thread, its rows all written to one place that nobody reads.
 */
export class BadRecords {
  #room: Room | undefined
  #program: Region | undefined

  constructor(private readonly memory: SharedMemory) {}

  /** Offsets count from the first byte of the block. `bytes`: all of its bytes, where they are not in the shared memory. */
  *of(block: Block, bytes?: Uint8Array): Generator<BadRecord> {
    const { slot, origin } = block
    if (slot.badCount <= BadRows.Capacity) {
      for (let i = 0; i < slot.badCount; i++) yield slot.badRecord(i)
      return
    }
    const room = this.#prepare(origin.columns.context, origin.bytes)
    if (bytes !== undefined) this.memory.views.u8.set(bytes, room.bytes)
    const start = bytes === undefined ? block.bytes!.start : room.bytes
    let count = 0
    for (let used = 0; used < origin.bytes;) {
      const found = this.#parse(room, start + used, origin.bytes - used)
      count += found.records.length
      for (const bad of found.records) yield { ...bad, record: bad.record + used, field: bad.field + used }
      used += found.consumed
    }
    if (count !== slot.badCount) throw new Error(`${slot.badCount} bad rows, then ${count} of the same bytes`)
  }

  #parse(room: Room, start: number, length: number): { consumed: number; records: BadRecord[] } {
    const { kernel, views } = this.memory
    const { context, row, result, scratch } = room
    // Whole records: what follows them makes no difference.
    kernel.parseBlock(context, start, length, Ends.Data, 0, row, NO_LIMIT, result, scratch)
    const read = (field: ParseResult) => views.u32[(result + field) >>> 2]!
    const consumed = read(ParseResult.Consumed)
    if (consumed === 0) throw new Error('a block that was parsed cannot be parsed again')
    const records = Array.from({ length: read(ParseResult.BadRows) }, (_, i) =>
      readBadRecord(views.u32, result, i),
    )
    return { consumed, records }
  }

  /**
   * The block's own context, but for what leaves traces: with a stride of 0 every row is written over the one before, no
   * row is held out, no vocabulary is told of new values. None of these make a row bad.
   */
  #prepare(context: number, bytes: number): Room {
    const read = (field: ParseContext) => this.memory.views.u32[(context + field) >>> 2]!
    const room = this.#allocate(bytes, read(ParseContext.Stride))
    const program = this.#copyProgram(read(ParseContext.Program), read(ParseContext.Columns) * Column.SIZE)
    const { u8, u32 } = this.memory.views
    u8.copyWithin(room.context, context, context + ParseContext.SIZE)
    u32[(room.context + ParseContext.Program) >>> 2] = program
    u32[(room.context + ParseContext.Stride) >>> 2] = 0
    u32[(room.context + ParseContext.ValidationThreshold) >>> 2] = 0
    u32[(room.context + ParseContext.InteractionCount) >>> 2] = 0
    return room
  }

  /** Address of a copy whose columns are in no growing vocabulary and in no interaction. */
  #copyProgram(program: number, bytes: number): number {
    // Files may differ in how many columns they have.
    if (this.#program === undefined || this.#program.bytes < bytes)
      this.#program = this.memory.allocate('spare program', bytes)
    const { start } = this.#program
    const { u8, u32 } = this.memory.views
    u8.copyWithin(start, program, program + bytes)
    for (let column = start; column < start + bytes; column += Column.SIZE) {
      u32[(column + Column.Grown) >>> 2] = 0
      u32[(column + Column.Part) >>> 2] = Word.None
    }
    return start
  }

  #allocate(bytes: number, stride: number): Room {
    if (this.#room !== undefined && this.#room.capacity >= bytes) return this.#room
    const { memory } = this
    // At least twice what there was: what is left behind is then less than what is in use.
    const capacity = Math.max(bytes, 2 * (this.#room?.capacity ?? 0))
    const place = (name: string, size: number): number => memory.allocate(name, size).start
    this.#room = {
      bytes: place('bad block', capacity + READ_AHEAD),
      scratch: place('spare scratch', capacity + READ_AHEAD),
      capacity,
      context: this.#room?.context ?? place('spare context', ParseContext.SIZE),
      row: this.#room?.row ?? place('spare row', stride),
      result: this.#room?.result ?? place('spare parse result', Slot.SIZE - Slot.Result),
    }
    return this.#room
  }
}
