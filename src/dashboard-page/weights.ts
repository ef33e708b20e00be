import type { HeavyWeight } from '../inspect/heaviest-weights.js'
import { byId, element, setText } from './dom.js'
import { count, metric } from './numbers.js'
import type { Run } from './runs.js'

interface Row {
  readonly item: HTMLElement
  readonly bar: HTMLElement
  readonly value: HTMLElement
}

/** The heaviest weights of a linear model: bars from the middle, that move as the model learns. */
export class Weights {
  readonly #rows = new Map<string, Row>()
  #step: number | undefined

  show({ picture: { weights, start } }: Run): void {
    const isNetwork = start !== undefined && start.options.hidden != null
    setText(byId('weights-note'), weights === undefined ? '' : `at step ${count(weights.step)}`)
    if (weights === undefined) {
      this.#rows.clear()
      const text = isNetwork
        ? 'A network has too many to tell much by themselves.'
        : 'The first come after a second.'
      byId('weights').replaceChildren(element('li', { class: 'empty' }, text))
      this.#step = undefined
      return
    }
    if (weights.step === this.#step) return
    this.#step = weights.step
    const most = Math.abs(weights.weights[0]?.weight ?? 1)
    const items = weights.weights.map((weight) => this.#row(weight, most).item)
    const list = byId('weights')
    // Moving an element that stays where it is would stop its transition.
    items.forEach((item, i) => {
      if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null)
    })
    while (list.childElementCount > items.length) list.lastElementChild!.remove()
  }

  #row(heavy: HeavyWeight, most: number): Row {
    const name = nameOf(heavy)
    const row = this.#rows.get(name) ?? newRow(name)
    this.#rows.set(name, row)
    const share = Math.min(1, Math.abs(heavy.weight) / most)
    row.bar.classList.toggle('negative', heavy.weight < 0)
    row.bar.style.transform = `scaleX(${(heavy.weight < 0 ? -share : share).toFixed(4)})`
    setText(row.value, signed(heavy.weight))
    row.item.title = titleOf(heavy)
    return row
  }
}

function newRow(name: string): Row {
  const bar = element('span', { class: 'bar' })
  const value = element('span', { class: 'value' })
  const track = element('span', { class: 'track' }, bar)
  const label = element('span', { class: 'label' }, name)
  return { item: element('li', {}, label, track, value), bar, value }
}

function nameOf({ column, part, value, class: of }: HeavyWeight): string {
  const name = part === undefined ? column : `${column} ${part}`
  return (value === undefined ? name : `${name} = ${value}`) + (of === undefined ? '' : ` → ${of}`)
}

function titleOf(heavy: HeavyWeight): string {
  const { weight, weightPerUnit } = heavy
  const unit = weightPerUnit === undefined ? '' : `\n${signed(weightPerUnit)} for one unit of the column`
  const scale = weightPerUnit === undefined ? '' : ' for one standard deviation'
  return `${nameOf(heavy)}\n${signed(weight)}${scale}${unit}`
}

function signed(value: number): string {
  return value < 0 ? `−${metric(-value)}` : `+${metric(value)}`
}
