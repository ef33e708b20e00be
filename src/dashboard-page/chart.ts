/** Line charts by uPlot: redrawn as data comes, as the page changes its size, and in other colours. */
import uPlot from 'uplot'
import { color, onTheme } from './theme.js'

export interface Curve {
  /** Tells it from the others. */
  readonly key: string
  readonly x: readonly number[]
  readonly y: readonly (number | null)[]
  /** Name of a colour in page.css. */
  readonly color: string
  readonly width: number
  readonly dash?: number[]
  /** Marks at the points. */
  readonly points?: boolean
  /** Key of the curve up to which the area is filled. */
  readonly fillTo?: string
  readonly scale?: 'y' | 'y2'
  readonly isHidden?: boolean
  /** Whether it is seen whole: `all`; or but for the few points that stick out: `most`. Default: all. */
  readonly fit?: 'all' | 'most'
}

export interface ChartSettings {
  readonly isLog: boolean
  readonly xLabel: string
  readonly formatX: (value: number) => string
  readonly formatY: (value: number) => string
  /** The axes begin at 0. */
  readonly isFromZero?: boolean
  /** For the axis on the right. */
  readonly formatY2?: (value: number) => string
}

const FILL_ALPHA = '1f'
/** Share of the points at either end that may stick out of the picture. */
const OUTLIERS = 0.02
/** Of the height, free above and below. */
const MARGIN = 0.08
const KEY_STEP = 0.1

export class Chart {
  #plot: uPlot | undefined
  #curves: readonly Curve[] = []
  #settings: ChartSettings | undefined
  #structure = ''
  #zoom: readonly [number, number] | undefined

  /** `zoomed`: another stretch may be shown. `pointed`: the pointer is at this x, or at none. */
  constructor(
    private readonly place: HTMLElement,
    private readonly zoomed: () => void = () => undefined,
    private readonly pointed: (x: number | undefined) => void = () => undefined,
  ) {
    new ResizeObserver(() => this.#fit()).observe(place)
    onTheme(() => this.#build())
  }

  get isZoomed(): boolean {
    return this.#zoom !== undefined
  }

  /** What is seen of the x axis. */
  get range(): readonly [number, number] | undefined {
    const { min, max } = this.#plot?.scales['x'] ?? {}
    return min == null || max == null ? undefined : [min, max]
  }

  show(curves: readonly Curve[], settings: ChartSettings): void {
    this.#curves = curves
    const { isLog, xLabel } = settings
    const structure = JSON.stringify([isLog, xLabel, curves.map(({ key, scale }) => [key, scale])])
    const isNew = structure !== this.#structure
    if (this.#settings !== undefined && xLabel !== this.#settings.xLabel) this.#zoom = undefined
    this.#settings = settings
    this.#structure = structure
    if (isNew || this.#plot === undefined) {
      this.#build()
      return
    }
    const plot = this.#plot
    curves.forEach(({ isHidden = false }, i) => {
      if (plot.series[i + 1]!.show === isHidden) plot.setSeries(i + 1, { show: !isHidden })
    })
    plot.setData(this.#data(), this.#zoom === undefined)
    if (this.#zoom !== undefined) plot.redraw()
  }

  zoomTo(range: readonly [number, number] | undefined): void {
    this.#zoom = range
    const plot = this.#plot
    if (plot === undefined) return
    if (range === undefined) plot.setData(plot.data, true)
    else plot.setScale('x', { min: range[0], max: range[1] })
  }

  /** Zooms by +, −, 0 and moves by the arrows. Returns whether the key is one of these. */
  key(name: string): boolean {
    const { range } = this
    if (range === undefined) return false
    const [min, max] = range
    const step = (max - min) * KEY_STEP
    const moves: Record<string, readonly [number, number] | undefined> = {
      '+': [min + 2 * step, max - 2 * step],
      '=': [min + 2 * step, max - 2 * step],
      '-': [min - 2 * step, max + 2 * step],
      ArrowLeft: [min - step, max - step],
      ArrowRight: [min + step, max + step],
      '0': undefined,
      Escape: undefined,
    }
    if (!Object.hasOwn(moves, name)) return false
    this.zoomTo(moves[name])
    return true
  }

  #data(): uPlot.AlignedData {
    const isLog = this.#settings?.isLog === true
    const drawn = (y: Curve['y']): Curve['y'] =>
      isLog ? y.map((value) => (value !== null && value > 0 ? value : null)) : y
    // Neighbours that share their x are one table; where all do there is nothing to join.
    const tables: { x: readonly number[]; ys: Curve['y'][] }[] = []
    for (const { x, y } of this.#curves) {
      const last = tables.at(-1)
      if (last?.x === x) last.ys.push(drawn(y))
      else tables.push({ x, ys: [drawn(y)] })
    }
    const all = tables.map(({ x, ys }) => [x, ...ys] as unknown as uPlot.AlignedData)
    if (all.length === 0) return [[]]
    return all.length === 1 ? all[0]! : uPlot.join(all)
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.place
    if (this.#plot === undefined) this.#build()
    else if (width > 0 && (width !== this.#plot.width || height !== this.#plot.height)) {
      this.#plot.setSize({ width, height })
    }
  }

  #build(): void {
    const { clientWidth: width, clientHeight: height } = this.place
    const settings = this.#settings
    if (settings === undefined || width === 0) return
    this.#plot?.destroy()
    this.#plot = new uPlot(this.#options(width, height, settings), this.#data(), this.place)
    if (this.#zoom !== undefined) this.#plot.setScale('x', { min: this.#zoom[0], max: this.#zoom[1] })
  }

  #options(width: number, height: number, settings: ChartSettings): uPlot.Options {
    const { isLog, isFromZero = false, formatX, formatY, formatY2 } = settings
    const hasSecond = this.#curves.some(({ scale }) => scale === 'y2')
    return {
      width,
      height,
      legend: { show: false },
      cursor: {
        drag: { x: true, y: false },
        points: { size: 7 },
        bind: {
          dblclick: () => () => {
            this.zoomTo(undefined)
            return null
          },
        },
      },
      scales: {
        x: { time: false },
        y: {
          distr: isLog ? 3 : 1,
          range: isFromZero ? fromZero : (_, min, max) => this.#heights(min, max, isLog),
        },
        ...(hasSecond ? { y2: { range: fromZero } } : {}),
      },
      series: [{}, ...this.#curves.map(series)],
      bands: this.#bands(),
      axes: [
        axis(formatX, { size: 30, space: 60 }),
        axis(formatY, { size: 58, ...(isLog ? {} : { space: 36 }) }),
        ...(hasSecond
          ? [axis(formatY2 ?? formatY, { scale: 'y2', side: 1, size: 74, grid: { show: false } })]
          : []),
      ],
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width: span } = plot.select
            if (span < 3) return
            this.#zoom = [plot.posToVal(left, 'x'), plot.posToVal(left + span, 'x')]
          },
        ],
        // uPlot knows what it shows only when it has drawn.
        setScale: [(_, key) => key === 'x' && this.zoomed()],
        setCursor: [({ cursor: { idx }, data }) => this.pointed(idx == null ? undefined : data[0][idx])],
      },
    }
  }

  /** From where to where the y axis goes: by the curves in the stretch that is seen. */
  #heights(min: number | null, max: number | null, isLog: boolean): [number, number] {
    const [from, to] = this.range ?? [-Infinity, Infinity]
    let low = Infinity
    let high = -Infinity
    for (const { x, y, fit = 'all', isHidden, scale } of this.#curves) {
      if (isHidden === true || scale === 'y2') continue
      const seen = y.filter(
        (value, i): value is number =>
          value !== null && x[i]! >= from && x[i]! <= to && (!isLog || value > 0),
      )
      if (seen.length === 0) continue
      const sorted = seen.sort((a, b) => a - b)
      const out = fit === 'most' ? Math.floor(sorted.length * OUTLIERS) : 0
      low = Math.min(low, sorted[out]!)
      high = Math.max(high, sorted[sorted.length - 1 - out]!)
    }
    if (!(low <= high)) return [min ?? (isLog ? 0.1 : 0), max ?? 1]
    if (isLog) return [low / 1.1, high * 1.1]
    const margin = (high - low) * MARGIN || Math.abs(high) * MARGIN || 1
    return [low - margin, high + margin]
  }

  #bands(): uPlot.Band[] {
    return this.#curves.flatMap(({ fillTo, color: name }, i) => {
      const other = this.#curves.findIndex(({ key }) => key === fillTo)
      return other < 0
        ? []
        : [{ series: [i + 1, other + 1] as [number, number], fill: () => color(name) + FILL_ALPHA }]
    })
  }
}

function fromZero(_: uPlot, __: number, max: number | null): [number, number] {
  return [0, (max ?? 0) * (1 + MARGIN) || 1]
}

function series({ key, color: name, width, dash, points, scale, isHidden }: Curve): uPlot.Series {
  const stroke = (): string => color(name)
  return {
    label: key,
    scale: scale ?? 'y',
    show: isHidden !== true,
    stroke,
    width,
    ...(dash === undefined ? {} : { dash }),
    points: points === true ? { show: true, size: 6, fill: stroke, stroke } : { show: false },
  }
}

function axis(format: (value: number) => string, others: uPlot.Axis): uPlot.Axis {
  return {
    stroke: () => color('muted'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: () => color('grid'), width: 1 },
    ticks: { show: false },
    values: (_, splits) => splits.map((value) => (value == null ? '' : format(value))),
    ...others,
  }
}
