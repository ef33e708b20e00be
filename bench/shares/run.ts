import type { RowCounts, TimeShares } from '../../src/events.js'
import { mustAgree, mustHold } from '../agree.js'
import { clickLogFile, countRows, numericFile } from '../data.js'
import { alternate, spread } from '../measure.js'
import { formatSpread, printTable, printText, printTitle } from '../print.js'
import { compileProgram, runNode } from '../program.js'
import type { Settings } from '../settings.js'

const NUMERIC_ROWS = 1_000_000
const CLICK_LOG_ROWS = 500_000
const PARTS = ['read', 'parse', 'wait', 'gradient', 'average', 'update'] as const

interface Run {
  readonly seconds: number
  readonly workers: number
  readonly rows: RowCounts
  readonly times: TimeShares
}

/** Where does the time of a run go? */
export async function measureShares({ repeat, scale }: Settings): Promise<void> {
  printTitle('Shares of a run')
  const inputs = [
    { name: '28 numbers', file: numericFile(Math.round(NUMERIC_ROWS * scale)), target: 'y' },
    { name: 'click log', file: clickLogFile(Math.round(CLICK_LOG_ROWS * scale)), target: 'label' },
  ]
  const program = compileProgram('shares/times.ts')
  const runners = inputs.map(({ name, file, target }) => ({
    name,
    run: async () => JSON.parse((await runNode([program, file, target])).output) as Run,
  }))
  for (const [i, { file, name }] of inputs.entries())
    checkTimes(name, await countRows(file), await runners[i]!.run())
  const measured = await alternate(runners, repeat)
  const { workers } = measured.get(inputs[0]!.name)![0]!
  printText(
    `Percent of the seconds of a run (from after the imports). read, parse: of the ${workers} workers together, so that\n` +
      `${100 * workers} % is all they have; wait, gradient, average, update: of the main thread, which has 100 %.`,
  )
  printTable(
    ['', 'seconds', ...PARTS],
    [...measured].map(([name, runs]) => row(name, runs)),
  )
}

function row(name: string, runs: readonly Run[]): string[] {
  const share = (part: keyof TimeShares) =>
    spread(runs.map(({ times, seconds }) => (100 * times[part]) / seconds))
  return [
    name,
    formatSpread(spread(runs.map((run) => run.seconds)), 2),
    ...PARTS.map((part) => formatSpread(share(part), 0)),
  ]
}

/** Every row was met, and no thread was busy for longer than the run took. */
function checkTimes(name: string, rows: number, { seconds, workers, rows: counts, times }: Run): void {
  mustAgree(`the number of rows (${name})`, rows, counts.read)
  const main = times.wait + times.gradient + times.average + times.update
  mustHold(
    `${name}: workers busy for no longer than the run took`,
    times.read + times.parse <= workers * seconds,
  )
  mustHold(`${name}: the main thread busy for no longer than the run took`, main <= seconds * (1 + 1e-9))
}
