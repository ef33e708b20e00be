import { timeLine } from '../report/dashboard/picture.js'
import { formatSeconds, formatShare } from '../report/format.js'
import { byId, element, setText } from './dom.js'
import type { Run } from './runs.js'
import { Strip } from './strip.js'
import { color } from './theme.js'

const parts = ['read', 'parse', 'wait', 'gradient', 'average', 'update'] as const
const names: Record<(typeof parts)[number], string> = {
  read: 'Read',
  parse: 'Parse',
  wait: 'Wait',
  gradient: 'Gradient',
  average: 'Average',
  update: 'Update',
}

/** A stacked strip over the time of the run, what the newest window says in numbers, and the advice. */
export class TimeShares {
  readonly #strip = new Strip(byId('shares-strip'))
  readonly #values: HTMLElement[]

  constructor() {
    this.#values = parts.map(() => element('dd'))
    byId('shares').replaceChildren(
      ...parts.map((part, i) =>
        element(
          'div',
          {},
          element('dt', {}, element('span', { class: `swatch ${part}` }), names[part]),
          this.#values[i]!,
        ),
      ),
    )
  }

  show({ picture }: Run): void {
    const { bottleneck, end } = picture
    const windows = timeLine(picture)
    const total = windows.reduce((sum, { seconds }) => sum + seconds, 0)
    this.#strip.draw((context, width, height) => {
      let x = 0
      for (const { seconds, shares } of windows) {
        const wide = (seconds / total) * width
        let y = height
        for (const part of parts) {
          const high = shares[part] * height
          y -= high
          context.fillStyle = color(part)
          // Without gaps between neighbours, whatever their place on the grid of pixels.
          context.fillRect(Math.floor(x), y, Math.ceil(x + wide) - Math.floor(x), high)
        }
        x += wide
      }
    })
    parts.forEach((part, i) => {
      setText(this.#values[i]!, bottleneck === undefined ? '–' : formatShare(bottleneck.shares[part]))
    })
    const advice = bottleneck?.advice ?? ''
    setText(byId('advice'), advice.slice(0, 1).toUpperCase() + advice.slice(1))
    const isWhole = end?.type === 'done'
    setText(
      byId('shares-note'),
      bottleneck === undefined
        ? ''
        : isWhole
          ? 'the whole run'
          : `the last ${formatSeconds(bottleneck.seconds)}`,
    )
  }
}
