/** SVG as text: what is data is escaped here, and nowhere else. */

import { printable } from '../../errors.js'

/** Of an element; those that are undefined are left out. Numbers are lengths in pixels. */
export type Attributes = Readonly<Record<string, string | number | undefined>>

/** `<name attributes>children</name>`; the children are SVG already. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? pixels(value) : value!)}"`)
  const head = `<${name}${given.join('')}`
  return children.length === 0 ? `${head}/>` : `${head}>${children.join('')}</${name}>`
}

/** Characters that XML does not know, or that are not seen, are shown by their code. */
export function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return printable(text).replace(/[&<>"]/g, (character) => entities[character]!)
}

/** Two digits after the point are less than can be seen. */
export function pixels(length: number): string {
  return String(Math.round(length * 100) / 100)
}

/** A line of text. */
export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escaped(text))
}

/** `M…L…` through the points; where a coordinate is not finite the line has a gap. A point by itself is a dot. */
export function path(points: readonly (readonly [x: number, y: number])[]): string {
  let commands = ''
  let isOpen = false
  for (const [x, y] of points) {
    const isFinite = Number.isFinite(x) && Number.isFinite(y)
    // Of no length, but with round ends.
    if (isFinite) commands += isOpen ? `L${pixels(x)} ${pixels(y)}` : `M${pixels(x)} ${pixels(y)}h0`
    isOpen = isFinite
  }
  return commands
}

/** Pixels that a text takes up in a usual sans-serif font, roughly. */
export function textWidth(text: string, size: number): number {
  return [...text].length * size * 0.56
}

export interface Picture {
  readonly width: number
  readonly height: number
  /** What it shows, for those who do not see it: in a word, and in sentences. */
  readonly title: string
  readonly description: string
}

const style = `
.paper{fill:#ffffff}.ink{fill:#1f2328}.soft{fill:#59636e}.rule{stroke:#e4e8ec}.axis{stroke:#8c959f}
.c0{stroke:#0969da}.c1{stroke:#bc4c00}.c2{stroke:#1a7f37}.c3{stroke:#8250df}.c4{stroke:#bf3989}.c5{stroke:#9a6700}
.f0{fill:#0969da}.f1{fill:#bc4c00}.f2{fill:#1a7f37}.f3{fill:#8250df}.f4{fill:#bf3989}.f5{fill:#9a6700}
.any{stroke:#59636e}.anyfill{fill:#59636e}
@media (prefers-color-scheme:dark){
.paper{fill:#0d1117}.ink{fill:#f0f6fc}.soft{fill:#9198a1}.rule{stroke:#262c36}.axis{stroke:#656c76}
.c0{stroke:#4493f8}.c1{stroke:#f0883e}.c2{stroke:#3fb950}.c3{stroke:#ab7df8}.c4{stroke:#f778ba}.c5{stroke:#d29922}
.f0{fill:#4493f8}.f1{fill:#f0883e}.f2{fill:#3fb950}.f3{fill:#ab7df8}.f4{fill:#f778ba}.f5{fill:#d29922}
.any{stroke:#9198a1}.anyfill{fill:#9198a1}
}
text{font-family:system-ui,-apple-system,"Segoe UI",sans-serif;font-size:13px}
path,line{fill:none;stroke-linecap:round;stroke-linejoin:round}
`

/** Colours that the style has for things side by side: `c0` for lines, `f0` for areas. */
export const COLOURS = 6

/** A picture that stands for itself; light or dark as the page is that shows it. */
export function svg({ width, height, title, description }: Picture, ...children: readonly string[]): string {
  const head = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` }
  return `${element(
    'svg',
    { ...head, role: 'img', 'aria-labelledby': 'title description' },
    element('title', { id: 'title' }, escaped(title)),
    element('desc', { id: 'description' }, escaped(description)),
    `<style>${style}</style>`,
    element('rect', { class: 'paper', width, height }),
    ...children.map((child) => `\n${child}`),
  )}\n`
}
