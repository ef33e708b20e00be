/** Files that the questions are asked of: made once, and kept in bench/.data. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = path.join(root, 'bench/.data')
const counts = new Map<string, number>()

/** Rows of one of these files, or of a prefix. */
export function rowsOf(file: string): number {
  const known = counts.get(file)
  if (known !== undefined) return known
  let rows = -1
  const bytes = readFileSync(file)
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) rows++
  counts.set(file, rows)
  return rows
}

function made(name: string, make: (path: string) => void): string {
  const file = path.join(folder, name)
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  process.stderr.write(`  making ${name}\n`)
  make(`${file}.tmp`)
  renameSync(`${file}.tmp`, file)
  return file
}

function script(name: string, ...parameters: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts', name), ...parameters], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`${name} failed`)
}

export const numericColumns = Array.from({ length: 28 }, (_, i) => `x${i + 1}`)

/** 28 numbers with 4 decimals, or with 19 digits, and a label y. */
export function numericFile(rows: number, format: '4' | 'long' = '4', seed = 1): string {
  const file = made(`peers-numeric-${rows}-${format}-${seed}.csv`, (to) =>
    script('make-numeric.mjs', `${rows}`, '28', format, to, '--seed', `${seed}`),
  )
  counts.set(file, rows)
  return file
}

export const clickColumns = {
  numbers: Array.from({ length: 13 }, (_, i) => `i${i + 1}`),
  categories: Array.from({ length: 26 }, (_, i) => `c${i + 1}`),
}

/** A label, 13 counts with gaps and 26 categories. */
export function clickFile(rows: number, seed = 1): string {
  const file = made(`peers-clicks-${rows}-${seed}.csv`, (to) =>
    script('make-clicklog.mjs', `${rows}`, to, '--seed', `${seed}`),
  )
  counts.set(file, rows)
  return file
}

/** Copies the first lines, a piece at a time: Node reads no file of 2 GiB at once. */
function copyLines(from: string, to: string, lines: number): void {
  const [source, target] = [openSync(from, 'r'), openSync(to, 'w')]
  const piece = Buffer.alloc(1 << 20)
  let left = lines
  for (let length = readSync(source, piece); length > 0 && left > 0; length = readSync(source, piece)) {
    const bytes = piece.subarray(0, length)
    let end = 0
    for (let at = bytes.indexOf(10); at >= 0 && left > 0; at = bytes.indexOf(10, end)) {
      end = at + 1
      left--
    }
    writeSync(target, left > 0 ? bytes : bytes.subarray(0, end))
  }
  closeSync(source)
  closeSync(target)
}

/** The first rows of a file. */
export function prefix(file: string, rows: number): string {
  const name = `${path.basename(file, '.csv')}-first-${rows}.csv`
  const first = made(name, (to) => {
    copyLines(file, to, rows + 1)
  })
  counts.set(first, rows)
  return first
}

/** A counter to a number below `limit`: which is drawn, the same in every run. */
function scattered(i: number, limit: number): number {
  let x = (i + 1) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b)
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b)
  return ((x ^ (x >>> 16)) >>> 0) % limit
}

export const flightColumns = {
  numbers: ['distance'],
  categories: ['month', 'dayofweek', 'hour', 'origin', 'destination'],
}

/** Real flights (data/flights.csv, which is sorted by time): a tenth held out; the others shuffled, or sorted by a column. */
export function flights(
  order: 'shuffled' | 'time' | 'distance' | 'late',
  mostRows = Infinity,
): { train: string; heldOut: string } {
  const source = path.join(root, 'data/flights.csv')
  if (!existsSync(source)) script('make-flights.mjs')
  const parts = (): { header: string; kept: string[]; held: string[] } => {
    const [header = '', ...lines] = readFileSync(source, 'latin1').trimEnd().split('\n')
    const isHeld = (i: number): boolean => scattered(i, 10) === 0
    const kept = lines.filter(
      (_, i) => !isHeld(i) && (mostRows === Infinity || scattered(i + 7, 3_000_000) < mostRows),
    )
    return { header, kept, held: lines.filter((_, i) => isHeld(i)) }
  }
  const text = (header: string, lines: readonly string[]): string => `${[header, ...lines].join('\n')}\n`
  const heldOut = made('peers-flights-held.csv', (to) => {
    const { header, held } = parts()
    writeFileSync(to, text(header, held))
  })
  const size = mostRows === Infinity ? '' : `-${mostRows}`
  const train = made(`peers-flights-${order}${size}.csv`, (to) => {
    const { header, kept } = parts()
    if (order === 'shuffled') {
      for (let i = kept.length - 1; i > 0; i--) {
        const j = scattered(i, i + 1)
        ;[kept[i], kept[j]] = [kept[j]!, kept[i]!]
      }
    } else if (order !== 'time') {
      const column = header.split(',').indexOf(order)
      const key = (line: string): number => Number(line.split(',')[column])
      kept.sort((a, b) => key(a) - key(b))
    }
    writeFileSync(to, text(header, kept))
  })
  return { train, heldOut }
}
