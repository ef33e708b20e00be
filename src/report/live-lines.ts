/** The lines of the live block: how far the run is, how fast, and what it has learned so far. */

import type { BadRowEvent, BottleneckLimit } from '../events.js'
import {
  formatBytes,
  formatCount,
  formatMetric,
  formatQuantity,
  formatSeconds,
  formatShare,
  formatShort,
} from './format.js'
import type { RunView } from './run-view.js'
import { sparkline } from './sparkline.js'
import { displayWidth, pad, type Colors, type Marks, type Size } from './terminal.js'

export interface Style {
  readonly colors: Colors
  readonly marks: Marks
}

/** Longer lines are no easier to read. */
const WIDEST = 96
/** In narrower terminals lines have no label in front. */
const NARROWEST_WITH_LABELS = 36
const LABEL_CELLS = 8
const GAP = '  '
const FEWEST_BAR_CELLS = 4
/** `12:02:09 left` */
const REMAINING_CELLS = 13
/** More workers are shown by their mean alone. */
const MOST_WORKERS = 32

const limits: Readonly<Record<BottleneckLimit, string>> = {
  source: 'the source limits the run',
  read: 'reading limits the run',
  parse: 'parsing limits the run',
  gradient: 'gradients limit the run',
  average: 'averaging limits the run',
  update: 'updates limit the run',
  step: 'the main thread limits the run',
  validation: 'scoring held-out rows limits the run',
  control: '',
}

/** A line: what it is about, and what it says, the most important first. Undefined: nothing yet. */
type Line = { label: string; parts: readonly string[] } | undefined

/** At most `rows` lines of at most `columns` cells; what matters least is left out first. */
export function liveLines(view: RunView, { columns, rows }: Size, style: Style): string[] {
  const width = Math.min(columns, WIDEST)
  const hasLabels = width >= NARROWEST_WITH_LABELS
  const epoch = epochLabel(view)
  const labelCells = Math.max(LABEL_CELLS, epoch.length)
  const room = hasLabels ? width - labelCells - GAP.length : width
  const line = (found: NonNullable<Line>): string => {
    if (!hasLabels) return joined(found.parts, width)
    return style.colors.dim(pad(found.label, labelCells)) + GAP + joined(found.parts, room)
  }
  const first = { label: epoch, parts: [progressPart(view, room, style)] }
  const others = [
    { importance: 3, line: speedLine(view, hasLabels) },
    { importance: 5, line: lossLine(view, room, hasLabels, style) },
    { importance: 4, line: heldOutLine(view, hasLabels, style) },
    { importance: 1, line: workersLine(view, style) },
    { importance: 2, line: badRowsLine(view, hasLabels, style) },
  ].filter((other) => other.line !== undefined)
  const importances = others.map(({ importance }) => importance).sort((a, b) => b - a)
  const least = importances[Math.max(0, rows - 1) - 1] ?? (rows > 1 ? 0 : Infinity)
  const shown = others.filter(({ importance }) => importance >= least)
  return [first, ...shown.map((other) => other.line!)].slice(0, rows).map(line)
}

/** The parts that have room, with space between them; a later one may fit where an earlier one did not. */
export function joined(parts: readonly string[], room: number): string {
  let line = ''
  for (const part of parts) {
    const longer = line === '' ? part : line + GAP + part
    if (part !== '' && displayWidth(longer) <= room) line = longer
  }
  return line
}

function epochLabel({ epochs, step }: RunView): string {
  const epoch = step?.epoch ?? 1
  if (epochs === undefined) return `epoch ${epoch}`
  return `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`
}

/** `━━━━━━━─────  47 %  0:07 left`, or what has been read of a source whose size is not known. */
function progressPart(view: RunView, room: number, { colors, marks }: Style): string {
  const state = view.paused ? colors.yellow('paused') : ''
  if (view.ofBytes === undefined) {
    return joined([formatBytes(view.step?.bytes ?? 0), state || elapsed(view)], room)
  }
  const percent = formatShare(view.share).padStart(5)
  const withTime = room >= FEWEST_BAR_CELLS + percent.length + REMAINING_CELLS + 2 * GAP.length
  const cells = room - percent.length - GAP.length - (withTime ? REMAINING_CELLS + GAP.length : 0)
  const full = Math.round(view.share * cells)
  const bar = colors.cyan(marks.full.repeat(full)) + colors.dim(marks.empty.repeat(Math.max(0, cells - full)))
  const time = state || remaining(view)
  return joined([cells >= FEWEST_BAR_CELLS ? bar : '', percent, withTime ? time : ''], room)
}

function elapsed({ step }: RunView): string {
  return step === undefined ? '' : formatSeconds(step.seconds)
}

/** Time to the end of the last epoch, where the number of epochs is known, else to the end of this one; '' without a size. */
export function remaining({ step, share, ofBytes, speed, epochs }: RunView): string {
  if (step === undefined || ofBytes === undefined || !(speed.bytesPerSecond > 0)) return ''
  const later = epochs === undefined ? 0 : Math.max(0, epochs - step.epoch)
  return `${formatSeconds(((1 - share + later) * ofBytes) / speed.bytesPerSecond)} left`
}

/** `1.41 M  1.40 M/s  46.1 MB/s`, of one width as the numbers change. */
function speedLine({ step, speed }: RunView, hasLabel: boolean): Line {
  if (step === undefined) return undefined
  const perSecond = formatShort(speed.rowsPerSecond)
  const bytes = `${formatBytes(speed.bytesPerSecond)}/s`
  const rows = formatShort(step.rows)
  const parts = hasLabel
    ? [rows.padEnd(6), `${perSecond}/s`.padEnd(8), bytes]
    : [`${perSecond} rows/s`, bytes]
  return { label: 'rows', parts: speed.rowsPerSecond > 0 ? parts : [hasLabel ? rows : `${rows} rows`] }
}

/** `0.4801  rate 0.0500  ▇▅▃▂▁▁` */
function lossLine(view: RunView, room: number, hasLabel: boolean, { colors, marks }: Style): Line {
  const { loss } = view
  if (loss === undefined) return undefined
  const value = colors.bold(formatMetric(loss)) + ' '.repeat(Math.max(0, 6 - formatMetric(loss).length))
  const rate = view.step === undefined ? '' : `rate ${formatQuantity(view.step.learningRate)}`
  const withRate = hasLabel && room >= 44
  const before = joined([hasLabel ? value : `loss ${value}`, withRate ? rate : ''], room)
  const cells = room - displayWidth(before) - GAP.length
  const course = cells < 3 ? '' : sparkline(view.losses.means(cells), marks.levels)
  return { label: 'loss', parts: [before, colors.cyan(course)] }
}

function heldOutLine({ validation, step }: RunView, hasLabel: boolean, { colors }: Style): Line {
  if (validation === undefined) return undefined
  const { epoch, metrics } = validation
  // The loss under the name that the field knows it by takes room from another.
  const others = Object.entries(metrics).filter(([name, value]) => name === 'loss' || value !== metrics.loss)
  const found = others.map(([name, value]) => `${name} ${formatMetric(value)}`)
  const isOld = step !== undefined && step.epoch !== epoch
  const parts = hasLabel ? found : [`held out ${formatMetric(metrics.loss)}`]
  return { label: 'held out', parts: [...parts, isOld ? colors.dim(`after epoch ${epoch}`) : ''] }
}

/** `▇▇ 91 % busy  parsing limits the run` */
function workersLine({ bottleneck }: RunView, { marks }: Style): Line {
  if (bottleneck === undefined || bottleneck.workers.length === 0) return undefined
  const { workers, limit } = bottleneck
  const highest = marks.levels.length - 1
  const level = (share: number): string =>
    marks.levels[Math.round(Math.min(1, Math.max(0, share)) * highest)]!
  const each = workers.length > 1 && workers.length <= MOST_WORKERS ? `${workers.map(level).join('')} ` : ''
  const mean = workers.reduce((sum, share) => sum + share, 0) / workers.length
  return { label: 'workers', parts: [`${each}${formatShare(mean)} busy`, limits[limit]] }
}

/** `12 skipped  last: not a number in line 31` */
function badRowsLine({ skipped, badRow }: RunView, hasLabel: boolean, { colors }: Style): Line {
  if (skipped === 0) return undefined
  const count = `${formatCount(skipped)} ${hasLabel ? 'skipped' : 'bad rows'}`
  return {
    label: 'bad rows',
    parts: [colors.yellow(count), badRow === undefined ? '' : describeLast(badRow)],
  }
}

function describeLast({ reason, line }: BadRowEvent): string {
  const place = line === undefined ? '' : ` in line ${formatCount(line)}`
  return `last: ${reason.toLowerCase().replaceAll('_', ' ')}${place}`
}
