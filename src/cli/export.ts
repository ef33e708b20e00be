/** `millrace export` */

import { extname } from 'node:path'
import type { Command } from 'commander'
import { printable, usageError } from '../errors.js'
import { formatBytes } from '../report/format.js'
import { typedOptions } from './option-groups.js'
import type { Session } from './session.js'

interface ExportFlags {
  format?: string
  out?: string
  table?: string
}

/** Adds the command. */
export function defineExport(program: Command, { terminal }: Session): void {
  const command = program
    .command('export')
    .description('Write a model in a form that other programs use: ONNX, JavaScript, JSON or SQL.')
    .argument('<model>', 'the model file')
    .helpOption('-h, --help', 'print this help')
    .action(async (file: string) => {
      const { format: given, out, table } = typedOptions(command) as ExportFlags
      const { checkedFormat, exportFormatNames, exportModel } = await import('../export/index.js')
      const ending = extname(out ?? '').slice(1)
      const format = given ?? exportFormatNames.find((name) => name === ending)
      if (format === undefined) {
        const hint = `choose from ${exportFormatNames.join(', ')}, or end the name of the file with it: -o model.onnx`
        throw usageError('OPTION_MISSING', 'format: it must be given', hint, { option: 'format' })
      }
      const options = { format: format as (typeof exportFormatNames)[number], table }
      const toStandardOutput = out === undefined || out === '-'
      if (checkedFormat(options).binary && toStandardOutput && terminal.out.isTTY === true) {
        const message = `format: ${format} is bytes, which a terminal cannot show`
        throw usageError('OPTION_CONFLICT', message, `write a file: -o model.${format}`, { option: 'format' })
      }
      const { loadTrainedModel } = await import('../artifact/index.js')
      const exported = exportModel(await loadTrainedModel(file), options)
      if (toStandardOutput) {
        terminal.out.write(exported)
        return
      }
      const { writeExport } = await import('../export/write-export.js')
      await writeExport(out, exported)
      terminal.err.write(`${printable(out)}: ${formatBytes(Buffer.byteLength(exported))}\n`)
    })
    .option(
      '-f, --format <name>',
      'onnx, js, json, or sql (linear models only); default: the ending of --out',
    )
    .option('-o, --out <file>', 'where it is written; - for standard output (default: standard output)')
    .option('--table <name>', 'of sql: the table that the rows are in (default: input)')
}
