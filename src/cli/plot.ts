/** `millrace plot` */

import { realpathSync } from 'node:fs'
import type { Command } from 'commander'
import { printable, usageError } from '../errors.js'
import { formatCount } from '../report/format.js'
import { numberOrText, typedOptions } from './option-groups.js'
import type { Session } from './session.js'

const DEFAULT_PICTURE = 'loss.svg'
const DEFAULT_SIZE = { width: 880, height: 480 }
/** Pixels: less has no room for the axes; more is no picture. */
const SIZES = { least: 240, most: 10_000 }

interface PlotFlags {
  out?: string
  log?: boolean
  width?: number
  height?: number
}

/** Adds the command. */
export function definePlot(program: Command, { terminal }: Session): void {
  const command = program
    .command('plot')
    .description('Draw the losses of runs from their event files, as SVG.')
    .argument('<events...>', 'files that train --events has written, also of runs that still go')
    .helpOption('-h, --help', 'print this help')
    .action(async (files: string[]) => {
      const { out = DEFAULT_PICTURE, log = false, ...size } = typedOptions(command) as PlotFlags
      const { width, height } = { ...DEFAULT_SIZE, ...size }
      checkSize('width', width)
      checkSize('height', height)
      checkPicture(out, files)
      const { readRunCurves } = await import('../report/plot/run-curves.js')
      const { lossChart } = await import('../report/plot/loss-chart.js')
      const runs = []
      for (const file of files) runs.push(await readRunCurves(file))
      const picture = lossChart(runs, { width, height, log })
      if (out === '-') {
        terminal.out.write(picture)
        return
      }
      const { writePicture } = await import('../report/plot/write-picture.js')
      await writePicture(out, picture)
      const steps = runs.reduce((sum, { train }) => sum + train.points.at(-1)!.to, 0)
      terminal.err.write(
        `${printable(out)}: ${formatCount(steps)} steps of ${runs.length} run${runs.length === 1 ? '' : 's'}\n`,
      )
    })
    .option(
      '-o, --out <file>',
      `where the picture is written; - for standard output (default: ${DEFAULT_PICTURE})`,
    )
    .option('--log', 'an axis of losses by powers of ten')
    .option('--width <pixels>', `(default: ${DEFAULT_SIZE.width})`, numberOrText)
    .option('--height <pixels>', `(default: ${DEFAULT_SIZE.height})`, numberOrText)
}

function checkSize(option: 'width' | 'height', pixels: unknown): void {
  const { least, most } = SIZES
  if (typeof pixels === 'number' && pixels >= least && pixels <= most) return
  throw usageError(
    'OPTION_VALUE',
    `${option}: expected ${least} … ${formatCount(most)} pixels, got ${printable(String(pixels))}`,
    'leave it out for its default',
    { option },
  )
}

/** Refuses another format by its name, and a picture in the place of what it is drawn from. */
export function checkPicture(out: string, inputs: readonly string[], option = 'out'): void {
  const format = /\.(png|jpe?g|gif|webp|pdf)$/i.exec(out)
  if (format !== null) {
    const message = `${option}: pictures are SVG, got a name that ends in ${format[0]}`
    throw usageError('OPTION_VALUE', message, 'give it a name that ends in .svg', { option })
  }
  if (out !== '-' && inputs.some((input) => samePath(input, out))) {
    const message = `${option}: the picture would take the place of what it is drawn from`
    throw usageError('OPTION_VALUE', message, 'give it another name', { option })
  }
}

function samePath(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b)
  } catch {
    // One of them is not there.
    return false
  }
}
