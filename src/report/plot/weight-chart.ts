/** What a model has learned, as bars. */

import type { ModelInspection } from '../../inspect/inspect-model.js'
import { formatQuantity, formatSigned } from '../format.js'
import { scoreName, weightName } from '../learned.js'
import { element, label, svg, textWidth } from './svg.js'

interface Bar {
  readonly name: string
  readonly size: number
  readonly text: string
}

const MARGIN = 28
const TOP = 84
const BAR_PIXELS = 26
const LONGEST_NAME = 44

/** The heaviest weights of a linear model with their signs, or how strongly the first layer of a network reads each column. */
export function weightChart(model: ModelInspection, width: number): string {
  const bars = model.network === undefined ? weightBars(model) : strengthBars(model)
  const score = scoreName(model.loss, model.target)
  const isLinear = model.network === undefined
  const title = isLinear ? `What adds most to ${score}` : `What the network reads most`
  const note = isLinear
    ? 'Of a number: what one deviation of it adds, and what 1 adds. Of a category: what the value adds.'
    : 'Norm of what one deviation of a number, or a value of a category, adds to the units of the first layer.'
  const height = TOP + Math.max(1, bars.length) * BAR_PIXELS + MARGIN
  return svg(
    {
      width,
      height,
      title,
      description: `${note} ${bars.map(({ name, text }) => `${name}: ${text}.`).join(' ')}`,
    },
    label(MARGIN, 34, title, { class: 'ink', style: 'font-size:17px;font-weight:600' }),
    label(MARGIN, 57, note, { class: 'soft' }),
    ...(bars.length === 0
      ? [label(MARGIN, TOP + 16, 'All weights are 0.', { class: 'ink' })]
      : drawn(bars, width)),
  )
}

function weightBars({ heaviest }: ModelInspection): Bar[] {
  return heaviest.map((weight) => {
    const per = weight.weightPerUnit
    const text = formatSigned(weight.weight) + (per === undefined ? '' : `  (${formatSigned(per)} for 1)`)
    return { name: weightName(weight), size: weight.weight, text }
  })
}

function strengthBars({ strengths }: ModelInspection): Bar[] {
  return strengths.map(({ column, strength }) => ({
    name: column,
    size: strength,
    text: formatQuantity(strength),
  }))
}

/** Names on the left, bars from a line at 0, and at the end of each what it says. */
function drawn(bars: readonly Bar[], width: number): string[] {
  const names = bars.map(({ name }) =>
    name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name,
  )
  const nameWidth = Math.min(width * 0.4, Math.max(...names.map((name) => textWidth(name, 13))))
  const textRoom = Math.max(...bars.map(({ text }) => textWidth(text, 13))) + 12
  const left = MARGIN + nameWidth + 14
  const low = Math.min(0, ...bars.map(({ size }) => size))
  const high = Math.max(0, ...bars.map(({ size }) => size))
  // The texts of bars to the left of 0 need room there too.
  const from = left + (low < 0 ? textRoom : 0)
  const to = width - MARGIN - (high > 0 ? textRoom : 0)
  const at = (size: number): number => from + ((size - low) / (high - low || 1)) * Math.max(10, to - from)
  const bottom = TOP + bars.length * BAR_PIXELS
  return [
    ...bars.flatMap(({ size, text }, i) => {
      const middle = TOP + (i + 0.5) * BAR_PIXELS
      const [x, end] = size < 0 ? [at(size), at(0)] : [at(0), at(size)]
      const isNegative = size < 0
      return [
        label(left - 14, middle + 4, names[i]!, { class: 'ink', 'text-anchor': 'end' }),
        element('rect', {
          class: isNegative ? 'f1' : 'f0',
          x,
          y: middle - 8,
          width: Math.max(1, end - x),
          height: 16,
          rx: 2,
        }),
        label(isNegative ? x - 8 : end + 8, middle + 4, text, {
          class: 'soft',
          'text-anchor': isNegative ? 'end' : 'start',
        }),
      ]
    }),
    element('line', { class: 'axis', x1: at(0), x2: at(0), y1: TOP - 4, y2: bottom + 4 }),
  ]
}
