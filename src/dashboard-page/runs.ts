/** What the page knows of the runs: the past that it is sent first, and the news drawn into it. */
import {
  draw,
  type LastStep,
  type NewsMessage,
  type PageMessage,
  type PastRun,
  type Picture,
} from '../report/dashboard/picture.js'
import type { RateColumns } from '../report/dashboard/rate-history.js'
import { stepColumns, type StepColumns } from '../report/dashboard/step-history.js'

export interface Run {
  name: string
  picture: Picture
  steps: StepColumns
  rates: RateColumns
  last: LastStep | undefined
  /** Grows with every change of the curves. */
  version: number
}

export class Runs {
  all: Run[] = []
  buttons: { checkpoint: boolean } | undefined

  take(message: PageMessage): void {
    if (message.type === 'news') {
      this.#news(message)
      return
    }
    this.buttons = message.buttons
    this.all = message.runs.map((run, i) => withPast(run, (this.all[i]?.version ?? 0) + 1))
  }

  #news({ run: i, steps, rates, last, records }: NewsMessage): void {
    const run = this.all[i]
    if (run === undefined) return
    for (const { record, at } of records) draw(run.picture, record, at)
    if (steps !== undefined) replaceFrom(run.steps, steps, stepColumns)
    if (rates !== undefined) replaceFrom(run.rates, rates, ['seconds', 'rows', 'bytes'])
    if (last !== undefined) run.last = last
    run.version++
  }
}

function withPast(run: PastRun, version: number): Run {
  return { ...run, last: run.last, version }
}

function replaceFrom<Name extends string>(
  columns: Record<Name, number[]>,
  news: { from: number } & Record<Name, number[]>,
  names: readonly Name[],
): void {
  for (const name of names) {
    const column = columns[name]
    column.length = news.from
    for (const value of news[name]) column.push(value)
  }
}
