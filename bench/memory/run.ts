import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { mustAgree } from '../agree.js'
import { countLineFeeds, dataScript } from '../data.js'
import { alternate, spread, type Runner } from '../measure.js'
import { formatSpread, printRatio, printTable, printText, printTitle } from '../print.js'
import { compileProgram, millrace, runNode } from '../program.js'
import type { Settings } from '../settings.js'

const GIGABYTE = 1e9
const QUICK_SIZES = [0.2, 1]
const FULL_SIZES = [1, 10]

interface Peak {
  /** Peak resident memory of the whole process, in MB. */
  readonly megabytes: number
  readonly seconds: number
  readonly rows: number
}

/** Does peak memory stay the same however long the input is? */
export async function measureMemory({ full, repeat, scale }: Settings): Promise<void> {
  printTitle('Memory')
  printText(
    'make-numeric.mjs --stdout | millrace train - : peak resident memory of the millrace process, all threads.',
  )
  const sizes = (full ? FULL_SIZES : QUICK_SIZES).map((size) => size * scale)
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'))
  try {
    const runners = sizes.map((size) => streamRunner(size, folder))
    await checkAgreement(sizes, runners)
    report(await alternate(runners, repeat))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The numeric CSV of so many gigabytes, as a stream of bytes. */
function generate(gigabytes: number): Readable {
  const bytes = `${Math.round(gigabytes * GIGABYTE)}`
  const child = spawn(process.execPath, [dataScript('make-numeric'), '--stdout', '--bytes', bytes], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return child.stdout
}

function streamRunner(gigabytes: number, folder: string): Runner<Peak> {
  const preload = compileProgram('memory/report-peak.ts')
  const peak = path.join(folder, 'peak')
  const model = path.join(folder, 'model.safetensors')
  const command = [
    '--import',
    preload,
    millrace,
    'train',
    '-',
    '--target',
    'y',
    '--quiet',
    '--json',
    '-o',
    model,
  ]
  return {
    name: `${Number(gigabytes.toPrecision(2))} GB`,
    async run() {
      const input = generate(gigabytes)
      const { seconds, output } = await runNode(command, {
        input,
        environment: { MILLRACE_BENCH_PEAK: peak },
      })
      const { rows } = JSON.parse(output) as { rows: { read: number } }
      return { megabytes: Number(readFileSync(peak, 'latin1')) / 1e6, seconds, rows: rows.read }
    },
  }
}

/** Every row of the stream was read: the rows are counted in the same stream, made a second time. */
async function checkAgreement(sizes: readonly number[], runners: readonly Runner<Peak>[]): Promise<void> {
  for (const [i, { name, run }] of runners.entries()) {
    const rows = (await countLineFeeds(generate(sizes[i]!))) - 1
    mustAgree(`the number of rows in ${name}`, rows, (await run()).rows)
  }
}

function report(measured: ReadonlyMap<string, readonly Peak[]>): void {
  const peaks = [...measured].map(([name, runs]) => ({
    name,
    megabytes: spread(runs.map((run) => run.megabytes)),
    seconds: spread(runs.map((run) => run.seconds)),
  }))
  printTable(
    ['input', 'peak MB', 'seconds'],
    peaks.map(({ name, megabytes, seconds }) => [name, formatSpread(megabytes, 0), formatSpread(seconds, 1)]),
  )
  process.stdout.write('\n')
  const [small, large] = peaks
  printRatio(`peak of ${large!.name}, in units of 300 MB`, large!.megabytes.median / 300, { atMost: 1 })
  printRatio(`peak of ${large!.name} / ${small!.name}`, large!.megabytes.median / small!.megabytes.median, {
    atMost: 1.1,
  })
}
