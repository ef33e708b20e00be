/**
 * The vocabularies that grow, against a plain model of the rule: a Map of counts, in the order of the rows. Blocks are
 * parsed and settled in one thread; timing is simulated by when each is parsed: at any moment before it is settled.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadRow, BadRows, Ends, ParseResult, Parts } from '../../workers/layout.js'
import { READ_AHEAD, SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { holdOut } from '../../src/flow/epoch-rows.js'
import { murmur3, positionHash } from '../../src/numeric/murmur3.js'
import {
  GrowingVocabularies,
  growingVocabularies,
  type GrownCategories,
} from '../../src/schema/growing-vocabularies.js'
import { setColumns, writeContext } from '../../src/schema/parse-context.js'
import { schemaEncoding, writeProgram } from '../../src/schema/program.js'
import type { CategoryColumn, InteractionColumn, Schema } from '../../src/schema/schema.js'
import { commas } from '../dialect.js'

const module = compileKernel()
const dialect = { ...commas, header: false, missingTokens: ['NA'] }
const runs = process.env['MILLRACE_THOROUGH'] === '1' ? 5000 : 150

interface Setting {
  /** Vocabularies of the columns a and b, and of the interaction a:b where there is one, as the sample gave them. */
  values: readonly (readonly string[])[]
  rooms: readonly number[]
  minCount: number
  outputs?: number
}

/** Two categories around a number: `a,n,b`. */
function schemaOf({ values, rooms }: Setting): Schema {
  const slot = (i: number) => ({ values: values[i]!, buckets: 8, room: rooms[i]! })
  const category = (name: string, i: number): CategoryColumn => ({ kind: 'category', name, ...slot(i) })
  const pair: InteractionColumn = { kind: 'interaction', name: 'a:b', columns: ['a', 'b'], ...slot(2) }
  return {
    dialect,
    columns: [
      category('a', 0),
      { kind: 'number', name: 'n', mean: 0, scale: 1, fill: 0, indicator: false, limit: null },
      category('b', 1),
      { kind: 'target', name: 'y' },
    ],
    interactions: values.length > 2 ? [pair] : [],
    target: { kind: 'number', name: 'y', mean: 0, scale: 1 },
  }
}

/** What a block is parsed into. */
interface Slot {
  rows: number
  unseen: number
  unseenEnd: number
  capacity: number
  trained: number
  heldOut: number
}

/** The kernel, a schema laid out for it, and what parses a block and reads its rows. */
function open(setting: Setting) {
  const memory = new SharedMemory(module)
  const schema = schemaOf(setting)
  const context = writeContext(memory, dialect)
  setColumns(memory, context, 4)
  const vocabularies = growingVocabularies(memory, schema, setting.minCount, setting.outputs ?? 1)
  const { layout, categoryIndices } = writeProgram(memory, context, schema, true, undefined, vocabularies)
  const stride = layout.strideWords * 4
  const parse = (text: string, position: number, rows: number): Slot => {
    const bytes = Buffer.from(text)
    const input = memory.allocate('text', bytes.length + READ_AHEAD).start
    const slot = {
      rows: memory.allocate('rows', rows * stride).start,
      unseen: memory.allocate('unseen', vocabularies.unseenBytes(bytes.length, rows)).start,
    }
    const result = memory.allocate('result', ParseResult.Bad + BadRows.Capacity * BadRow.SIZE).start
    const scratch = memory.allocate('scratch', Parts.Room + bytes.length + READ_AHEAD).start + Parts.Room
    memory.views.u8.set(bytes, input)
    memory.views.u32[(result + ParseResult.Unseen) >>> 2] = slot.unseen
    memory.kernel.parseBlock(
      ...([context, input, bytes.length, Ends.Data, position, slot.rows, rows, result, scratch] as const),
    )
    const read = (field: ParseResult) => memory.views.u32[(result + field) >>> 2]!
    expect(read(ParseResult.Consumed)).toBe(bytes.length)
    return {
      ...slot,
      unseenEnd: read(ParseResult.Unseen),
      capacity: rows,
      trained: read(ParseResult.Rows),
      heldOut: read(ParseResult.ValidationRows),
    }
  }
  const slotsOf = (row: number): number[] => {
    const word = (row >>> 2) + layout.denseWords
    return [...memory.views.u32.subarray(word, word + layout.categories)]
  }
  /** Category indices of the rows to train on, then of those held out, each in the order of the data. */
  const indices = ({ rows, capacity, trained, heldOut }: Slot) => [
    ...Array.from({ length: trained }, (_, i) => slotsOf(rows + i * stride)),
    ...Array.from({ length: heldOut }, (_, i) => slotsOf(rows + (capacity - 1 - i) * stride)),
  ]
  return { memory, context, schema, vocabularies, categoryIndices, parse, indices }
}

/** The rule by itself: what index each field has, in the order of the fields. */
class Model {
  readonly grown: { slot: number; value: string }[] = []
  readonly #indices: Map<string, number>[]
  readonly #counts: Map<string, number>[]
  readonly #first: number[]
  readonly #next: number

  constructor(private readonly setting: Setting) {
    // Of each slot: its values, eight buckets, "missing".
    const counts = setting.values.map((values) => values.length + 9)
    this.#first = counts.map((_, slot) => counts.slice(0, slot).reduce((sum, count) => sum + count, 0))
    this.#next = counts.reduce((sum, count) => sum + count, 0)
    this.#indices = setting.values.map(
      (values, slot) => new Map(values.map((value, i) => [value, this.#first[slot]! + i])),
    )
    this.#counts = setting.values.map(() => new Map<string, number>())
  }

  /** Of a row: those of its two values, then that of their pair. */
  row(a: string, b: string): number[] {
    const missing = [a, b].some((value) => value === '' || value === 'NA')
    return [this.index(0, a), this.index(1, b), this.index(2, missing ? '' : `${a}\x1f${b}`)]
  }

  index(slot: number, value: string): number {
    const known = this.#indices[slot]!.get(value)
    if (known !== undefined) return known
    const bucket = this.#first[slot]! + this.setting.values[slot]!.length
    if (value === '' || value === 'NA') return bucket + 8
    const room = this.setting.rooms[slot]! - this.grown.filter((one) => one.slot === slot).length
    const bytes = Buffer.from(value)
    if (room > 0 && bytes.length <= 256) {
      const count = (this.#counts[slot]!.get(value) ?? 0) + 1
      this.#counts[slot]!.set(value, count)
      if (count >= this.setting.minCount) {
        this.#indices[slot]!.set(value, this.#next + this.grown.length)
        this.grown.push({ slot, value })
        return this.#next + this.grown.length - 1
      }
    }
    return bucket + (murmur3(bytes) & 7)
  }
}

const grownOf = ({ values, slots }: GrownCategories) => values.map((value, i) => ({ slot: slots[i]!, value }))

/** Cuts rows into blocks of these sizes, over and over. */
function blocksOf<Item>(items: readonly Item[], sizes: readonly number[]): Item[][] {
  const blocks: Item[][] = []
  for (let at = 0, i = 0; at < items.length; i++) {
    const size = sizes[i % sizes.length]!
    blocks.push(items.slice(at, at + size))
    at += size
  }
  return blocks
}

const value = fc.constantFrom(
  '',
  'NA',
  'u',
  'v',
  'w',
  'x',
  'q""q',
  'ä',
  'long'.repeat(64),
  'longer'.repeat(64),
)
const text = (field: string) => (field.includes('"') || field === 'v' ? `"${field}"` : field)
const plain = (field: string) => field.replaceAll('""', '"')

describe('a vocabulary that grows', () => {
  it('gives every field the index that the rule says, whenever its block was parsed', () => {
    const parameters = fc.record({
      rows: fc.array(
        fc.record({ a: value, b: value, bad: fc.integer({ min: 0, max: 9 }).map((i) => i === 0) }),
        { maxLength: 60 },
      ),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      ahead: fc.array(fc.nat(6), { minLength: 1, maxLength: 8 }),
      rooms: fc.tuple(fc.nat(6), fc.nat(6), fc.nat(12)),
      minCount: fc.integer({ min: 1, max: 4 }),
      fraction: fc.constantFrom(0, 0.4),
      keep: fc.boolean(),
    })
    fc.assert(
      fc.property(parameters, ({ rows, sizes, ahead, rooms, minCount, fraction, keep }) => {
        const setting: Setting = { values: [['u', 'v'], ['v'], ['u\x1fv', 'q"q\x1fä']], rooms, minCount }
        const { memory, context, vocabularies, parse, indices } = open(setting)
        holdOut(memory, context, fraction, 3, keep)
        const model = new Model(setting)
        let position = 0
        const blocks = blocksOf(rows, sizes).map((block) => {
          const lines = block.map(({ a, b, bad }) => `${text(a)},${bad ? 'zero' : '0'},${text(b)},1\n`)
          const at = position
          position += Buffer.byteLength(lines.join(''))
          return { block, lines, at }
        })
        const expected = blocks.map(({ block, lines, at }) => {
          const trained: number[][] = []
          const heldOut: number[][] = []
          let row = at
          block.forEach(({ a, b, bad }, i) => {
            const validation = positionHash(3, row) < Math.round(fraction * 2 ** 32)
            row += Buffer.byteLength(lines[i]!)
            if (bad || (validation && !keep)) return
            const expectedSlots = model.row(plain(a), plain(b))
            if (validation) heldOut.push(expectedSlots)
            else trained.push(expectedSlots)
          })
          return [...trained, ...heldOut]
        })
        // A block is parsed up to six blocks before it is settled, and then knows less than it might.
        const slots: Slot[] = []
        const found = blocks.map((_, i) => {
          const until = Math.min(blocks.length - 1, i + ahead[i % ahead.length]!)
          while (slots.length <= until) {
            const { lines, at } = blocks[slots.length]!
            slots.push(parse(lines.join(''), at, lines.length))
          }
          vocabularies.settle(slots[i]!)
          return indices(slots[i]!).slice(0, expected[i]!.length)
        })
        expect(found).toEqual(expected)
        expect(grownOf(vocabularies.snapshot())).toEqual(model.grown)
        expect(vocabularies.size).toBe(model.grown.length)
      }),
      { numRuns: runs },
    )
  })

  it('is closed for good at the end of the first pass', () => {
    const { vocabularies, categoryIndices, parse, indices } = open({
      values: [[], []],
      rooms: [5, 5],
      minCount: 1,
    })
    const first = parse('u,0,v,1\n', 0, 1)
    const late = parse('u,0,w,1\n', 8, 1)
    vocabularies.settle(first)
    vocabularies.close()
    // Reported while it was open, settled when it was closed: known values only.
    vocabularies.settle(late)
    const after = parse('v,0,v,1\n', 16, 1)
    expect(after.unseenEnd).toBe(after.unseen)
    const bucket = (slot: number, text: string) => slot * 9 + (murmur3(Buffer.from(text)) & 7)
    expect([first, late, after].flatMap(indices)).toEqual([
      [categoryIndices, categoryIndices + 1],
      [categoryIndices, bucket(1, 'w')],
      [bucket(0, 'v'), categoryIndices + 1],
    ])
  })

  it('gives the indices of a snapshot again', () => {
    const setting: Setting = { values: [['u'], []], rooms: [3, 4], minCount: 2 }
    const one = open(setting)
    const lines = ['x,0,v,1', 'x,0,v,1', 'ä,0,x,1', 'ä,0,x,1', 'w,0,w,1', 'w,0,ä,1']
    one.vocabularies.settle(one.parse(`${lines.join('\n')}\n`, 0, lines.length))
    const snapshot = one.vocabularies.snapshot()
    // By hand: the values met twice, in the order of their second fields.
    expect(grownOf(snapshot)).toEqual([
      { slot: 0, value: 'x' },
      { slot: 1, value: 'v' },
      { slot: 0, value: 'ä' },
      { slot: 1, value: 'x' },
      { slot: 0, value: 'w' },
    ])
    const other = open(setting)
    other.vocabularies.restore(snapshot)
    expect(other.vocabularies.snapshot()).toEqual(snapshot)
    const [again, same] = [one, other].map(({ parse, vocabularies, indices }) => {
      vocabularies.close()
      return indices(parse(`${lines.join('\n')}\n`, 0, lines.length))
    })
    expect(same).toEqual(again)
  })
})

describe('the room of growing vocabularies', () => {
  it('is shared where all columns together want more weights than 2^20', () => {
    const memory = new SharedMemory(module)
    const { layout } = schemaEncoding(schemaOf({ values: [[], []], rooms: [0, 0], minCount: 1 }))
    const room = (rooms: number[], outputs: number) =>
      new GrowingVocabularies(memory, layout, rooms, { minCount: 1, outputs, firstIndex: 0 }).room
    expect(room([3, 4], 1)).toBe(7)
    expect(room([1 << 20, 5], 1)).toBe(1 << 20)
    expect(room([1 << 20, 5], 3)).toBe(Math.floor((1 << 20) / 3))
    expect(room([0, 0], 1)).toBe(0)
  })

  it('goes to the values that come first', () => {
    // 2^20 outputs leave room for one value; the columns would have taken six.
    const setting: Setting = { values: [[], []], rooms: [3, 3], minCount: 1, outputs: 1 << 20 }
    const { vocabularies, categoryIndices, parse, indices } = open(setting)
    expect(vocabularies.room).toBe(1)
    const slot = parse('u,0,v,1\nw,0,u,1\nu,0,v,1\n', 0, 3)
    vocabularies.settle(slot)
    expect(indices(slot).map(([a]) => a === categoryIndices)).toEqual([true, false, true])
    expect(grownOf(vocabularies.snapshot())).toEqual([{ slot: 0, value: 'u' }])
  })

  it('is none where no column may grow', () => {
    const { vocabularies, parse } = open({ values: [['u'], []], rooms: [0, 0], minCount: 1 })
    const slot = parse('x,0,x,1\n', 0, 1)
    expect([vocabularies.room, slot.unseenEnd - slot.unseen]).toEqual([0, 0])
  })
})
