/** A run as it goes: a live block on a terminal, a plain line now and then elsewhere. */

import { printable } from '../errors.js'
import type { BadRowEvent, DoneEvent, EpochEvent, TrainEvent, WorkerEvent } from '../events.js'
import { badRowLine, checkpointLine, epochLine, pauseLine, progressLine } from './event-lines.js'
import { LiveBlock } from './live-block.js'
import { liveLines, type Style } from './live-lines.js'
import { RunView } from './run-view.js'
import { sparkline } from './sparkline.js'
import { startLines } from './start-lines.js'
import { summaryLines } from './summary.js'
import { colorsOf, isLive, marksOf, widthOf, type Terminal } from './terminal.js'

/** Milliseconds between two frames of the live block. */
const FRAME_INTERVAL = 100
/** Seconds between two plain lines, and between two lines that tell the end of an epoch, at least. */
const PLAIN_INTERVAL = 5
const EPOCH_INTERVAL = 1
/** Bad rows, and failures of workers, that are told one by one. */
const TOLD_ONE_BY_ONE = 3
/** Of the loss, in the summary. */
const COURSE_CELLS = 24

/** Shows a run on the error output of a terminal. */
export class ProgressReport {
  private readonly view = new RunView()
  private readonly style: Style
  /** Undefined where nothing can be drawn over. */
  private readonly block: LiveBlock | undefined
  private badRowsTold = 0
  private workersTold = 0
  private plainAt: number
  private epochToldAt = -Infinity
  private stopFrames: (() => void) | undefined

  /** `now` gives seconds, on a clock that never goes back. */
  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    const { err, env } = terminal
    const style = { colors: colorsOf(err, env), marks: marksOf(env) }
    this.style = style
    if (isLive(err, env)) this.block = new LiveBlock(err, (size) => liveLines(this.view, size, style))
    this.plainAt = now()
  }

  /** Cheap but for what is printed: the block is drawn by a clock of its own, from what the last events told. */
  show(event: TrainEvent): void {
    this.view.add(event)
    switch (event.type) {
      case 'step':
        return
      case 'start':
        this.print(startLines(event, widthOf(this.terminal.err), this.style.colors))
        this.startFrames()
        return
      case 'progress':
        if (this.block === undefined) this.plain()
        return
      case 'epoch':
        this.epoch(event)
        return
      case 'checkpoint':
        this.print([this.style.colors.dim(checkpointLine(event))])
        return
      case 'bad-row':
        this.badRow(event)
        return
      case 'worker':
        if (event.state === 'failed') this.workerFailed(event)
        return
      case 'pause':
        this.print([pauseLine(event)])
        return
      case 'warning':
        this.warn(event.message)
        return
      case 'done':
        this.close()
        this.print(['', ...this.summary(event)])
        return
      default:
    }
  }

  /** Takes the live block away, so that what is written next starts on a clean line; no frame comes after it. */
  close(): void {
    this.stopFrames?.()
    this.stopFrames = undefined
    this.block?.clear()
  }

  private startFrames(): void {
    const { block, terminal } = this
    if (block === undefined || this.stopFrames !== undefined) return
    const draw = (): void => {
      this.view.look()
      block.draw()
    }
    const frames = setInterval(draw, FRAME_INTERVAL).unref()
    terminal.err.on?.('resize', draw)
    const release = terminal.onPutAside?.(() => block.clear())
    this.stopFrames = () => {
      clearInterval(frames)
      terminal.err.off?.('resize', draw)
      release?.()
    }
  }

  private plain(): void {
    const now = this.now()
    if (!(now - this.plainAt >= PLAIN_INTERVAL)) return
    this.plainAt = now
    this.view.look()
    this.print([progressLine(this.view, widthOf(this.terminal.err))])
  }

  private epoch(event: EpochEvent): void {
    const now = this.now()
    // The summary, which follows at once, says the same of the only epoch; of very short ones a few are enough.
    if (this.view.epochs === 1 || !(now - this.epochToldAt >= EPOCH_INTERVAL)) return
    this.epochToldAt = now
    this.print([epochLine(event, this.view.epochs, widthOf(this.terminal.err))])
  }

  private workerFailed({ message = '' }: WorkerEvent): void {
    const told = ++this.workersTold
    if (told > TOLD_ONE_BY_ONE) return
    this.warn(told === TOLD_ONE_BY_ONE ? `${message}; if there are more, they are not told` : message)
  }

  private badRow(event: BadRowEvent): void {
    const told = ++this.badRowsTold
    if (told > TOLD_ONE_BY_ONE) return
    const last = told === TOLD_ONE_BY_ONE ? '; if there are more, they are counted' : ''
    this.print([`${this.style.colors.yellow('bad row:')} ${badRowLine(event)}${last}`])
  }

  private summary(done: DoneEvent): string[] {
    const { start, bottleneck, losses, weights } = this.view
    const { colors, marks } = this.style
    const options = start?.options
    const course = sparkline(losses.means(COURSE_CELLS), marks.levels)
    return summaryLines(
      done,
      {
        out: options?.out,
        quarantine: options?.onBadRow === 'quarantine' ? options.quarantine : undefined,
        course: this.block === undefined ? '' : colors.cyan(course),
        advice: bottleneck?.advice,
        weights,
      },
      widthOf(this.terminal.err),
      colors,
    )
  }

  private warn(message: string): void {
    this.print([`${this.style.colors.yellow('warning:')} ${printable(message)}`])
  }

  private print(lines: readonly string[]): void {
    if (this.block !== undefined) this.block.print(lines)
    else this.terminal.err.write(lines.map((line) => `${line}\n`).join(''))
  }
}
