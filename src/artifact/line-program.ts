import { LONGEST_NUMBER } from '../../workers/kernel.js'
import { LineOp, LinePart, LineProgram, LineText } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import type { PredictionFormat } from '../options.js'
import { csvField } from './csv-field.js'
import type { OutputField } from './prediction-fields.js'

/** How lines are written: the texts around their fields. */
interface LineFormat {
  /** Stands before the value of field i. */
  before(name: string, i: number): string
  readonly end: string
  /** A value that is a text. */
  text(value: string): string
  /** The first line, where there is one. */
  header(names: readonly string[]): string
}

const formats: Readonly<Record<PredictionFormat, LineFormat>> = {
  csv: {
    before: (_name, i) => (i === 0 ? '' : ','),
    end: '\n',
    text: csvText,
    header: (names) => `${names.map(csvText).join(',')}\n`,
  },
  ndjson: {
    before: (name, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    end: '}\n',
    text: (value) => JSON.stringify(value),
    header: () => '',
  },
}

function csvText(value: string): string {
  return Buffer.from(csvField(Buffer.from(value).toString('latin1')), 'latin1').toString()
}

/** The kernel copies 16 bytes at a time. */
const READ_BEYOND = 16

/** Lines of text as the kernel writes them. */
export interface WrittenLines {
  /** ptr to the LineProgram. */
  readonly program: number
  /** The first line of the output. */
  readonly header: Uint8Array
  /** Bytes that a line takes at most beside its kept fields. */
  readonly mostBytes: number
}

/** Writes how a line is made of these fields (layout.ts, LineProgram); `classes`: names that are chosen from. */
export function writeLineProgram(
  memory: SharedMemory,
  fields: readonly OutputField[],
  classes: readonly string[],
  format: PredictionFormat,
): WrittenLines {
  const { before, end, text, header } = formats[format]
  const encode = (value: string): Uint8Array => new TextEncoder().encode(value)
  const prefixes = [...fields.map(({ name }, i) => before(name, i)), end].map(encode)
  const names = classes.map((name) => encode(text(name)))
  const mostBytes = mostBytesOf(fields, prefixes, names)

  const parts = memory.allocate('line parts', prefixes.length * LinePart.SIZE).start
  const classNames = memory.allocate('class names', names.length * LineText.SIZE).start
  const program = memory.allocate('line program', LineProgram.SIZE).start
  const places = writeTexts(memory, [...prefixes, ...names])
  const { u32, f64 } = memory.views
  const writeText = (at: number, i: number): void => {
    u32[(at + LineText.Start) >>> 2] = places[i]!.start
    u32[(at + LineText.Length) >>> 2] = places[i]!.length
  }
  prefixes.forEach((_, i) => {
    const at = parts + i * LinePart.SIZE
    const { op = LineOp.Nothing, word = 0, factor = 1, offset = 0 } = fields[i] ?? {}
    writeText(at, i)
    u32[(at + LinePart.Op) >>> 2] = op
    u32[(at + LinePart.Word) >>> 2] = word
    f64[(at + LinePart.Factor) >>> 3] = factor
    f64[(at + LinePart.Offset) >>> 3] = offset
  })
  names.forEach((_, i) => writeText(classNames + i * LineText.SIZE, prefixes.length + i))
  const set = (offset: LineProgram, value: number) => (u32[(program + offset) >>> 2] = value)
  set(LineProgram.Parts, prefixes.length)
  set(LineProgram.First, parts)
  set(LineProgram.Json, Number(format === 'ndjson'))
  set(LineProgram.Kept, fields.filter(({ op }) => op === LineOp.Field).length)
  set(LineProgram.MostBytes, mostBytes)
  set(LineProgram.ClassNames, classNames)
  return { program, header: encode(header(fields.map(({ name }) => name))), mostBytes }
}

function mostBytesOf(
  fields: readonly OutputField[],
  prefixes: readonly Uint8Array[],
  names: readonly Uint8Array[],
): number {
  const longestName = names.reduce((most, { length }) => Math.max(most, length), 0)
  const values = fields.map(({ op }) =>
    op === LineOp.Field ? 0 : op === LineOp.Class ? longestName : LONGEST_NUMBER,
  )
  return [...prefixes.map(({ length }) => length), ...values].reduce((sum, bytes) => sum + bytes, 0)
}

function writeTexts(memory: SharedMemory, texts: readonly Uint8Array[]): { start: number; length: number }[] {
  const bytes = texts.reduce((sum, { length }) => sum + length, READ_BEYOND)
  let { start } = memory.allocate('texts of lines', bytes)
  return texts.map((text) => {
    memory.views.u8.set(text, start)
    start += text.length
    return { start: start - text.length, length: text.length }
  })
}
