/** `millrace inspect` */

import type { Command } from 'commander'
import type { InspectOptions } from '../options.js'
import { inspectionLines } from '../report/inspection.js'
import { colorsOf, widthOf } from '../report/terminal.js'
import { addDialectOptions, typedOptions } from './option-groups.js'
import type { Session } from './session.js'

type InspectFlags = InspectOptions & { json?: boolean }

/** Adds the command. */
export function defineInspect(program: Command, { terminal }: Session): void {
  const command = program
    .command('inspect')
    .description('Show what a model file holds, or what the columns of a CSV file are taken for.')
    .argument('<file>', 'a model file, a CSV file, or - for a CSV on standard input')
    .helpOption('-h, --help', 'print this help')
    .action(async (file: string) => {
      const { json, ...options } = typedOptions(command) as InspectFlags
      const { inspect } = await import('../inspect.js')
      const found = await inspect(file, options)
      const { out, env } = terminal
      const text =
        json === true
          ? JSON.stringify(found, null, 2)
          : inspectionLines(found, widthOf(out), colorsOf(out, env)).join('\n')
      out.write(`${text}\n`)
    })
    .optionsGroup('Output:')
    .option('--json', 'print one JSON object')
  addDialectOptions(command, { delimiter: 'by the sample', quote: '"', decimal: 'point' })
}
