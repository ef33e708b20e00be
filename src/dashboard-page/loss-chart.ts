import type { Run } from './runs.js'
import { Chart, type Curve } from './chart.js'
import { button, byId, element, setText, table } from './dom.js'
import { axisNumber, count, metric } from './numbers.js'
import { smooth, smoothingSpan } from './smoothing.js'
import { formatSeconds } from '../report/format.js'

type XAxis = 'step' | 'rows' | 'seconds'
const xNames: Record<XAxis, string> = { step: 'Steps', rows: 'Rows', seconds: 'Time' }
/** Runs that have a colour of their own. */
export const RUN_COLORS = 8
/** Rows of the table. */
const TABLE_ROWS = 25

interface Entry {
  readonly name: string
  readonly color: string
  readonly curves: readonly Curve[]
  /** The curve whose value stands beside the name. */
  readonly value: Curve | undefined
}

/** The loss of one run in several curves, or of several runs in a few. */
export class LossChart {
  readonly #chart: Chart
  readonly #hidden = new Set<string>()
  readonly #reset: HTMLButtonElement
  #x: XAxis = 'step'
  #isLog = false
  #entries: readonly Entry[] = []
  #pointed: number | undefined
  #legendKey = ''
  #runs: readonly Run[] = []

  constructor() {
    const place = byId('loss-chart')
    this.#reset = button('Whole run', () => this.#chart.zoomTo(undefined))
    this.#chart = new Chart(
      place,
      () => this.#zoomed(),
      (x) => {
        this.#pointed = x
        this.#showValues()
      },
    )
    place.tabIndex = 0
    place.setAttribute('role', 'group')
    place.setAttribute('aria-label', 'Loss chart: plus and minus zoom, arrows move, 0 shows the whole run')
    place.setAttribute('aria-describedby', 'loss-text')
    place.addEventListener('keydown', (event) => {
      if (!event.ctrlKey && !event.metaKey && this.#chart.key(event.key)) event.preventDefault()
    })
    byId('loss-tools').append(this.#reset, this.#logChoice(), this.#xChoice())
    this.#reset.disabled = true
    const details = byId<HTMLDetailsElement>('loss-table').closest('details')!
    details.addEventListener('toggle', () => details.open && this.#showTable())
  }

  show(runs: readonly Run[]): void {
    this.#runs = runs
    this.#entries =
      runs.length === 1 ? curvesOfRun(runs[0]!, this.#x) : runs.map((run, i) => comparedRun(run, i, this.#x))
    const curves = this.#entries.flatMap(({ name, curves: all }) =>
      all.map((curve) => ({ ...curve, isHidden: this.#hidden.has(name) })),
    )
    this.#chart.show(curves, {
      isLog: this.#isLog,
      xLabel: this.#x,
      formatX: this.#x === 'seconds' ? formatSeconds : axisNumber,
      formatY: axisNumber,
    })
    this.#showLegend()
    this.#showValues()
    this.#describe()
  }

  /** The picture in words, for those who do not see it. */
  #describe(): void {
    const { range } = this.#chart
    const format = this.#x === 'seconds' ? formatSeconds : count
    const shown =
      range === undefined
        ? ''
        : ` Shown: ${xNames[this.#x].toLowerCase()} ${format(range[0])} to ${format(range[1])}.`
    setText(byId('loss-text'), this.#runs.map(describe).join(' ') + shown)
  }

  #showLegend(): void {
    const key = JSON.stringify(this.#entries.map(({ name, color }) => [name, color]))
    if (key === this.#legendKey) return
    this.#legendKey = key
    const legend = byId('loss-legend')
    legend.replaceChildren(
      ...this.#entries.map(({ name, color }) => {
        const swatch = element('span', { class: `swatch ${color}` })
        const made = element(
          'button',
          { type: 'button', class: 'entry' },
          swatch,
          element('span', { class: 'entry-name' }, name),
          element('span', { class: 'entry-value' }),
        )
        made.setAttribute('aria-pressed', String(!this.#hidden.has(name)))
        made.addEventListener('click', () => {
          if (!this.#hidden.delete(name)) this.#hidden.add(name)
          made.setAttribute('aria-pressed', String(!this.#hidden.has(name)))
          this.show(this.#runs)
        })
        return made
      }),
    )
  }

  /** Those where the pointer is, else the newest. */
  #showValues(): void {
    const places = byId('loss-legend').querySelectorAll<HTMLElement>('.entry-value')
    this.#entries.forEach(({ value }, i) => {
      const place = places[i]
      if (place === undefined || value === undefined) return
      const at = this.#pointed === undefined ? value.x.length - 1 : nearest(value.x, this.#pointed)
      setText(place, metric(value.y[at]))
    })
  }

  #zoomed(): void {
    this.#reset.disabled = !this.#chart.isZoomed
    this.#describe()
  }

  #logChoice(): HTMLElement {
    const box = element('input')
    box.type = 'checkbox'
    box.id = 'loss-log'
    box.addEventListener('change', () => {
      this.#isLog = box.checked
      this.show(this.#runs)
    })
    return element('label', { class: 'choice' }, box, 'Logarithmic')
  }

  #xChoice(): HTMLElement {
    const select = element('select')
    select.id = 'loss-x'
    for (const [name, text] of Object.entries(xNames)) {
      const option = element('option', {}, text)
      option.value = name
      select.append(option)
    }
    select.addEventListener('change', () => {
      this.#x = select.value as XAxis
      this.show(this.#runs)
    })
    return element('label', { class: 'choice' }, 'Over', select)
  }

  #showTable(): void {
    byId('loss-table').replaceChildren(
      ...this.#runs.map(({ name, steps }) => {
        const every = Math.max(1, Math.ceil(steps.step.length / TABLE_ROWS))
        const shown = steps.step.flatMap((_, i) =>
          i % every === 0 || i === steps.step.length - 1 ? [i] : [],
        )
        const made = table(
          ['Step', 'Rows', 'Time', 'Loss', 'Smallest', 'Largest', 'Progressive'],
          shown.map((i) => [
            count(steps.step[i]),
            count(steps.rows[i]),
            formatSeconds(steps.seconds[i]!),
            ...[steps.loss, steps.low, steps.high, steps.progressive].map((column) => metric(column[i])),
          ]),
          ['Step', 'Rows', 'Time', 'Loss', 'Smallest', 'Largest', 'Progressive'],
        )
        made.prepend(element('caption', {}, name))
        return made
      }),
    )
  }
}

function smoothed(run: Run): number[] {
  return smooth(run.steps.loss, smoothingSpan(run.steps.loss.length))
}

function validationCurve(run: Run, x: XAxis): Pick<Curve, 'x' | 'y'> {
  const { validations } = run.picture
  return {
    x: validations.map(({ at }) => at[x]),
    y: validations.map(({ metrics }) => metrics['loss'] ?? null),
  }
}

function curvesOfRun(run: Run, axis: XAxis): Entry[] {
  const { steps, picture } = run
  const x = steps[axis]
  const high = {
    key: 'high',
    x,
    y: steps.high,
    color: 'train',
    width: 0,
    fillTo: 'low',
    fit: 'none',
  } as const
  const low = { key: 'low', x, y: steps.low, color: 'train', width: 0, fit: 'none' } as const
  const raw = { key: 'raw', x, y: steps.loss, color: 'raw', width: 1, fit: 'most' } as const
  const train = { key: 'train', x, y: smoothed(run), color: 'train', width: 2 }
  const progressive = {
    key: 'progressive',
    x,
    y: steps.progressive,
    color: 'progressive',
    width: 1.5,
    dash: [6, 4],
  }
  const validation = {
    key: 'validation',
    ...validationCurve(run, axis),
    color: 'validation',
    width: 2,
    points: true,
  }
  return [
    { name: 'Mini-batches', color: 'raw', curves: [high, low, raw], value: raw },
    { name: 'Train, smoothed', color: 'train', curves: [train], value: train },
    { name: 'Progressive', color: 'progressive', curves: [progressive], value: progressive },
    ...(picture.validations.length > 0
      ? [{ name: 'Validation', color: 'validation', curves: [validation], value: validation }]
      : []),
  ]
}

function comparedRun(run: Run, i: number, axis: XAxis): Entry {
  const color = `run-${i % RUN_COLORS}`
  const dash = i < RUN_COLORS ? {} : { dash: [8, 3] }
  const train = { key: `train ${i}`, x: run.steps[axis], y: smoothed(run), color, width: 1.75, ...dash }
  const validation = {
    key: `validation ${i}`,
    ...validationCurve(run, axis),
    color,
    width: 1,
    dash: [2, 3],
    points: true,
  }
  return {
    name: run.name,
    color,
    curves: run.picture.validations.length > 0 ? [train, validation] : [train],
    value: train,
  }
}

function describe({ name, steps, last, picture }: Run): string {
  const from = steps.loss[0]
  if (last === undefined || from === undefined) return `${name}: no steps yet.`
  const validation = picture.validations.at(-1)?.metrics['loss']
  const held = validation == null ? '' : ` The last validation loss is ${metric(validation)}.`
  return `${name}: after ${count(last.step)} steps the loss of a mini-batch went from ${metric(from)} to ${metric(last.loss)}; the progressive loss is ${metric(last.progressiveLoss)}.${held}`
}

/** Index of the last x that is not beyond. */
function nearest(x: readonly number[], value: number): number {
  let low = 0
  let high = x.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (x[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}
