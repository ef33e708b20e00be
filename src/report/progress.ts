/** A run as it goes: one line that is written over on a terminal, a plain line now and then elsewhere. */

import { printable } from '../errors.js'
import type { EpochEvent, ProgressEvent, StartEvent, TrainEvent } from '../events.js'
import { formatBytes, formatCount, formatMetric, formatSeconds, formatShare, formatShort } from './format.js'
import { schemaLines } from './schema.js'
import { SpeedMeter, type Speed } from './speed.js'
import { describeMetrics, describeRows, summaryLines } from './summary.js'
import { colorsOf, displayWidth, isLive, widthOf, type Colors, type Terminal } from './terminal.js'

/** Seconds between two drawings of the live line, and between two plain lines. */
const LIVE_INTERVAL = 0.1
const PLAIN_INTERVAL = 5
/** Seconds between two lines that tell the end of an epoch, at least. */
const EPOCH_INTERVAL = 1

const BAR_CELLS = 24
/** Weights of more classes than this are not shown. */
const MOST_CLASSES = 10
const CLEAR_LINE = '\r\u001b[K'

/** Shows a run on the error output of a terminal. */
export class ProgressReport {
  private readonly colors: Colors
  private readonly live: boolean
  private readonly meter = new SpeedMeter()
  private epochs: number | undefined
  private out: string | undefined
  private quarantine: string | undefined
  private drawnAt: number
  private epochToldAt = -Infinity
  private lineIsLive = false

  /** `now` gives seconds, on a clock that never goes back. */
  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.colors = colorsOf(terminal.err, terminal.env)
    this.live = isLive(terminal.err, terminal.env)
    // A plain line first comes after the interval, a live one at once.
    this.drawnAt = this.live ? -Infinity : now()
  }

  show(event: TrainEvent): void {
    switch (event.type) {
      case 'step':
        return
      case 'start':
        // With patience they are a limit that is hardly ever reached.
        this.epochs = event.options.patience === undefined ? event.options.epochs : undefined
        this.out = event.options.out
        this.quarantine = event.options.onBadRow === 'quarantine' ? event.options.quarantine : undefined
        this.print(startLines(event, widthOf(this.terminal.err), this.colors))
        return
      case 'progress':
        this.progress(event)
        return
      case 'epoch':
        this.epoch(event)
        return
      case 'checkpoint':
        this.print([
          this.colors.dim(`checkpoint of step ${formatCount(event.step)}: ${printable(event.path)}`),
        ])
        return
      case 'warning':
        this.print([`${this.colors.yellow('warning:')} ${printable(event.message)}`])
        return
      case 'worker':
        if (event.state === 'failed')
          this.print([`${this.colors.yellow('warning:')} ${printable(event.message ?? '')}`])
        return
      case 'validation':
      case 'weights':
      case 'bad-row':
      case 'bottleneck':
      case 'pause':
        return
      case 'done':
        this.print(summaryLines(event, this.out, this.quarantine, this.colors))
    }
  }

  /** Takes the live line away, so that what is written next starts on a clean line. */
  clear(): void {
    if (this.lineIsLive) this.terminal.err.write(CLEAR_LINE)
    this.lineIsLive = false
  }

  private progress(event: ProgressEvent): void {
    const speed = this.meter.add(event)
    const now = this.now()
    if (!(now - this.drawnAt >= (this.live ? LIVE_INTERVAL : PLAIN_INTERVAL))) return
    this.drawnAt = now
    // One cell is kept free: some terminals wrap a line that fills the last one.
    const width = widthOf(this.terminal.err) - 1
    const line = progressLine(event, speed, this.epochs, width, this.live ? this.colors : undefined)
    this.terminal.err.write(this.live ? CLEAR_LINE + line : `${line}\n`)
    this.lineIsLive = this.live
  }

  private epoch(event: EpochEvent): void {
    const now = this.now()
    // The summary, which follows at once, says the same of the only epoch; of very short ones a few are enough.
    if (this.epochs === 1 || !(now - this.epochToldAt >= EPOCH_INTERVAL)) return
    this.epochToldAt = now
    this.print([epochLine(event, this.epochs, widthOf(this.terminal.err))])
  }

  private print(lines: readonly string[]): void {
    this.clear()
    this.terminal.err.write(lines.map((line) => `${line}\n`).join(''))
  }
}

/** A source that is no file has no name. */
function inputNames(input: StartEvent['options']['input']): readonly string[] {
  return Array.isArray(input) && typeof input[0] === 'string' ? (input as readonly string[]) : ['rows']
}

function startLines(event: StartEvent, width: number, colors: Colors): string[] {
  const { options, bytes, workers, lanes, placement, parameters } = event
  const [first, ...others] = inputNames(options.input)
  const input = first === '-' ? 'standard input' : printable(first ?? '')
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  const source = `${input}${more}${bytes === undefined ? '' : `, ${formatBytes(bytes)}`}`
  const isStream = bytes === undefined
  const machine = [
    lanes > 1 ? `${lanes} lanes` : isStream && options.shuffle ? 'a shuffle buffer' : 'file order',
    `${workers} worker${workers === 1 ? '' : 's'}, gradients ${placement === 'pool' ? 'in the pool' : 'inline'}`,
    `${formatCount(parameters)} parameters`,
  ]
  return [
    colors.bold(source),
    machine.join(' · '),
    ...schemaLines(event.schema, width, colors),
    ...classWeightLines(event),
    ...resumedLines(event),
    ...(event.dashboard === undefined ? [] : [`dashboard: ${event.dashboard}`]),
  ]
}

/** `class weights: no 0.625, yes 2.5` */
function classWeightLines({ classWeights }: StartEvent): string[] {
  if (classWeights === undefined) return []
  const all = Object.entries(classWeights)
  const shown = all
    .slice(0, MOST_CLASSES)
    .map(([name, weight]) => `${printable(name)} ${formatMetric(weight)}`)
  return [`class weights: ${shown.join(', ')}${all.length > MOST_CLASSES ? ', …' : ''}`]
}

function resumedLines({ resumed }: StartEvent): string[] {
  if (resumed === undefined) return []
  const { path, step, epoch } = resumed
  return [`going on from ${printable(path)}: step ${formatCount(step)}, epoch ${epoch}`]
}

/** What has no room is left out; the summary has it all. */
function epochLine(event: EpochEvent, epochs: number | undefined, width: number): string {
  const { epoch, rows, loss, validation, bestEpoch } = event
  const heldOut = validation === undefined ? [] : `held out: ${describeMetrics(validation)}`.split('  ')
  let line = epochName(epoch, epochs)
  const best = bestEpoch === undefined ? [] : [bestEpoch === epoch ? '(best)' : `(best: epoch ${bestEpoch})`]
  for (const part of [`loss ${formatMetric(loss)}`, ...heldOut, ...best, `(${describeRows(rows)})`]) {
    if (displayWidth(line) + 2 + part.length <= width) line += `  ${part}`
  }
  return line
}

function epochName(epoch: number, epochs: number | undefined): string {
  return epochs === undefined ? `epoch ${epoch}` : `epoch ${epoch}/${epochs}`
}

/**
 * One line of at most `width` cells; what matters least is left out first. With colours there is a bar, without there
 * is none.
 */
export function progressLine(
  event: ProgressEvent,
  speed: Speed,
  epochs: number | undefined,
  width: number,
  colors: Colors | undefined,
): string {
  const { bytes, ofBytes, rows, loss } = event
  const share = ofBytes === undefined || !(ofBytes > 0) ? undefined : Math.min(1, bytes / ofBytes)
  const optional = [
    `loss ${formatMetric(loss)}`,
    share === undefined ? '' : remaining(event, ofBytes!, speed, epochs),
    speed.rowsPerSecond > 0 ? `${formatShort(speed.rowsPerSecond)} rows/s` : '',
    speed.bytesPerSecond > 0 ? `${formatBytes(speed.bytesPerSecond)}/s` : '',
    `${formatShort(rows)} rows`,
    share === undefined ? formatBytes(bytes) : '',
  ]
  let line = epochs === 1 ? '' : `${epochName(event.epoch, epochs)}  `
  if (share !== undefined) {
    const cells = colors === undefined ? 0 : Math.min(BAR_CELLS, Math.floor(width / 6))
    line += (colors === undefined ? '' : `${bar(share, cells, colors)} `) + formatShare(share).padStart(5)
  }
  for (const part of optional) {
    if (part !== '' && displayWidth(line) + 2 + part.length <= width) line += `  ${part}`
  }
  return line.trimStart()
}

function bar(share: number, cells: number, colors: Colors): string {
  const done = Math.round(share * cells)
  return colors.cyan('━'.repeat(done)) + colors.dim('─'.repeat(cells - done))
}

/** Time to the end of the last epoch, where the number of epochs is known, else to the end of this one. */
function remaining(event: ProgressEvent, ofBytes: number, speed: Speed, epochs: number | undefined): string {
  if (!(speed.bytesPerSecond > 0)) return ''
  const later = epochs === undefined ? 0 : Math.max(0, epochs - event.epoch)
  // A file that grows meanwhile ends up larger than it was.
  const bytes = Math.max(0, ofBytes - event.bytes) + later * ofBytes
  return `${formatSeconds(bytes / speed.bytesPerSecond)} left`
}
