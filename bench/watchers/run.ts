import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { numericFile } from '../data.js'
import { spread } from '../measure.js'
import { formatSpread, printRatio, printText, printTitle } from '../print.js'
import { compileProgram, runNode } from '../program.js'
import type { Settings } from '../settings.js'
import type { Memory } from './slow-subscriber.js'
import type { Pair } from './times.js'

const ROWS = 1_000_000
/** Pairs for each that is asked for: a run is short, and the machine is not quiet. */
const PAIRS = 5
/** Steps of the run whose subscriber sleeps; of one pass, in which no memory is filled with rows for the next. */
const STEPS = 100_000

/** What do watchers cost, and does one that is slow cost memory? */
export async function measureWatchers({ repeat, scale }: Settings): Promise<void> {
  printTitle('Watchers')
  const file = numericFile(Math.round(ROWS * scale))
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'))
  try {
    await measureCost(file, folder, PAIRS * repeat)
    await measureSlowSubscriber(file, folder, Math.round(STEPS * scale))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measureCost(file: string, folder: string, pairs: number): Promise<void> {
  const program = compileProgram('watchers/times.ts')
  printText(
    'One pass over four times the file with all watchers (live block on a terminal, --events, --history, --tensorboard, --dashboard with a page open) / ' +
      'without any, in turns in one process, which checks that the models are the same to the bit.',
  )
  for (const { batchSize, atMost } of [
    { batchSize: 1024, atMost: 1.03 },
    { batchSize: 32, atMost: 1.1 },
  ]) {
    const { output } = await runNode([program, file, 'y', `${batchSize}`, `${pairs}`, folder])
    const measured = JSON.parse(output) as Pair[]
    const name = `batch ${batchSize}`
    const of = (ratio: (pair: Pair) => number): string => formatSpread(spread(measured.map(ratio)), 3)
    const alone = spread(measured.map((pair) => pair.without.seconds))
    printText(
      `${name}: ${formatSpread(alone, 2)} s without; ratios of ${pairs} pairs ${of((pair) => pair.with.seconds / pair.without.seconds)}, ` +
        `processor time ${of((pair) => pair.with.cpuSeconds / pair.without.cpuSeconds)}`,
    )
    // Of all seconds, not of pairs: the machine's bad moments are longer than a run.
    const median = (kind: 'with' | 'without'): number =>
      spread(measured.map((pair) => pair[kind].seconds)).median
    printRatio(name, median('with') / median('without'), { atMost })
  }
}

async function measureSlowSubscriber(file: string, folder: string, steps: number): Promise<void> {
  printText(
    `${steps} steps with all watchers and a subscriber that sleeps 50 ms after each event it is given.`,
  )
  const program = compileProgram('watchers/slow-subscriber.ts')
  const { output } = await runNode(['--expose-gc', program, file, 'y', `${ROWS / STEPS}`, `${steps}`, folder])
  const { early, late, seen } = JSON.parse(output) as Memory
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
  printText(
    `resident memory, least of the looks in it: ${megabytes(early)} MB in the second tenth of the steps, ${megabytes(late)} MB in the last; ` +
      `${seen} events were seen`,
  )
  printRatio('memory, last tenth / second', late / early, { atMost: 1.05 })
}
