/** `millrace predict` */

import type { Command } from 'commander'
import { describeBadRows } from '../bad-row-codes.js'
import { printable } from '../errors.js'
import { predictionFormats, type PredictOptions } from '../options.js'
import { formatCount } from '../report/format.js'
import {
  addModelInputOptions,
  collectNames,
  numberOrText,
  thresholdHelp,
  typedOptions,
} from './option-groups.js'
import { exitCodes, interruptible, type Session } from './session.js'

type PredictFlags = Omit<PredictOptions, 'model' | 'input'> & { quiet?: boolean }

/** Adds the command. */
export function definePredict(program: Command, session: Session): void {
  const command = program
    .command('predict')
    .description('Predict the rows of CSV files with a model; writes CSV or NDJSON.')
    .argument('<model>', 'the model file')
    .argument('<input...>', 'paths, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .action(async (model: string, input: string[]) => {
      const { quiet, ...options } = typedOptions(command) as unknown as PredictFlags
      session.exitCode = await runPredict({ ...options, model, input }, quiet === true, session)
    })
    .optionsGroup('Output:')
    .option('-o, --out <file>', 'where the predictions are written (default: standard output)')
    .option('--format <name>', `${predictionFormats.join(', ')} (default: by the name of the file, else csv)`)
    .option('--keep <names>', 'input columns to copy in front of the prediction (a,b)', collectNames)
    .option('--explain', 'add what each column contributes to the prediction; linear models')
    .option('--threshold <p>', thresholdHelp, numberOrText)
    .option('--quiet', 'print nothing but errors')
  addModelInputOptions(command)
}

async function runPredict(options: PredictOptions, quiet: boolean, { terminal }: Session): Promise<number> {
  const { predict } = await import('../predict.js')
  const result = await interruptible((signal) => predict({ ...options, signal }))
  if (result === undefined) {
    terminal.err.write('interrupted\n')
    return exitCodes.interrupted
  }
  if (quiet) return exitCodes.done
  const counts = Object.entries(result.rows).map(([name, rows]) => `${formatCount(rows)} ${name}`)
  const where = options.out === undefined || options.out === '-' ? '' : ` → ${printable(options.out)}`
  terminal.err.write(`rows: ${counts.join(', ')}${where}\n`)
  if (result.rows.skipped > 0) terminal.err.write(`skipped: ${describeBadRows(result.badRows)}\n`)
  return exitCodes.done
}
