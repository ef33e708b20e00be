/** A folder with the files that the documentation speaks of: real flights, a model of them, the events of a run. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { realFlights } from '../agreement/real-rows.js'
import { codeBlocks } from './blocks.js'

const ROWS = 4000
const root = fileURLToPath(new URL('../..', import.meta.url))
export const millrace = join(root, 'dist/cli/main.js')

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

/** An export of a database: semicolons, decimal commas, quotes, dates. */
function customers(): string[] {
  const rows = Array.from({ length: 600 }, (_, i) => {
    const [calls, plan] = [Math.imul(i, 7) % 12, ['basic', 'plus', 'family; all in'][i % 3]!]
    const left = calls > 8 && i % 4 !== 0
    const joined = `20${10 + (i % 12)}-0${1 + (i % 9)}-15`
    const fee = `${19 + (i % 5)},${10 + (i % 80)}`
    return [
      i,
      `"O'Hara, ""Kim"" ${i}"`,
      joined,
      `"${plan}"`,
      fee,
      calls,
      left ? '2023-01-31' : '',
      left ? 'yes' : 'no',
    ]
  })
  return ['customer;name;joined;plan;fee;calls;left_on;left', ...rows.map((row) => row.join(';'))]
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
  writeFileSync(at('customers.csv'), text(customers()))
  execFileSync(process.execPath, [join(root, 'scripts/make-clicklog.mjs'), '3000', at('clicks.csv')])
  writeFileSync(at('day_1.gz'), gzipSync(readFileSync(at('clicks.csv'))))
  // The file is shown on the page, which runs it.
  const shown = codeBlocks(readFileSync(join(root, 'docs/command-line.md'), 'utf8'))
  writeFileSync(at('late.json'), shown.find(({ language }) => language === 'json')!.code)
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
