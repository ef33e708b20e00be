import { onTheme } from './theme.js'

/** A canvas as wide as its place, drawn in CSS pixels. */
export class Strip {
  readonly #canvas = document.createElement('canvas')
  #draw: ((context: CanvasRenderingContext2D, width: number, height: number) => void) | undefined

  constructor(private readonly place: HTMLElement) {
    this.#canvas.setAttribute('aria-hidden', 'true')
    place.append(this.#canvas)
    new ResizeObserver(() => this.#paint()).observe(place)
    onTheme(() => this.#paint())
  }

  draw(how: (context: CanvasRenderingContext2D, width: number, height: number) => void): void {
    this.#draw = how
    this.#paint()
  }

  #paint(): void {
    const { clientWidth: width, clientHeight: height } = this.place
    const context = this.#canvas.getContext('2d')
    if (width === 0 || context === null || this.#draw === undefined) return
    const ratio = devicePixelRatio
    this.#canvas.width = Math.round(width * ratio)
    this.#canvas.height = Math.round(height * ratio)
    context.scale(ratio, ratio)
    this.#draw(context, width, height)
  }
}
