/** A folder with the files that the documentation speaks of: real flights, a model of them, the events of a run. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { realFlights } from '../agreement/real-rows.js'

const ROWS = 4000
export const millrace = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** As scripts/make-flights.mjs writes them. */
async function flightsCsv(first: number): Promise<string[]> {
  const flights = await realFlights(ROWS, first)
  const rows = flights.map(({ date, distance, origin, destination, delay }) => {
    const day = date.getUTCDay() === 0 ? 7 : date.getUTCDay()
    const when = [date.getUTCMonth() + 1, day, date.getUTCHours()]
    return [...when, distance, origin, destination, delay, delay > 15 ? 1 : 0].join(',')
  })
  return ['month,dayofweek,hour,distance,origin,destination,delay,late', ...rows]
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`

/** Makes the files. */
export async function makeFixture(folder: string): Promise<void> {
  const [training, later] = [await flightsCsv(0), await flightsCsv(ROWS)]
  const at = (name: string): string => join(folder, name)
  for (const name of ['flights', 'big', 'monday', 'log']) writeFileSync(at(`${name}.csv`), text(training))
  const today = execFileSync('date', ['+%F'], { encoding: 'utf8' }).trim()
  for (const name of ['new', 'other', 'july', 'tuesday', 'wednesday', 'recent', today]) {
    writeFileSync(at(`${name}.csv`), text(later))
  }
  mkdirSync(at('july'))
  const named = later.map((line, i) => `${i === 0 ? 'id,name' : `${i},"flight ${i}"`},${line}`)
  writeFileSync(at('july/first.csv.gz'), gzipSync(text(named)))
  mkdirSync(at('flights'))
  cpSync(at('flights.csv'), at('flights/1.csv'))
  const train = ['train', 'flights.csv', '--target', 'late', '--ignore', 'delay', '--quiet']
  const events = ['run', 'other', 'monday', 'tuesday'].map((name) => `${name}.ndjson`)
  for (const name of events) {
    execFileSync(process.execPath, [millrace, ...train, '--events', name, '-o', 'model.safetensors'], {
      cwd: folder,
    })
  }
  cpSync(at('model.safetensors'), at('flights.safetensors'))
}
