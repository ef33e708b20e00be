/** `millrace inspect` */

import type { Command } from 'commander'
import { shown, usageError } from '../errors.js'
import type { Inspection } from '../inspect.js'
import type { InspectOptions } from '../options.js'
import { inspectionLines } from '../report/inspection.js'
import { colorsOf, widthOf } from '../report/terminal.js'
import { addDialectOptions, numberOrText, typedOptions } from './option-groups.js'
import { checkPicture } from './plot.js'
import type { Session } from './session.js'

type InspectFlags = InspectOptions & { json?: boolean; plot?: string; top?: unknown }

/** Pixels. */
const PLOT_WIDTH = 880

function checkTop(top: unknown): void {
  if (Number.isSafeInteger(top) && (top as number) > 0) return
  const message = `top: expected a whole number of at least 1, got ${shown(top)}`
  throw usageError('OPTION_VALUE', message, 'leave it out for 5; --json has all', { option: 'top' })
}

/** Adds the command. */
export function defineInspect(program: Command, { terminal }: Session): void {
  const command = program
    .command('inspect')
    .description('Show what a model file holds, or what the columns of a CSV file are taken for.')
    .argument('<file>', 'a model file, a CSV file, or - for a CSV on standard input')
    .helpOption('-h, --help', 'print this help')
    .action(async (file: string) => {
      const { json, plot, top, ...options } = typedOptions(command) as InspectFlags
      if (top !== undefined) checkTop(top)
      if (plot !== undefined) checkPicture(plot, [file], 'plot')
      const { inspect } = await import('../inspect.js')
      const found = await inspect(file, options)
      if (plot !== undefined) await writePlot(plot, found)
      // The picture is all that standard output is for.
      if (plot === '-') return
      const { out, env } = terminal
      const text =
        json === true
          ? JSON.stringify(found, null, 2)
          : inspectionLines(found, widthOf(out), colorsOf(out, env), top as number | undefined).join('\n')
      out.write(`${text}\n`)
    })
    .optionsGroup('Output:')
    .option('--json', 'print one JSON object')
    .option('--top <n>', 'values of a column that are shown (default: 5)', numberOrText)
    .option('--plot <file>', 'draw what a model has learned there, as SVG; - for standard output')
  addDialectOptions(command, { delimiter: 'by the sample', quote: '"', decimal: 'point' })

  async function writePlot(path: string, found: Inspection): Promise<void> {
    if (found.kind !== 'model') {
      const message = 'plot: expected a model file, got a CSV file: there is nothing learned to draw'
      throw usageError('OPTION_VALUE', message, 'give the file that train has written with --out', {
        option: 'plot',
      })
    }
    const { weightChart } = await import('../report/plot/weight-chart.js')
    const { writePicture } = await import('../report/plot/write-picture.js')
    const picture = weightChart(found, PLOT_WIDTH)
    if (path === '-') terminal.out.write(picture)
    else await writePicture(path, picture)
  }
}
