// Sorts a CSV by one column, in memory; rows with equal keys keep their order. For test data: no quoted fields.
//
//   node scripts/sort-csv.mjs <in> <column> <out>
//
// A column of numbers is sorted by value, any other by its bytes; empty fields come last.
import { openSync, closeSync, readFileSync, renameSync, writeSync } from 'node:fs'

const linesPerWrite = 50_000

/** The keys as numbers where all of them are numbers (NaN where empty), else as they are. */
function sortKeys(texts) {
  const numbers = new Float64Array(texts.length)
  for (let row = 0; row < texts.length; row++) {
    numbers[row] = texts[row] === '' ? NaN : Number(texts[row])
    if (texts[row] !== '' && Number.isNaN(numbers[row])) return texts
  }
  return numbers
}

function compareKeys(a, b) {
  const aMissing = a === '' || Number.isNaN(a)
  const bMissing = b === '' || Number.isNaN(b)
  if (aMissing || bMissing) return Number(aMissing) - Number(bMissing)
  return a < b ? -1 : a > b ? 1 : 0
}

function field(line, column) {
  let start = 0
  for (let passed = 0; passed < column; passed++) {
    start = line.indexOf(',', start) + 1
    if (start === 0) throw new Error(`too few fields: ${line}`)
  }
  const end = line.indexOf(',', start)
  return line.slice(start, end < 0 ? line.length : end)
}

const [input, name, out] = process.argv.slice(2)
if (out === undefined) {
  console.error('usage: sort-csv.mjs <in> <column> <out>')
  process.exit(2)
}
// One character a byte, so that any encoding comes out as it went in and text sorts by its bytes.
const text = readFileSync(input, 'latin1')
if (text.includes('"')) throw new Error(`${input} has quoted fields: this script does not read them`)
const [header, ...lines] = text.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n')
const column = header.split(',').indexOf(name)
if (column < 0) {
  console.error(`no column ${JSON.stringify(name)} in ${header}`)
  process.exit(2)
}
const keys = sortKeys(lines.map((line) => field(line, column)))
const order = Uint32Array.from(lines, (_, row) => row).sort((a, b) => compareKeys(keys[a], keys[b]) || a - b)
const beside = `${out}.${process.pid}.tmp`
const file = openSync(beside, 'w')
writeSync(file, `${header}\n`, null, 'latin1')
for (let start = 0; start < order.length; start += linesPerWrite) {
  const rows = Array.from(order.subarray(start, start + linesPerWrite), (row) => `${lines[row]}\n`)
  writeSync(file, rows.join(''), null, 'latin1')
}
closeSync(file)
renameSync(beside, out)
