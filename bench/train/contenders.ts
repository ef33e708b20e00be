import { createReadStream, statSync } from 'node:fs'
import { countLineFeeds } from '../data.js'
import type { Runner } from '../measure.js'
import { compileProgram, runNode } from '../program.js'
import { trainOnce, type Timed } from './millrace.js'

/** Much more than fast-csv needs to get warm, and some seconds' work for it. */
const PREFIX_BYTES = 20e6

/** millrace itself, with other options each time. */
const variants: Readonly<Record<string, readonly string[]>> = {
  train: [],
  'train, 1 worker': ['--workers', '1'],
  'train, inline': ['--placement', 'inline'],
  'train, pool': ['--placement', 'pool'],
  'train, batch 32': ['--batch-size', '32'],
  'train, batch 4096': ['--batch-size', '4096'],
}

export function trainRunners(file: string, model: string): Runner<Timed>[] {
  return Object.entries(variants).map(([name, options]) => ({
    name,
    run: () => trainOnce(file, model, options),
  }))
}

/** The same kernel, lanes and workers, without the training. */
export function parseOnlyRunner(name: string, file: string, workers: number | undefined): Runner<Timed> {
  const program = compileProgram('train/parse-only.ts')
  const command = [program, file, ...(workers === undefined ? [] : [`${workers}`])]
  return {
    name,
    async run() {
      const { seconds, output } = await runNode(command)
      const { seconds: inside, rows } = JSON.parse(output) as { seconds: number; rows: number }
      return { seconds, inside, rows }
    },
  }
}

/** Whole records at the start of a file, and how many of them are rows. */
export interface Prefix {
  readonly bytes: number
  readonly rows: number
}

/** About 20 MB of the file, or all of it. */
export async function prefixOf(file: string, whole: boolean): Promise<Prefix> {
  const { size } = statSync(file)
  let bytes = size
  if (!whole && size > PREFIX_BYTES) {
    const first = createReadStream(file, { end: PREFIX_BYTES - 1, highWaterMark: PREFIX_BYTES })
    for await (const chunk of first) bytes = (chunk as Buffer).lastIndexOf(10) + 1
  }
  return { bytes, rows: (await countLineFeeds(createReadStream(file, { end: bytes - 1 }))) - 1 }
}

/**
 * fast-csv parses a prefix of the file and does nothing with it. Its seconds are those of the whole file: process
 * start, plus the time of the prefix in proportion to its bytes (which is measured, not extrapolated, where the prefix
 * is the file).
 */
export function fastCsvRunner(name: string, file: string, { bytes }: Prefix): Runner<Timed> {
  const program = compileProgram('train/fast-csv.ts')
  const times = statSync(file).size / bytes
  return {
    name,
    async run() {
      const { seconds, output } = await runNode([program, file, `${bytes}`])
      const { seconds: inside, rows } = JSON.parse(output) as { seconds: number; rows: number }
      return { seconds: seconds - inside + inside * times, inside: inside * times, rows }
    },
  }
}
