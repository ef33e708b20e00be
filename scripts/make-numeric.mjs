// Writes the numeric benchmark CSV: columns x1 … xn, nearly normal numbers, and a label y drawn from a logistic model.
//
//   node scripts/make-numeric.mjs <rows> <columns> <decimals|long> <out> [--seed <n>]
//   node scripts/make-numeric.mjs --stdout --bytes <n> [--columns <n>] [--format <decimals|long>] [--seed <n>]
//
// `decimals` is the number of decimals, 1 to 6; `long` writes 19 digits and an exponent: 1.234567890123456789e-01.
// 1,000,000 rows of 28 columns with 4 decimals are about 210 MB. The same arguments give the same bytes.
import { parseArgs } from 'node:util'
import { nearlyNormal, uniform } from './random.mjs'
import { streamRows, writeRowsToFile } from './write-rows.mjs'

const [comma, dot, minus, plus, zero, letterE, lineFeed] = Buffer.from(',.-+0e\n')

/** Writes the lowest `count` decimal digits of a whole number. */
function writeDigits(buffer, offset, number, count) {
  for (let place = count - 1; place >= 0; place--) {
    const rest = Math.floor(number / 10)
    buffer[offset + place] = zero + (number - rest * 10)
    number = rest
  }
  return offset + count
}

/** −12345 with 4 decimals → -1.2345 */
function decimalWriter(decimals) {
  const unit = 10 ** decimals
  return (buffer, offset, value) => {
    const scaled = Math.round(Math.abs(value) * unit)
    if (value < 0 && scaled > 0) buffer[offset++] = minus
    const whole = Math.floor(scaled / unit)
    // |value| < 3.47, so the whole part is one digit.
    buffer[offset++] = zero + whole
    buffer[offset++] = dot
    return writeDigits(buffer, offset, scaled - whole * unit, decimals)
  }
}

/** One digit, a point, 18 digits and an exponent of two digits. */
function writeLong(buffer, offset, value, random) {
  if (value < 0) buffer[offset++] = minus
  let magnitude = Math.abs(value)
  let exponent = 0
  while (magnitude < 1 && exponent < 9) {
    magnitude *= 10
    exponent++
  }
  const leading = Math.floor(magnitude)
  buffer[offset++] = zero + leading
  buffer[offset++] = dot
  offset = writeDigits(buffer, offset, Math.floor((magnitude - leading) * 1e6), 6)
  // An f64 has no 19 digits to give: the last twelve are drawn.
  offset = writeDigits(buffer, offset, random() % 1_000_000, 6)
  offset = writeDigits(buffer, offset, random() % 1_000_000, 6)
  buffer[offset++] = letterE
  buffer[offset++] = exponent === 0 ? plus : minus
  return writeDigits(buffer, offset, exponent, 2)
}

/** y is 1 with probability 1 / (1 + exp(−z)), z = Σ weight·x − 0.5, weights ±2 / √columns in turn. */
function rowWriter(columns, writeNumber) {
  const weight = 2 / Math.sqrt(columns)
  return (buffer, offset, random) => {
    let score = -0.5
    for (let column = 0; column < columns; column++) {
      const value = nearlyNormal(random)
      score += (column & 1 ? -weight : weight) * value
      offset = writeNumber(buffer, offset, value, random)
      buffer[offset++] = comma
    }
    buffer[offset++] = zero + (uniform(random) < 1 / (1 + Math.exp(-score)) ? 1 : 0)
    buffer[offset++] = lineFeed
    return offset
  }
}

function wholeNumber(name, text, least, most) {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  console.error(`${name}: expected a whole number from ${least} to ${most}, got ${text}`)
  process.exit(2)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    stdout: { type: 'boolean' },
    bytes: { type: 'string' },
    columns: { type: 'string', default: '28' },
    format: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
})
const [rowsText, columnsText = values.columns, format = values.format, out] = positionals
const columns = wholeNumber('columns', columnsText, 1, 100_000)
const writeNumber = format === 'long' ? writeLong : decimalWriter(wholeNumber('decimals', format, 1, 6))
const task = {
  header: `${Array.from({ length: columns }, (_, column) => `x${column + 1}`).join(',')},y\n`,
  seed: wholeNumber('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
  // The longest field, "-1.234567890123456789e-01,", has 26 bytes.
  maximumRowBytes: columns * 26 + 2,
  writeRow: rowWriter(columns, writeNumber),
}
if (values.stdout) {
  await streamRows({ ...task, bytes: wholeNumber('--bytes', values.bytes, 1, Number.MAX_SAFE_INTEGER) })
} else if (out === undefined) {
  console.error('usage: make-numeric.mjs <rows> <columns> <decimals|long> <out>, or --stdout --bytes <n>')
  process.exit(2)
} else {
  writeRowsToFile({ ...task, out, rows: wholeNumber('rows', rowsText, 0, Number.MAX_SAFE_INTEGER) })
}
