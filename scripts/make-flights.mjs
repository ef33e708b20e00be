// Writes data/flights.csv: 3,000,000 real US flights of January to June 2001, about 86 MB, sorted by time.
//
//   node scripts/make-flights.mjs [out] [--rows <n>] [--if-missing]
//
// The source is data/flights-3m.parquet of the vega-datasets package (US Bureau of Transportation Statistics).
import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const header = 'month,dayofweek,hour,distance,origin,destination,delay,late\n'
const millisecondsPerMinute = 60_000
const bytesPerWrite = 1 << 20
/** A flight is late when it is delayed by more than this many minutes. */
const lateAfter = 15

/** The parquet file lies outside the package's `exports`, so the package is resolved and the path is added. */
function parquetPath() {
  const entry = fileURLToPath(import.meta.resolve('vega-datasets'))
  return path.join(path.dirname(entry), '..', 'data', 'flights-3m.parquet')
}

/** Reads some rows; returns one array a column. Timestamps become minutes since 1970. */
async function readColumns(file, metadata, rowStart, rowEnd) {
  const columns = {}
  const asked = { file, metadata, compressors, rowStart, rowEnd }
  await parquetRead({
    ...asked,
    parsers: { timestampFromMicroseconds: (micros) => Number(micros / 60_000_000n) },
    // A chunk may begin before the rows that were asked for and end after them.
    onChunk: ({ columnName, columnData, rowStart: chunkStart }) => {
      const column = (columns[columnName] ??= new Array(rowEnd - rowStart))
      const first = Math.max(rowStart, chunkStart)
      const last = Math.min(rowEnd, chunkStart + columnData.length)
      for (let row = first; row < last; row++) column[row - rowStart] = columnData[row - chunkStart]
    },
  })
  return columns
}

/**
 * `month,dayofweek,hour,` of a minute. The file holds local wall-clock times without a zone, so they are read as
 * if they were UTC, whatever this machine's zone. Day of week: 1 = Monday … 7 = Sunday.
 */
function calendarFields(minute) {
  const date = new Date(minute * millisecondsPerMinute)
  return `${date.getUTCMonth() + 1},${date.getUTCDay() || 7},${date.getUTCHours()},`
}

/** Formats columns as CSV, about a megabyte at a time. */
function* formatRows({ date, distance, origin, destination, delay }, totals) {
  let text = ''
  let lastMinute = -1
  let calendar = ''
  for (let row = 0; row < date.length; row++) {
    // Nothing is missing in version 3.2.1; another version must not slip in as zeros.
    for (const column of [date, distance, origin, destination, delay]) {
      if (column[row] == null)
        throw new Error(`row ${totals.rows + 1} of the parquet file has a missing value`)
    }
    if (date[row] !== lastMinute) calendar = calendarFields((lastMinute = date[row]))
    const late = delay[row] > lateAfter ? 1 : 0
    const line = `${calendar}${distance[row]},${origin[row]},${destination[row]},${delay[row]},${late}\n`
    if (totals.rows === 0) totals.first = line
    totals.rows++
    totals.late += late
    totals.last = line
    text += line
    if (text.length >= bytesPerWrite) {
      yield text
      text = ''
    }
  }
  yield text
}

/** Writes the CSV, one row group of the parquet file in memory at a time; returns the totals. */
async function writeFlights(out, wantedRows) {
  const file = await asyncBufferFromFile(parquetPath())
  const metadata = await parquetMetadataAsync(file)
  const rows = Math.min(wantedRows, Number(metadata.num_rows))
  const totals = { rows: 0, late: 0, first: '', last: '' }
  const target = await open(out, 'w')
  try {
    await target.write(header)
    let start = 0
    for (const group of metadata.row_groups) {
      const end = Math.min(rows, start + Number(group.num_rows))
      if (end <= start) break
      for (const text of formatRows(await readColumns(file, metadata, start, end), totals)) {
        // writeFile on a handle goes on where the last write ended, and never stops short.
        await target.writeFile(text)
      }
      start = end
      showProgress(totals.rows, rows)
    }
    await target.sync()
  } finally {
    await target.close()
  }
  return totals
}

function showProgress(rows, ofRows) {
  const line = `flights: ${rows.toLocaleString('en')} of ${ofRows.toLocaleString('en')} rows`
  if (process.stderr.isTTY) process.stderr.write(`\r${line}${rows === ofRows ? '\n' : ''}`)
  else process.stderr.write(`${line}\n`)
}

/** Log loss of always predicting the mean: −p·log p − (1 − p)·log(1 − p). */
function entropy(p) {
  return -p * Math.log(p) - (1 - p) * Math.log(1 - p)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'string' }, 'if-missing': { type: 'boolean' } },
})
const out = positionals[0] ?? fileURLToPath(new URL('../data/flights.csv', import.meta.url))
const wantedRows = values.rows === undefined ? Infinity : Number(values.rows)
if (!(wantedRows >= 1)) throw new Error(`--rows must be at least 1, got ${values.rows}`)
if (!values['if-missing'] || !existsSync(out)) {
  const beside = `${out}.${process.pid}.tmp`
  try {
    const started = performance.now()
    const { rows, late, first, last } = await writeFlights(beside, wantedRows)
    await rename(beside, out)
    const share = late / rows
    console.log(`${out}: ${rows} rows in ${((performance.now() - started) / 1000).toFixed(1)} s`)
    console.log(
      `late: ${(share * 100).toFixed(3)} %; predicting the mean: log loss ${entropy(share).toFixed(4)}`,
    )
    process.stdout.write(`first: ${first}last:  ${last}`)
  } finally {
    await rm(beside, { force: true })
  }
}
