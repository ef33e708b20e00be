import { encodedField, type Sample } from './shapes.js'

/** A parser that has been given its bytes. */
export interface Opened {
  /** Parses all of them; returns the number of rows. */
  parse(): number | Promise<number>
  /** Parses all of them and adds up what every column is encoded as, row after row, in f64. */
  columnSums(): readonly number[] | Promise<readonly number[]>
}

export interface Contender {
  readonly name: string
  open(sample: Sample): Opened
}

/** Calls `row` with the fields of every record, the header excepted. */
export type RowParser = (sample: Sample, row: (fields: readonly string[]) => void) => void | Promise<void>

/**
 * A parser that makes strings of all fields. With `toNumbers`, the fields of number columns are then turned into
 * numbers, as training needs them; without, that is left out of its time, and is only done to check it.
 */
export function stringParser(name: string, parse: RowParser, toNumbers = false): Contender {
  return {
    name,
    open: (sample) => ({
      parse: () => (toNumbers ? parseNumbers(sample, parse) : countRows(sample, parse)),
      async columnSums() {
        const sums = sample.columns.map(() => 0)
        await parse(sample, (fields) => {
          if (fields.length !== sums.length) {
            throw new Error(`${name}: expected ${sums.length} fields, got ${fields.length}`)
          }
          for (const [i, kind] of sample.columns.entries()) sums[i]! += encodedField(kind, fields[i]!)
        })
        return sums
      },
    }),
  }
}

async function countRows(sample: Sample, parse: RowParser): Promise<number> {
  let rows = 0
  await parse(sample, () => rows++)
  return rows
}

async function parseNumbers(sample: Sample, parse: RowParser): Promise<number> {
  const columns = sample.columns.flatMap((kind, i) => (kind === 'number' ? [i] : []))
  const row = new Float32Array(sample.columns.length)
  let rows = 0
  await parse(sample, (fields) => {
    for (const i of columns) row[i] = Number(fields[i])
    rows++
  })
  return rows
}
