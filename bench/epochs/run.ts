import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mustAgree } from '../agree.js'
import { countRows, numericFile } from '../data.js'
import { alternate, spread, type Runner } from '../measure.js'
import { formatSpread, printRatio, printTable, printText, printTitle } from '../print.js'
import { compileProgram, runNode } from '../program.js'
import type { Settings } from '../settings.js'

const ROWS = 1_000_000
const EPOCHS = 3

interface Epochs {
  /** Of each epoch. */
  readonly seconds: readonly number[]
  readonly rows: number
  /** Of the last epoch. */
  readonly loss: number
}

/** What does an epoch cost that need not parse? */
export async function measureEpochs({ repeat, scale }: Settings): Promise<void> {
  printTitle('Epochs')
  const file = numericFile(Math.round(ROWS * scale))
  const rows = await countRows(file)
  const program = compileProgram('epochs/times.ts')
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'))
  printText(
    `${rows} rows × 28 numbers; logistic, ${EPOCHS} epochs. Million rows a second in each, as the epoch events tell it.\n` +
      `In memory: --memory 1GiB holds all encoded rows. By default: --memory 256MiB holds them as well. Half in a file: --memory 128MiB. Kept: a second run on --cache.`,
  )
  const runner = (name: string, memory: string, cache = ''): Runner<Epochs> => ({
    name,
    run: async () =>
      JSON.parse((await runNode([program, file, 'y', memory, `${EPOCHS}`, cache])).output) as Epochs,
  })
  try {
    const runners = [
      runner('in memory', '1GiB'),
      runner('half in a file', '128MiB'),
      runner('kept', '128MiB', path.join(folder, 'cache')),
    ]
    await checkAgreement(runners, rows)
    report(await alternate(runners, repeat))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Everybody met every row in every epoch, and learned the same. The kept cache is there after this. */
async function checkAgreement(runners: readonly Runner<Epochs>[], rows: number): Promise<void> {
  let loss: number | undefined
  for (const { name, run } of runners) {
    const found = await run()
    mustAgree(`the number of rows (${name})`, rows, found.rows)
    loss ??= found.loss
    mustAgree(`the loss of the last epoch (${name})`, loss, found.loss)
  }
}

function report(measured: ReadonlyMap<string, readonly Epochs[]>): void {
  const seconds = (name: string, epoch: number) =>
    spread(measured.get(name)!.map((run) => run.seconds[epoch - 1]!))
  const rates = (name: string, epoch: number) =>
    spread(measured.get(name)!.map((run) => run.rows / 1e6 / run.seconds[epoch - 1]!))
  printTable(
    ['', 'epoch 1', 'epoch 2', 'epoch 3'],
    [...measured.keys()].map((name) => [
      name,
      ...[1, 2, 3].map((epoch) => formatSpread(rates(name, epoch), 2)),
    ]),
  )
  process.stdout.write('\n')
  for (const name of ['in memory', 'half in a file']) {
    const ratio = seconds(name, 1).median / seconds(name, 2).median
    printRatio(`epoch 1 / epoch 2, ${name}`, ratio, { atLeast: 4 })
  }
  printRatio('epoch 1 parsed / epoch 1 kept', seconds('half in a file', 1).median / seconds('kept', 1).median)
}
