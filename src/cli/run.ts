/** The command line: reads it, runs the command, returns the exit code. */

import { Command, CommanderError } from 'commander'
import { printableLines } from '../errors.js'
import { widthOf, type Terminal } from '../report/terminal.js'
import { defineCompletion } from './completion.js'
import { defineDashboard } from './dashboard.js'
import { defineEvaluate } from './evaluate.js'
import { defineExport } from './export.js'
import { defineInspect } from './inspect.js'
import { definePlot } from './plot.js'
import { definePredict } from './predict.js'
import { exitCodes, type Session } from './session.js'
import { showError } from './show-error.js'
import { defineTrain } from './train.js'
import { version } from '../version.js'

const examples = `
Examples:
  millrace train flights.csv --target late --validation 0.1 -o flights.safetensors
  millrace predict flights.safetensors new.csv -o predictions.csv
  millrace evaluate flights.safetensors july.csv
  millrace inspect flights.csv
  millrace export flights.safetensors --format onnx -o flights.onnx
  millrace plot run.ndjson -o loss.svg

millrace train --help lists all options of a command.
`

/** To begin with: what is typed first, and where to read on. */
const firstWords = `millrace trains models on CSV files larger than memory, on every core.

  millrace train flights.csv --target late --validation 0.1   train, and write model.safetensors
  millrace predict model.safetensors new.csv -o late.csv      predict rows with it
  millrace evaluate model.safetensors july.csv                score it on rows that it has not seen

millrace --help lists all commands, millrace train --help the options of one.
`

/** Runs `millrace` with the arguments after the program's name. Never throws; returns the exit code. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const session: Session = { terminal, exitCode: exitCodes.done }
  const program = createProgram(session)
  if (args.length === 0) {
    terminal.out.write(firstWords)
    return exitCodes.done
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return session.exitCode
  } catch (error) {
    // Commander has said what is wrong; help and version end here too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    return showError(error, terminal)
  }
}

function createProgram(session: Session): Command {
  const { out, err } = session.terminal
  const program = new Command('millrace')
    .description('Train models on CSV files larger than memory, on every core.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      // It quotes arguments as they are, and `*` may have named a file.
      outputError: (text, write) => {
        write(printableLines(text))
      },
      getOutHelpWidth: () => widthOf(out),
      getErrHelpWidth: () => widthOf(err),
    })
  defineTrain(program, session)
  definePredict(program, session)
  defineEvaluate(program, session)
  defineInspect(program, session)
  defineExport(program, session)
  definePlot(program, session)
  defineDashboard(program, session)
  defineCompletion(program, session)
  for (const command of program.commands) {
    command.showHelpAfterError(`(millrace ${command.name()} --help lists the options)`)
  }
  return program
}
