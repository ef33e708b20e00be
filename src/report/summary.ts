/** The last lines of a run, and its one JSON object. */

import { describeBadRows } from '../bad-row-codes.js'
import { printable } from '../errors.js'
import type { DoneEvent, RowCounts, TimeShares, ValidationRows } from '../events.js'
import type { Metrics } from '../metric/index.js'
import { formatCount, formatMetric, formatSeconds, formatShare, formatShort, shellWord } from './format.js'
import type { HeavyWeight } from '../inspect/heaviest-weights.js'
import { learnedLines } from './learned.js'
import { pad, wrapped, type Colors } from './terminal.js'

const LABEL_CELLS = 8

/** What the summary says besides the last event. */
export interface SummaryFacts {
  readonly out: string | undefined
  readonly quarantine: string | undefined
  /** A sparkline of the loss, or ''. */
  readonly course: string
  /** What would make the run faster, in one sentence. */
  readonly advice: string | undefined
  /** The heaviest of a linear model, the heaviest first. */
  readonly weights: readonly HeavyWeight[]
}

/**
 * Lines that close a run, none of them cut; sentences are wrapped after `width` cells: rows, steps, losses, where the time went, what was
 * learned, where the model is and how to predict.
 */
export function summaryLines(
  done: DoneEvent,
  { out, quarantine, course, advice, weights }: SummaryFacts,
  width: number,
  colors: Colors,
): string[] {
  const facts: [name: string, text: string][] = [
    ['rows', describeRows(done.rows)],
    [
      'steps',
      `${formatCount(done.steps)} in ${count(done.epochs, 'epoch')}, ${formatSeconds(done.seconds)}, ` +
        `${formatShort(done.rowsPerSecond)} rows/s`,
    ],
    ['train', describeProgressive(done) + (course === '' ? '' : `  ${course}`)],
  ]
  if (done.rows.skipped > 0) facts.splice(1, 0, ['skipped', describeSkipped(done, quarantine)])
  if (done.validationRows !== undefined) facts.push(['validate', describeValidationRows(done.validationRows)])
  if (done.bestEpoch !== undefined) facts.push(['best', `epoch ${done.bestEpoch}, which the model is of`])
  if (done.validation !== undefined) facts.push(['held out', describeMetrics(done.validation)])
  const times = describeTimes(done.times)
  if (times !== '') facts.push(['time', times])
  if (advice !== undefined) facts.push(['advice', printable(advice)])
  const told = facts.map(([name, text]) => labelled(name, wrapped(text, width - LABEL_CELLS - 2), colors))
  const learned = labelled('learned', learnedLines(done.model, weights, colors), colors)
  if (out === undefined) return [...told.flat(), ...learned]
  const command = colors.bold(printable(predictCommand(out)))
  // Paths and commands are copied: a line break of ours would be copied too.
  return [
    ...told.flat(),
    ...learned,
    ...labelled('model', [printable(out)], colors),
    ...labelled('predict', [command], colors),
  ]
}

function labelled(name: string, lines: readonly string[], colors: Colors): string[] {
  return lines.map((line, i) => `${colors.dim(pad(i === 0 ? name : '', LABEL_CELLS))}  ${line}`)
}

/** `3,000,000 read = 2,700,211 trained + 299,789 held out + 0 skipped` */
export function describeRows({ read, trained, validation, skipped }: RowCounts): string {
  const parts = [`${formatCount(trained)} trained`]
  if (validation > 0) parts.push(`${formatCount(validation)} held out`)
  parts.push(`${formatCount(skipped)} skipped`)
  return `${formatCount(read)} read = ${parts.join(' + ')}`
}

/** `progressive loss 0.4801`: each row is scored before it is learned from; in the first of several epochs every row is new. */
function describeProgressive({ epochs, train, progressive }: DoneEvent): string {
  const first = epochs === 1 ? '' : `, ${formatMetric(progressive.loss)} in the first epoch`
  return `progressive loss ${formatMetric(train.loss)}${first}`
}

/** `1,214 read = 1,207 evaluated + 7 skipped (7 ragged row)` */
function describeValidationRows({ read, evaluated, skipped, badRows }: ValidationRows): string {
  const reasons = skipped === 0 ? '' : ` (${describeBadRows(badRows)})`
  return `${formatCount(read)} read = ${formatCount(evaluated)} evaluated + ${formatCount(skipped)} skipped${reasons}`
}

/** `7 ragged row, 5 not a number; kept in quarantine.csv` */
export function describeSkipped(
  { badRows }: Pick<DoneEvent, 'badRows'>,
  quarantine: string | undefined,
): string {
  const kept = quarantine === undefined ? '' : `; kept in ${printable(quarantine)}`
  return describeBadRows(badRows) + kept
}

/** `loss 0.4785  auc 0.6440  accuracy 0.8010` */
export function describeMetrics(metrics: Metrics): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${formatMetric(value)}`)
    .join('  ')
}

/** Shares of the threads' time, largest first: `parse 61 %, wait 20 %`. Parts under half a percent are left out. */
export function describeTimes(times: TimeShares): string {
  const parts = Object.entries(times) as [string, number][]
  const total = parts.reduce((sum, [, seconds]) => sum + seconds, 0)
  if (!(total > 0)) return ''
  return parts
    .filter(([, seconds]) => seconds / total >= 0.005)
    .sort(([, a], [, b]) => b - a)
    .map(([name, seconds]) => `${name} ${formatShare(seconds / total)}`)
    .join(', ')
}

/** The command that predicts with a model. */
export function predictCommand(model: string): string {
  return `millrace predict ${shellWord(model)} new.csv -o predictions.csv`
}

/** The object that `--json` prints. */
export function summaryObject(done: DoneEvent, out: string | undefined): object {
  const { epochs, bestEpoch, steps, seconds, rowsPerSecond, rows, badRows } = done
  const { progressive, train, validation, validationRows } = done
  return {
    model: out ?? null,
    loss: done.model.loss,
    epochs,
    ...(bestEpoch === undefined ? {} : { bestEpoch }),
    steps,
    seconds: Math.round(seconds * 1000) / 1000,
    rowsPerSecond: Math.round(rowsPerSecond),
    rows,
    badRows,
    ...(validationRows === undefined ? {} : { validationRows }),
    progressive,
    train,
    ...(validation === undefined ? {} : { validation }),
  }
}

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`
}
