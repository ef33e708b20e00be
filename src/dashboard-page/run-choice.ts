import { byId, element, setText } from './dom.js'
import { RUN_COLORS } from './loss-chart.js'
import type { Run } from './runs.js'

/** Where there are several runs: whose details are shown. */
export class RunChoice {
  chosen = 0
  #count = 0

  constructor(private readonly changed: () => void) {}

  show(runs: readonly Run[]): void {
    const place = byId('runs')
    place.hidden = runs.length < 2
    if (runs.length !== this.#count) {
      this.#count = runs.length
      this.chosen = Math.min(this.chosen, Math.max(0, runs.length - 1))
      const legend = element('legend', {}, 'Details of')
      place.replaceChildren(element('fieldset', {}, legend, ...runs.map((run, i) => this.#option(run, i))))
    }
    const states = place.querySelectorAll<HTMLElement>('.run-state')
    runs.forEach(({ picture }, i) => setText(states[i]!, picture.status))
  }

  #option({ name }: Run, i: number): HTMLElement {
    const radio = element('input')
    radio.type = 'radio'
    radio.name = 'run'
    radio.checked = i === this.chosen
    radio.addEventListener('change', () => {
      this.chosen = i
      this.changed()
    })
    const swatch = element('span', { class: `swatch run-${i % RUN_COLORS}` })
    return element('label', {}, radio, swatch, name, element('span', { class: 'run-state' }))
  }
}
