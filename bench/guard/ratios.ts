import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mustAgree } from '../agree.js'
import { countRows, numericFile } from '../data.js'
import { alternate, secondsOf, spread, type Runner } from '../measure.js'
import { millraceKernel } from '../parse/millrace.js'
import { samples } from '../parse/shapes.js'
import { parseOnlyRunner, trainRunners } from '../train/contenders.js'

/** So many that the start, a third of a second, does not decide. */
const ROWS = 4_000_000
const SAMPLE_BYTES = 8e6
const LEAST_SECONDS = 0.2

/** Medians of seconds, one divided by the other. */
export type Ratios = Readonly<Record<string, number>>

/** `millrace train` with some options against others, and against the same threads merely parsing; whole processes. */
export async function trainRatios(repeat: number): Promise<Ratios> {
  const file = numericFile(ROWS)
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-guard-'))
  try {
    const runners = [
      ...trainRunners(file, path.join(folder, 'model.safetensors')),
      parseOnlyRunner('parsing only', file, undefined),
    ]
    // Counting puts the file into the page cache too.
    const rows = await countRows(file)
    const measured = await alternate(runners, repeat)
    for (const [name, runs] of measured)
      for (const run of runs) mustAgree(`the number of rows (${name})`, rows, run.rows)
    const median = (name: string): number => spread(measured.get(name)!.map(({ seconds }) => seconds)).median
    return {
      'train / parsing only': median('train') / median('parsing only'),
      'pool / inline': median('train, pool') / median('train, inline'),
      'all workers / one': median('train') / median('train, 1 worker'),
      'batch 32 / batch 4096': median('train, batch 32') / median('train, batch 4096'),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The parse kernel against finding the line breaks of the same bytes, which Node leaves to memchr; one thread. */
export async function parseRatio(repeat: number): Promise<Ratios> {
  const sample = samples(SAMPLE_BYTES)[0]!
  const { parse } = millraceKernel.open(sample)
  const parseAll = (): number | Promise<number> => parse()
  const count = (): number => lineBreaks(sample.bytes) - 1
  mustAgree('the number of rows (kernel)', count(), await parseAll())
  const runners: Runner<number>[] = [
    { name: 'kernel', run: () => secondsOf(parseAll, LEAST_SECONDS) },
    { name: 'memchr', run: () => secondsOf(count, LEAST_SECONDS) },
  ]
  // One round that does not count: V8's compilers get to know both.
  await alternate(runners, 1)
  const measured = await alternate(runners, repeat)
  return {
    'parse / memchr': spread(measured.get('kernel')!).median / spread(measured.get('memchr')!).median,
  }
}

function lineBreaks(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++
  return count
}
