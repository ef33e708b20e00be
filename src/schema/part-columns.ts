import { Column, ColumnOp, ParseContext, Word } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import { runError, shown } from '../errors.js'
import { didYouMean } from '../suggest.js'
import { setColumns, type ContextAddress } from './parse-context.js'

/** The columns of one file or stream, in its own order. */
export interface PartColumns {
  /** Names, as messages and options use them. */
  readonly names: readonly string[]
  /** How its bytes are parsed. */
  readonly context: ContextAddress
}

/** For each column of the first part its number in another part, undefined where it is not read. */
export type Places = readonly (number | undefined)[]

/** Names the columns of a part called `file` and finds those of the first part in them; throws where one that is needed is not there. */
export type MatchColumns = (
  head: readonly string[],
  file: string,
) => { readonly names: readonly string[]; readonly places: Places }

/**
 * How the parts of an input (files, compressed files) are parsed. Each may have its columns in an order of its own: it
 * then has a context of its own, a copy of the first part's with the column program in its order. Tables are shared, and
 * parts with the same columns share a context, so that any number of them can come, also while others are parsed.
 */
export class PartContexts {
  /** By the names in their heads. */
  readonly #known = new Map<string, { columns: PartColumns; places: Places }>()
  #programWritten = false

  constructor(
    private readonly memory: SharedMemory,
    readonly first: PartColumns,
    head: readonly string[],
    private readonly match: MatchColumns,
    /** Told of the columns of every other part before it is parsed. */
    private readonly prepare: (columns: PartColumns, file: string) => void = () => undefined,
  ) {
    this.#known.set(key(head), { columns: first, places: head.map((_, i) => i) })
  }

  /** The columns of a part by the names in its head; `file` is for messages. */
  of(head: readonly string[], file: string): PartColumns {
    const known = this.#known.get(key(head))
    if (known !== undefined) return known.columns
    const { names, places } = this.match(head, file)
    const columns = { names, context: this.memory.allocate('parse context', ParseContext.SIZE).start }
    this.#known.set(key(head), { columns, places })
    this.#write(columns, places)
    this.prepare(columns, file)
    return columns
  }

  /** For each column of the first part its number in a part that `of` has been asked for. */
  places(part: PartColumns): Places {
    return [...this.#known.values()].find(({ columns }) => columns === part)!.places
  }

  /** The program of the first part has been written: those of the others are made from it. */
  writePrograms(): void {
    this.#programWritten = true
    for (const { columns, places } of this.#known.values()) {
      if (columns !== this.first) this.#write(columns, places)
    }
  }

  get contexts(): readonly ContextAddress[] {
    return [...this.#known.values()].map(({ columns }) => columns.context)
  }

  #write({ names, context }: PartColumns, places: Places): void {
    const { memory } = this
    const size = names.length * Column.SIZE
    const program = this.#programWritten ? memory.allocate('column program', size).start : 0
    const { u8, u32 } = memory.views
    u8.copyWithin(context, this.first.context, this.first.context + ParseContext.SIZE)
    setColumns(memory, context, names.length)
    if (!this.#programWritten) return
    for (let at = program; at < program + size; at += Column.SIZE) {
      u32[(at + Column.Op) >>> 2] = ColumnOp.Skip
      u32[(at + Column.Indicator) >>> 2] = Word.None
      u32[(at + Column.Part) >>> 2] = Word.None
    }
    const firstProgram = u32[(this.first.context + ParseContext.Program) >>> 2]!
    places.forEach((place, i) => {
      if (place === undefined) return
      const from = firstProgram + i * Column.SIZE
      u8.copyWithin(program + place * Column.SIZE, from, from + Column.SIZE)
    })
    u32[(context + ParseContext.Program) >>> 2] = program
  }
}

function key(names: readonly string[]): string {
  return JSON.stringify(names)
}

/**
 * Finds the columns of the first part in the others: with a header by name, in any order and among any others, else by
 * position.
 *
 * Throws MISSING_COLUMN for a column that is not there, with the nearest name that is; without a header COLUMNS_DIFFER
 * where there are more or fewer.
 */
export function matchFirstPart(expected: readonly string[], first: string, header: boolean): MatchColumns {
  return (names, file) => {
    if (!header && names.length !== expected.length) {
      throw runError(
        'COLUMNS_DIFFER',
        `${file} has ${names.length} columns, ${first} has ${expected.length}`,
        'without a header columns are told by position: all files must have the same ones',
        { file, line: 1 },
      )
    }
    const places = expected.map((name) => {
      const place = names.indexOf(name)
      if (place >= 0) return place
      const others = names.filter((other) => !expected.includes(other))
      throw runError(
        'MISSING_COLUMN',
        `there is no column ${shown(name)}, which ${first} has`,
        didYouMean(name, others.length > 0 ? others : names),
        { file, line: 1 },
      )
    })
    return { names, places }
  }
}
