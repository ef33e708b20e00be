/** The frame of a chart: scales, ticks and the rules behind the curves. */

import { element, label } from './svg.js'
import { linearTicks, logTicks, tickLabels } from './ticks.js'

/** Where the chart is, in pixels from the top left of the picture. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Of values → pixels. */
export interface Scale {
  readonly low: number
  readonly high: number
  at(value: number): number
  readonly ticks: readonly number[]
}

export interface Span {
  readonly low: number
  readonly high: number
}

/** Pixels from one label to the next, at least. */
const PIXELS_PER_X = 90
const PIXELS_PER_Y = 38

export function xScale({ low, high }: Span, { left, right }: Box): Scale {
  const at = (value: number): number => left + ((value - low) / (high - low || 1)) * (right - left)
  return {
    low,
    high,
    at,
    ticks: linearTicks(low, high, Math.max(2, Math.floor((right - left) / PIXELS_PER_X))),
  }
}

/** With some air above and below; `log`: equal ratios take equal space, and values of 0 and less are nowhere. */
export function yScale(span: Span, { top, bottom }: Box, log: boolean): Scale {
  const of = log ? Math.log10 : (value: number): number => value
  const back = log ? (value: number): number => 10 ** value : of
  const flat = span.high > span.low ? 0 : Math.abs(of(span.high)) * 0.1 || 1
  const air = (of(span.high) - of(span.low)) * 0.04 + flat
  const [low, high] = [of(span.low) - air, of(span.high) + air]
  const at = (value: number): number => {
    const position = of(value)
    return Number.isFinite(position) ? bottom - ((position - low) / (high - low)) * (bottom - top) : NaN
  }
  const ticksOf = log ? logTicks : linearTicks
  const most = Math.max(2, Math.floor((bottom - top) / PIXELS_PER_Y))
  return { low: back(low), high: back(high), at, ticks: ticksOf(back(low), back(high), most) }
}

/** Rules at the ticks of y, ticks at those of x, and the names of the axes. */
export function axes(
  x: Scale,
  y: Scale,
  { left, top, right, bottom }: Box,
  names: { x: string; y: string },
): string[] {
  const yLabels = tickLabels(y.ticks)
  const xLabels = tickLabels(x.ticks)
  return [
    ...y.ticks.flatMap((tick, i) => [
      element('line', { class: 'rule', x1: left, x2: right, y1: y.at(tick), y2: y.at(tick) }),
      label(left - 10, y.at(tick) + 4, yLabels[i]!, { class: 'soft', 'text-anchor': 'end' }),
    ]),
    element('line', { class: 'axis', x1: left, x2: right, y1: bottom, y2: bottom }),
    ...x.ticks.flatMap((tick, i) => [
      element('line', { class: 'axis', x1: x.at(tick), x2: x.at(tick), y1: bottom, y2: bottom + 5 }),
      label(x.at(tick), bottom + 21, xLabels[i]!, { class: 'soft', 'text-anchor': 'middle' }),
    ]),
    label(right, bottom + 42, names.x, { class: 'soft', 'text-anchor': 'end' }),
    label(left - 10, top - 16, names.y, { class: 'soft', 'text-anchor': 'end' }),
  ]
}
