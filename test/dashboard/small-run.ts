/** A run that takes some seconds of small steps, on data whose names would be dangerous if they were more than text. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TrainEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { RunControl } from '../../src/run/run-control.js'
import { train } from '../../src/train.js'

export const hostileColumn = '<img src=x onerror="window.hacked=1">'
export const hostileCategory = '<script>window.hacked=2</script>'
const ROWS = 20_000

/** Rows of which one is bad: its number says so. */
export function writeRows(folder: string): string {
  const file = path.join(folder, 'rows.csv')
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
  const rows = [`x,${quoted(hostileColumn)},${quoted('kind')},late`]
  for (let i = 0; i < ROWS; i++) {
    const x = ((i * 7919) % 1000) / 500 - 1
    const kind = i % 3 === 0 ? quoted(hostileCategory) : 'plain'
    // Almost all of the sign of x: what a linear model finds at once.
    const late = x + (((i * 104_729) % 997) / 997 - 0.5) > 0 ? 1 : 0
    rows.push(`${x},${i === 15_000 ? quoted('<b>no number</b>') : i % 17},${kind},${late}`)
  }
  writeFileSync(file, `${rows.join('\n')}\n`)
  return file
}

export function optionsOf(folder: string, out: string): TrainOptions {
  return {
    input: path.join(folder, 'rows.csv'),
    target: 'late',
    onBadRow: 'skip',
    validation: 0.1,
    batchSize: 16,
    epochs: 150,
    workers: 2,
    out: path.join(folder, out),
  }
}

export interface StartedRun {
  readonly control: RunControl
  /** The address of the page. */
  readonly address: string
  /** Ends with `done`, or with why it ended otherwise. */
  readonly end: Promise<'done' | Error>
}

/** Starts a run that stands still before its first step, and waits for the address of its dashboard. */
export async function startPaused(options: TrainOptions): Promise<StartedRun> {
  const control = new RunControl()
  control.pause()
  return new Promise((resolve, reject) => {
    const end = new Promise<'done' | Error>((ended) => {
      train({ ...options, dashboard: true, control }).subscribe({
        next(event: TrainEvent) {
          if (event.type === 'start') resolve({ control, address: event.dashboard!, end })
        },
        error: (error: Error) => {
          reject(error)
          ended(error)
        },
        complete: () => ended('done'),
      })
    })
  })
}
