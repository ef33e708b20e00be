import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { numericFile } from '../data.js'
import { spread } from '../measure.js'
import { formatSpread, printRatio, printText, printTitle } from '../print.js'
import { compileProgram, runNode } from '../program.js'
import type { Settings } from '../settings.js'

const ROWS = 1_000_000
/** Pairs for each that is asked for: a run is short, and the machine is not quiet. */
const PAIRS = 5

/** What do checkpoints cost? */
export async function measureCheckpoints({ repeat, scale }: Settings): Promise<void> {
  printTitle('Checkpoints')
  const file = numericFile(Math.round(ROWS * scale))
  const program = compileProgram('checkpoints/times.ts')
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'))
  printText(
    'Training with checkpoints / without, in turns in one process, which checks that the models are the same to the bit. ' +
      'One pass with --checkpoint-every 10s, which is over before; 40 passes with --checkpoint-every 0.5s, twenty times as often.',
  )
  const measure = async (name: string, epochs: number, every: string, pairs: number): Promise<void> => {
    const parameters = [file, 'y', `${epochs}`, every, `${pairs}`, path.join(folder, 'checkpoints')]
    const { output } = await runNode([program, ...parameters])
    const measured = JSON.parse(output) as { with: number; without: number }[]
    const ratios = spread(measured.map((pair) => pair.with / pair.without))
    const seconds = spread(measured.map((pair) => pair.without))
    printText(
      `${name}: ${formatSpread(seconds, 2)} s without, ratios of ${pairs} pairs ${formatSpread(ratios, 3)}`,
    )
    printRatio(name, ratios.median, { atMost: 1.02 })
  }
  try {
    await measure('one pass', 1, '10s', 3 * PAIRS * repeat)
    await measure('40 passes', 40, '0.5s', PAIRS * repeat)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
