/** Real flights with what real files have: missing values, categories that no training saw, quoted text, dates, words for true and no. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

/** Fields of a row by column; as they are in the CSV without its quotes. */
export type Fields = Record<string, string>

interface Flight {
  date: Date
  distance: number
  origin: string
  destination: string
  delay: number
}

const PARTS = 5
/** Rows between two parts that are read. */
const APART = 500_000

/** `count` flights from five days; `first` chooses which of each day. */
export async function realFlights(count: number, first: number): Promise<Flight[]> {
  const entry = fileURLToPath(import.meta.resolve('vega-datasets'))
  const file = await asyncBufferFromFile(path.join(path.dirname(entry), '..', 'data', 'flights-3m.parquet'))
  const flights: Flight[] = []
  for (let part = 0; part < PARTS; part++) {
    const rowStart = part * APART + first
    const rows = await parquetReadObjects({ file, compressors, rowStart, rowEnd: rowStart + count / PARTS })
    for (const { date, distance, origin, destination, delay } of rows as unknown as Flight[]) {
      flights.push({ date, distance: Number(distance), origin, destination, delay: Number(delay) })
    }
  }
  return flights
}

/** Every seventh of something, without a pattern that another column has too. */
function now(i: number, column: number, period: number): boolean {
  return Math.imul(i + 1, 0x9e3779b1 + 2 * column) >>> 16 < 0x10000 / period
}

const words = ['yes', 'No', 'TRUE', 'false', 'T', 'f']
const notes = ['on time', 'said "late", left', 'two\nlines', ' blanks kept ', 'crème brûlée', '日本']

/** Training rows hold what models usually meet; `isNew` rows also what they have not. */
export function fieldsOf(
  { date, distance, origin, destination, delay }: Flight,
  i: number,
  isNew: boolean,
): Fields {
  const missing = (column: number, value: string, token = ''): string => (now(i, column, 13) ? token : value)
  const unseen = (column: number, value: string): string =>
    isNew && now(i, column, 11) ? `new ${value}, "${i % 50}"` : value
  const isLate = delay > 15
  return {
    id: String(i),
    date: missing(1, date.toISOString().slice(0, 16)),
    hour: missing(2, String(date.getUTCHours()), 'NA'),
    long: missing(3, words[(distance > 700 ? 0 : 1) + 2 * (i % 3)]!),
    distance: missing(4, isNew && now(i, 5, 9) ? `${distance}.25e0` : String(distance)),
    origin: missing(6, unseen(7, origin), ' null '),
    destination: unseen(8, destination),
    note: missing(9, notes[(i * 7) % notes.length]! + (i % 40)),
    delay: String(delay),
    late: isLate ? 'yes' : 'no',
    band: delay < 0 ? 'early' : isLate ? 'late, sorry' : 'on time',
    minutes: String(Math.max(0, delay)),
    trip: String(distance + 1),
  }
}

/** RFC 4180. */
export function csvOf(rows: readonly Fields[]): string {
  const field = (text: string): string =>
    /[",\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  const lines = rows.map((row) => Object.values(row).map(field).join(','))
  return [Object.keys(rows[0]!).join(','), ...lines].join('\n') + '\n'
}
