// Writes a CSV in the shape of an advertising click log: label, 13 counts and 26 categories of 8 hexadecimal digits,
// with missing values, heavy tails and categories that are seen once.
//
//   node scripts/make-clicklog.mjs <rows> <out> [--seed <n>]
//   node scripts/make-clicklog.mjs --stdout --bytes <n> [--seed <n>]
//
// The label is drawn from a logistic model of the categories and counts; about a fifth are clicks. The same
// arguments give the same bytes.
import { parseArgs } from 'node:util'
import { uniform } from './random.mjs'
import { streamRows, writeRowsToFile } from './write-rows.mjs'

/** Column by column: a count is below 2^bits, and `missing` of 16 are missing. */
const counts = [2, 6, 7, 5, 16, 9, 6, 6, 9, 2, 5, 3, 6].map((bits, i) => ({
  bits,
  missing: [7, 0, 3, 3][i % 4],
}))
/** A category column has fewer than 2^bits values; `missing` of 16 are missing. */
const categories = [
  ...[11, 9, 20, 19, 8, 4, 13, 9, 2, 16, 12, 20, 11],
  ...[5, 13, 20, 4, 12, 11, 2, 20, 5, 4, 17, 7, 16],
].map((bits, i) => ({ bits, missing: i % 7 === 6 ? 6 : 0, salt: Math.imul(i + 1, 0x9e3779b1) }))
const hexDigits = Buffer.from('0123456789abcdef')
const [comma, zero, lineFeed] = Buffer.from(',0\n')

/** A whole number below 2^bits whose frequency falls like one over it: first its size is drawn, then its digits. */
function heavyTailed(random, bits) {
  const size = random() % (bits + 1)
  return size === 0 ? 0 : (1 << (size - 1)) | (random() & ((1 << (size - 1)) - 1))
}

/** Spreads the bits of a whole number: the finaliser of MurmurHash3 (Austin Appleby, 2011). */
function spread(number) {
  number = Math.imul(number ^ (number >>> 16), 0x85ebca6b)
  number = Math.imul(number ^ (number >>> 13), 0xc2b2ae35)
  return (number ^ (number >>> 16)) >>> 0
}

function writeNumber(buffer, offset, number) {
  let digits = 1
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits++
  for (let place = digits - 1; place >= 0; place--) {
    buffer[offset + place] = zero + (number % 10)
    number = Math.floor(number / 10)
  }
  return offset + digits
}

function writeRow(buffer, offset, random) {
  // The label stands first in the row and is known last.
  const label = offset++
  let score = -1.8
  for (const { bits, missing } of counts) {
    buffer[offset++] = comma
    if (random() % 16 < missing) continue
    const count = heavyTailed(random, bits)
    score += count === 0 ? 0.05 : -0.05
    offset = writeNumber(buffer, offset, count)
  }
  for (const { bits, missing, salt } of categories) {
    buffer[offset++] = comma
    if (random() % 16 < missing) continue
    const value = spread(heavyTailed(random, bits) + salt)
    score += spread(value) / 4294967296 - 0.5
    for (let shift = 28; shift >= 0; shift -= 4) buffer[offset++] = hexDigits[(value >>> shift) & 15]
  }
  buffer[offset++] = lineFeed
  buffer[label] = zero + (uniform(random) < 1 / (1 + Math.exp(-score)) ? 1 : 0)
  return offset
}

function fail(message) {
  console.error(message)
  process.exit(2)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { stdout: { type: 'boolean' }, bytes: { type: 'string' }, seed: { type: 'string', default: '1' } },
})
const [rows, out] = positionals
const names = ['label', ...counts.map((_, i) => `i${i + 1}`), ...categories.map((_, i) => `c${i + 1}`)]
const task = {
  header: `${names.join(',')}\n`,
  seed: Number(values.seed),
  // A count has at most 5 digits, a category 8, each with its comma.
  maximumRowBytes: 2 + counts.length * 6 + categories.length * 9,
  writeRow,
}
if (values.stdout) {
  if (!(Number(values.bytes) >= 1)) fail(`--bytes: expected a number of at least 1, got ${values.bytes}`)
  await streamRows({ ...task, bytes: Number(values.bytes) })
} else {
  if (out === undefined) fail('usage: make-clicklog.mjs <rows> <out>, or --stdout --bytes <n>')
  if (!(Number(rows) >= 0)) fail(`rows: expected a number of at least 0, got ${rows}`)
  writeRowsToFile({ ...task, out, rows: Number(rows) })
}
