/** How an error looks on the terminal, and the status that it ends the process with. */

import { describePlace, MillraceError, printable, printableLines } from '../errors.js'
import { colorsOf, type Terminal } from '../report/terminal.js'
import { exitCodes } from './session.js'

/** Shows an error; returns the exit code. */
export function showError(error: unknown, terminal: Terminal): number {
  const colors = colorsOf(terminal.err, terminal.env)
  const print = (line: string): unknown => terminal.err.write(`${line}\n`)
  const headline = (message: string): unknown => print(`${colors.red('error:')} ${printable(message)}`)
  if (error instanceof MillraceError) {
    headline(asOnCommandLine(error))
    const place = describePlace(error.place)
    if (place !== '') print(`  ${colors.dim('at')} ${printable(place)}`)
    if (error.hint !== '') print(`  ${colors.dim('hint:')} ${printable(error.hint)}`)
    return error.kind === 'usage' ? exitCodes.usage : exitCodes.failed
  }
  if (isSystemError(error)) {
    headline(error.message)
    print(
      `  ${colors.dim('hint:')} the operating system refused this; look at the path, its permissions and the space left`,
    )
    return exitCodes.failed
  }
  headline('this is a fault of millrace, please report it with the lines below')
  print(printableLines(error instanceof Error ? (error.stack ?? error.message) : String(error)))
  return exitCodes.failed
}

/** `batchSize` → `--batch-size` */
export function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** A message about an option begins with its library name; on the command line with the flag. */
function asOnCommandLine({ message, place }: MillraceError): string {
  const { option } = place
  if (option === undefined || !message.startsWith(`${option}:`)) return message
  const name = option === 'input' || option === 'model' ? option : flagOf(option)
  return name + message.slice(option.length)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error
}
