/** The losses of one run, or of several side by side. */

import { basename } from 'node:path'
import { formatMetric } from '../format.js'
import { axes, xScale, yScale, type Box, type Scale, type Span } from './axes.js'
import { smoothed, type CurvePoint } from './curve.js'
import type { RunCurves } from './run-curves.js'
import { COLOURS, element, label, path, svg, textWidth } from './svg.js'

export interface LossChartOptions {
  readonly width: number
  readonly height: number
  /** Equal ratios of losses take equal space. */
  readonly log: boolean
}

/** Of the points of a curve: what its mean is taken over, twice, where it is drawn smoothed. */
const WINDOW = 0.03
/** More ends of epochs than this are not marked. */
const MOST_EPOCHS = 24
/** Shares of the points that may lie outside the picture: of the raw losses at each end, of other curves above, where a loss begins. */
const OUTSIDE = { raw: 0.02, curve: 0.01 }
const LONGEST_NAME = 48

/** Throws nothing; with `log` losses of 0 and less are left out. */
export function lossChart(runs: readonly RunCurves[], options: LossChartOptions): string {
  const { width, height, log } = options
  const entries = legendEntries(runs)
  const legend = placed(entries, width - 2 * MARGIN)
  const box: Box = { left: 74, right: width - MARGIN, top: 100 + legend.height, bottom: height - 60 }
  const drawn = runs.map((run) => ({ run, smooth: smoothed(smoothed(run.train.points, WINDOW), WINDOW) }))
  const steps = runs.flatMap(({ train }) => [train.points[0]!.step, train.points.at(-1)!.step])
  const x = xScale({ low: Math.min(0, ...steps), high: Math.max(1, ...steps) }, box)
  const y = yScale(lossSpan(drawn, log), box, log)
  const inside = { 'clip-path': 'url(#inside)' }
  return svg(
    { width, height, title: titleOf(runs), description: describe(runs, log) },
    label(MARGIN, 34, titleOf(runs), { class: 'ink', style: 'font-size:17px;font-weight:600' }),
    ...legend.items,
    ...(runs.length === 1 ? epochMarks(runs[0]!, x, box) : []),
    ...axes(x, y, box, { x: 'step', y: 'loss' }),
    element(
      'clipPath',
      { id: 'inside' },
      element('rect', { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }),
    ),
    element(
      'g',
      inside,
      ...drawn.flatMap(({ run, smooth }, i) => curvesOf(run, smooth, i, runs.length === 1, x, y)),
    ),
    // Not clipped: a mark at the end is whole.
    ...runs.flatMap((run, i) => validationMarks(run, runs.length === 1 ? 2 : i % COLOURS, x, y)),
  )
}

const MARGIN = 28

function titleOf(runs: readonly RunCurves[]): string {
  const [only, ...more] = runs
  const { options, schema } = only!.start ?? {}
  if (more.length > 0) return `Losses of ${runs.length} runs`
  const of = schema === undefined ? '' : ` of ${schema.target.name}`
  const from = options?.input[0] === undefined ? undefined : basename(options.input[0])
  return `Loss${of}${from === undefined ? '' : `, ${from}`}`
}

/** What the picture shows, in words. */
function describe(runs: readonly RunCurves[], log: boolean): string {
  const each = runs.map((run) => {
    const { name, train, validation, lastLoss } = run
    const kind = validation.points.length > 0 ? 'on held-out rows' : 'progressive'
    const last = lastLoss === undefined ? '' : `; the last loss, ${kind}, is ${formatMetric(lastLoss)}`
    return `${name}: ${Math.round(train.points.at(-1)!.step)} steps${last}.`
  })
  return `Losses by step${log ? ', on a logarithmic axis' : ''}. ${each.join(' ')}`
}

/** Where the curves are, but for the outermost points. */
function lossSpan(drawn: readonly { run: RunCurves; smooth: readonly CurvePoint[] }[], log: boolean): Span {
  const isDrawn = (value: number): boolean => Number.isFinite(value) && (!log || value > 0)
  const means = (points: readonly CurvePoint[]): number[] => points.map(({ mean }) => mean)
  const spanOf = (values: readonly number[], below: number, above: number): Span => {
    const sorted = values.filter(isDrawn).sort((a, b) => a - b)
    const last = sorted.length - 1
    return {
      low: sorted[Math.floor(last * below)] ?? Infinity,
      high: sorted[Math.ceil(last * (1 - above))] ?? -Infinity,
    }
  }
  const spans = drawn.flatMap(({ run: { train, progressive, validation }, smooth }) => [
    spanOf(means(smooth), 0, OUTSIDE.curve),
    spanOf(means(progressive.points), 0, OUTSIDE.curve),
    spanOf(means(validation.points), 0, 0),
    ...(drawn.length > 1
      ? []
      : [
          spanOf(
            train.points.flatMap(({ low, high }) => [low, high]),
            OUTSIDE.raw,
            OUTSIDE.raw,
          ),
        ]),
  ])
  const low = Math.min(...spans.map((span) => span.low))
  const high = Math.max(...spans.map((span) => span.high))
  return low <= high ? { low, high } : { low: 1, high: 1 }
}

function curvesOf(
  { train, progressive }: RunCurves,
  smooth: readonly CurvePoint[],
  i: number,
  isAlone: boolean,
  x: Scale,
  y: Scale,
): string[] {
  const line = (points: readonly CurvePoint[]): string =>
    path(points.map(({ step, mean }) => [x.at(step), y.at(mean)] as const))
  const extremes = train.points.flatMap(({ step, low, high }) =>
    [low, high].map((value) => [x.at(step), y.at(value)] as const),
  )
  const colour = `c${i % COLOURS}`
  return [
    ...(isAlone
      ? [element('path', { class: colour, 'stroke-width': 1, 'stroke-opacity': 0.22, d: path(extremes) })]
      : []),
    element('path', {
      class: isAlone ? 'c1' : colour,
      'stroke-width': 1.5,
      'stroke-dasharray': '2 5',
      d: line(progressive.points),
    }),
    element('path', { class: colour, 'stroke-width': 2.25, d: line(smooth) }),
  ]
}

function validationMarks({ validation }: RunCurves, colour: number, x: Scale, y: Scale): string[] {
  return validation.points
    .map(({ step, mean }) => ({ cx: x.at(step), cy: y.at(mean) }))
    .filter(({ cy }) => Number.isFinite(cy))
    .map(({ cx, cy }) => element('circle', { class: `f${colour}`, cx, cy, r: 4 }))
}

function epochMarks({ epochEnds }: RunCurves, x: Scale, { top, bottom }: Box): string[] {
  if (epochEnds.points.length < 2 || epochEnds.points.length > MOST_EPOCHS) return []
  return epochEnds.points
    .slice(0, -1)
    .map(({ step }) =>
      element('line', { class: 'rule', x1: x.at(step), x2: x.at(step), y1: top, y2: bottom }),
    )
}

interface LegendEntry {
  readonly text: string
  readonly sign: 'line' | 'dashes' | 'dot'
  readonly colour: string
}

/** Of one run its curves; of several the runs, and what the kinds of line mean. */
function legendEntries(runs: readonly RunCurves[]): LegendEntry[] {
  const hasValidation = runs.some(({ validation }) => validation.points.length > 0)
  const kinds = (train: string, progressive: string, validation: string): LegendEntry[] => [
    { text: 'train, smoothed', sign: 'line', colour: train },
    { text: 'progressive', sign: 'dashes', colour: progressive },
    ...(hasValidation ? [{ text: 'held out', sign: 'dot', colour: validation } as const] : []),
  ]
  if (runs.length === 1) return kinds('0', '1', '2')
  return [
    ...runs.map(({ name, lastLoss }, i): LegendEntry => {
      const cut = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name
      const text = lastLoss === undefined ? cut : `${cut}  ${formatMetric(lastLoss)}`
      return { text, sign: 'line', colour: String(i % COLOURS) }
    }),
    ...kinds('', '', ''),
  ]
}

/** Entries side by side, in as many lines as they need; `height` is that of the lines after the first. */
function placed(entries: readonly LegendEntry[], width: number): { items: string[]; height: number } {
  const [lineHeight, signWidth, gap] = [22, 26, 22]
  let [left, line] = [0, 0]
  const items = entries.map(({ text, sign, colour }) => {
    const needed = signWidth + textWidth(text, 13)
    if (left > 0 && left + needed > width) [left, line] = [0, line + 1]
    const [x, y] = [MARGIN + left, 56 + line * lineHeight]
    left += needed + gap
    const stroke = colour === '' ? 'any' : `c${colour}`
    const shown =
      sign === 'dot'
        ? element('circle', { class: colour === '' ? 'anyfill' : `f${colour}`, cx: x + 9, cy: y, r: 4 })
        : element('line', {
            class: stroke,
            x1: x,
            x2: x + 18,
            y1: y,
            y2: y,
            'stroke-width': sign === 'line' ? 2.25 : 1.5,
            'stroke-dasharray': sign === 'line' ? undefined : '2 5',
          })
    return shown + label(x + signWidth, y + 4, text, { class: 'ink' })
  })
  return { items, height: line * lineHeight }
}
