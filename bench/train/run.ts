import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { mustAgree } from '../agree.js'
import { countRows, numericFile } from '../data.js'
import { alternate, spread, type Runner } from '../measure.js'
import { formatSpread, printRatio, printTable, printText, printTitle } from '../print.js'
import type { Settings } from '../settings.js'
import { fastCsvRunner, parseOnlyRunner, prefixOf, trainRunners, type Prefix } from './contenders.js'
import type { Timed, Trained } from './millrace.js'

const ROWS = 1_000_000
const FAST_CSV = 'fast-csv, parsing only'
const PARSE_ONLY = 'parsing only'
const PARSE_ONLY_ALONE = 'parsing only, 1 worker'
/** Where the work was done may not change the model. */
const SAME_MODEL = ['train', 'train, 1 worker', 'train, inline', 'train, pool']

/** How long does training take, end to end, and how does that compare with merely parsing? */
export async function measureTraining({ full, repeat, scale }: Settings): Promise<void> {
  const file = numericFile(Math.round(ROWS * scale))
  const { size } = statSync(file)
  const rows = await countRows(file)
  const prefix = await prefixOf(file, full)
  printTitle('Training, end to end')
  printText(
    `${rows} rows × 28 numbers, ${(size / 1e6).toFixed(0)} MB, from the page cache; logistic, one pass.\n` +
      `Seconds of the whole process, from its start to the model written; inside: from after the imports.\n` +
      describePrefix(prefix, size),
  )
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'))
  try {
    const runners = [
      ...trainRunners(file, path.join(folder, 'model.safetensors')),
      parseOnlyRunner(PARSE_ONLY, file, undefined),
      parseOnlyRunner(PARSE_ONLY_ALONE, file, 1),
      fastCsvRunner(FAST_CSV, file, prefix),
    ]
    await checkAgreement(runners, rows, prefix.rows)
    report(await alternate(runners, repeat), rows)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function describePrefix({ bytes }: Prefix, size: number): string {
  if (bytes === size) return 'fast-csv parsed the whole file.'
  return `fast-csv parsed the first ${(bytes / 1e6).toFixed(0)} MB; its time is extrapolated to the whole file.`
}

/** Everybody met every row, and the model is the same, bit for bit, wherever it was computed. */
async function checkAgreement(
  runners: readonly Runner<Timed>[],
  rows: number,
  prefixRows: number,
): Promise<void> {
  let model: string | undefined
  for (const { name, run } of runners) {
    const result = await run()
    mustAgree(`the number of rows (${name})`, name === FAST_CSV ? prefixRows : rows, result.rows)
    if (!SAME_MODEL.includes(name)) continue
    const found = (result as Trained).model
    model ??= found
    mustAgree(`the model (${name})`, model, found)
  }
}

function report(measured: ReadonlyMap<string, readonly Timed[]>, rows: number): void {
  const seconds = (name: string) => spread(measured.get(name)!.map((timed) => timed.seconds))
  const inside = (name: string) => spread(measured.get(name)!.map((timed) => timed.inside))
  printTable(
    ['', 'seconds', 'inside', 'million rows/s'],
    [...measured.keys()].map((name) => [
      name,
      formatSpread(seconds(name), 2),
      formatSpread(inside(name), 2),
      (rows / 1e6 / seconds(name).median).toFixed(2),
    ]),
  )
  process.stdout.write('\n')
  const ratio = (above: string, below: string): number => seconds(above).median / seconds(below).median
  const ratioInside = (above: string, below: string): number => inside(above).median / inside(below).median
  const cores = availableParallelism()
  printRatio('fast-csv merely parsing / training', ratio(FAST_CSV, 'train'), { atLeast: 25 })
  printRatio('training / parsing only', ratio('train', PARSE_ONLY), { atMost: 1.35 })
  printRatio('training / parsing only, inside', ratioInside('train', PARSE_ONLY))
  const scaling = cores === 2 ? { atLeast: 1.7 } : {}
  printRatio(`1 worker / ${cores} workers`, ratio('train, 1 worker', 'train'), scaling)
  printRatio(`1 worker / ${cores} workers, inside`, ratioInside('train, 1 worker', 'train'))
  printRatio(`1 worker / ${cores} workers, parsing only, inside`, ratioInside(PARSE_ONLY_ALONE, PARSE_ONLY))
  printRatio('batch 32 / batch 4096', ratio('train, batch 32', 'train, batch 4096'), { atMost: 1.5 })
  printRatio('placement pool / inline', ratio('train, pool', 'train, inline'))
}
