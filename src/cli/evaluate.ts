/** `millrace evaluate` */

import type { Command } from 'commander'
import { describeBadRows } from '../bad-row-codes.js'
import type { EvaluateOptions } from '../options.js'
import { formatCount, formatMetric } from '../report/format.js'
import { addModelInputOptions, numberOrText, thresholdHelp, typedOptions } from './option-groups.js'
import { exitCodes, interruptible, type Session } from './session.js'

type EvaluateFlags = Omit<EvaluateOptions, 'model' | 'input'> & { json?: boolean }

/** Adds the command. */
export function defineEvaluate(program: Command, session: Session): void {
  const command = program
    .command('evaluate')
    .description('Score a model on CSV files that have the target column.')
    .argument('<model>', 'the model file')
    .argument('<input...>', 'paths, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .action(async (model: string, input: string[]) => {
      const { json, ...options } = typedOptions(command) as unknown as EvaluateFlags
      session.exitCode = await runEvaluate({ ...options, model, input }, json === true, session)
    })
    .optionsGroup('Output:')
    .option('--json', 'print one JSON object on standard output')
    .option('--threshold <p>', thresholdHelp, numberOrText)
  addModelInputOptions(command)
}

async function runEvaluate(options: EvaluateOptions, json: boolean, { terminal }: Session): Promise<number> {
  const { evaluate } = await import('../evaluate.js')
  const result = await interruptible((signal) => evaluate({ ...options, signal }))
  if (result === undefined) {
    terminal.err.write('interrupted\n')
    return exitCodes.interrupted
  }
  const { rows, badRows, metrics } = result
  if (json) {
    terminal.out.write(`${JSON.stringify({ rows, badRows, metrics })}\n`)
    return exitCodes.done
  }
  const counts = Object.entries(rows).map(([name, count]) => `${formatCount(count)} ${name}`)
  terminal.err.write(`rows: ${counts.join(', ')}\n`)
  if (rows.skipped > 0) terminal.err.write(`skipped: ${describeBadRows(badRows)}\n`)
  for (const [name, value] of Object.entries(metrics)) {
    terminal.out.write(`${name.padEnd(10)}${formatMetric(value)}\n`)
  }
  return exitCodes.done
}
