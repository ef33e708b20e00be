import { spawn } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { loadModel } from '../../src/index.js'
import { shortestText } from '../../src/numeric/shortest.js'
import { mustAgree } from '../agree.js'
import { clickLogFile, countRows, dataScript, numericFile } from '../data.js'
import { alternate, spread, type Runner } from '../measure.js'
import { formatSpread, printRatio, printTable, printText, printTitle } from '../print.js'
import { compileProgram, millrace, runNode } from '../program.js'
import type { Settings } from '../settings.js'

const NUMERIC_ROWS = 1_000_000
const CLICK_LOG_ROWS = 500_000
/** Rows whose predictions are compared with those of the library. */
const COMPARED_ROWS = 2000

interface Job {
  readonly name: string
  readonly file: string
  /** Of `train`. */
  readonly columns: readonly string[]
  readonly model: string
  readonly out: string
}

/** How does predicting compare with training on the same file, and does its memory stay the same however long the input is? */
export async function measurePredicting({ full, repeat, scale }: Settings): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'))
  const job = (name: string, file: string, ...columns: string[]): Job => {
    const at = path.join(folder, name.replaceAll(' ', '-'))
    return { name, file, columns, model: `${at}.safetensors`, out: `${at}.csv` }
  }
  const numeric = job('28 numbers', numericFile(Math.round(NUMERIC_ROWS * scale)), '--target', 'y')
  const clicks = job('click log', clickLogFile(Math.round(CLICK_LOG_ROWS * scale)), '--target', 'label')
  const flights = fileURLToPath(new URL('../../data/flights.csv', import.meta.url))
  const jobs = [numeric, clicks]
  if (existsSync(flights)) jobs.push(job('flights', flights, '--target', 'late', '--ignore', 'delay'))
  try {
    await compareWithTraining(jobs, repeat)
    await compareMemory(
      numeric.model,
      (full ? [1, 10] : [0.2, 1]).map((gigabytes) => gigabytes * scale),
      folder,
      repeat,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function compareWithTraining(jobs: readonly Job[], repeat: number): Promise<void> {
  printTitle('Predicting')
  printText('train: one pass; predict: with that model, to a file. Seconds of the whole process.')
  const runners = jobs.flatMap(({ name, file, columns, model, out }): Runner<number>[] => [
    seconds(`${name}, train`, ['train', file, ...columns, '--epochs', '1', '-o', model]),
    seconds(`${name}, predict`, ['predict', model, file, '-o', out]),
  ])
  for (const { run } of runners) await run()
  for (const job of jobs) await checkPredictions(job)
  const measured = await alternate(runners, repeat)
  printTable(
    ['', 'seconds'],
    [...measured].map(([name, runs]) => [name, formatSpread(spread(runs), 2)]),
  )
  process.stdout.write('\n')
  for (const { name } of jobs) {
    const [train, predict] = ['train', 'predict'].map(
      (what) => spread(measured.get(`${name}, ${what}`)!).median,
    )
    printRatio(`${name}: rows/s of predict / train`, train! / predict!, { atLeast: 0.8 })
  }
}

function seconds(name: string, parameters: readonly string[]): Runner<number> {
  return { name, run: async () => (await runNode([millrace, ...parameters, '--quiet'])).seconds }
}

/** There is a line for every row, and the first ones are what the library predicts, in plain JavaScript. */
async function checkPredictions({ name, file, model, out }: Job): Promise<void> {
  mustAgree(`the number of predictions (${name})`, await countRows(file), await countRows(out))
  const { predict } = await loadModel(model).then((loaded) => ({ predict: loaded.predict.bind(loaded) }))
  const [header, ...rows] = await firstLines(file)
  const [, ...lines] = await firstLines(out)
  const columns = header!.split(',')
  for (const [i, row] of rows.entries()) {
    const values = row.split(',')
    const { probabilities = {}, prediction } = predict(
      Object.fromEntries(columns.map((column, c) => [column, values[c]!])) as never,
    )
    const numbers = Object.values(probabilities).map(shortestText)
    mustAgree(`row ${i} (${name})`, [prediction, ...numbers].join(','), lines[i])
  }
}

/** The header and some rows of a file without line breaks inside fields. */
async function firstLines(file: string): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (lines.push(line) > COMPARED_ROWS) break
  }
  return lines
}

async function compareMemory(
  model: string,
  sizes: readonly number[],
  folder: string,
  repeat: number,
): Promise<void> {
  const peak = path.join(folder, 'peak')
  const out = path.join(folder, 'streamed.csv')
  const preload = compileProgram('memory/report-peak.ts')
  const command = ['--import', preload, millrace, 'predict', model, '-', '--keep', 'x1', '--quiet', '-o', out]
  const runners = sizes.map((gigabytes) => ({
    name: `${Number(gigabytes.toPrecision(2))} GB`,
    async run() {
      await runNode(command, { input: generate(gigabytes), environment: { MILLRACE_BENCH_PEAK: peak } })
      return Number(readFileSync(peak, 'latin1')) / 1e6
    },
  }))
  const measured = await alternate(runners, repeat)
  printText(
    '\nmake-numeric.mjs --stdout | millrace predict … - --keep x1: peak resident memory, all threads.',
  )
  printTable(
    ['input', 'peak MB'],
    [...measured].map(([name, runs]) => [name, formatSpread(spread(runs), 0)]),
  )
  process.stdout.write('\n')
  const [small, large] = [...measured.values()].map((runs) => spread(runs).median)
  printRatio('peak of the larger input / of the smaller', large! / small!, { atMost: 1.1 })
}

function generate(gigabytes: number): Readable {
  const bytes = `${Math.round(gigabytes * 1e9)}`
  const child = spawn(process.execPath, [dataScript('make-numeric'), '--stdout', '--bytes', bytes], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return child.stdout
}
