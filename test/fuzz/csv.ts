/** A random CSV: its dialect, its columns, its bytes. */
import type { Draw } from './draw.js'

export interface Dialect {
  delimiter: string
  quote: string
  lineBreak: string
  comment: string | undefined
  header: boolean
}

export interface Column {
  name: string
  value: (draw: Draw) => string
}

export function drawDialect(draw: Draw): Dialect {
  return {
    delimiter: draw.of([',', ',', ',', ',', ';', ';', '\t', '\t', '|', '|', '^', ' ']),
    quote: draw.of(['"', '"', '"', '"', '"', '"', "'", '']),
    lineBreak: draw.chance(0.02) ? '\r' : draw.of(['\n', '\n', '\r\n']),
    comment: draw.chance(0.1) ? '#' : undefined,
    header: draw.chance(0.9),
  }
}

const words = (draw: Draw): string => draw.text('abcdefghij   ', 9)

const kinds: ((draw: Draw) => (draw: Draw) => string)[] = [
  () => (draw) => String(draw.below(100)),
  () => (draw) => String(draw.below(24)),
  () => (draw) => ((draw.bits() / 2 ** 32) * 1000 - 500).toFixed(draw.below(5)),
  () => (draw) => ((draw.bits() / 2 ** 32) * 10 ** (draw.below(60) - 30)).toExponential(draw.below(18)),
  (outer) =>
    outer.chance(0.8) ? words : (draw) => draw.of(['1,5', '2,25', '1.000', '7', '1,234.5', '12,000']),
  () => (draw) => draw.of(['ATL', 'BOS', 'JFK', 'SFO', 'ORD']),
  () => (draw) => draw.bits().toString(16).padStart(8, '0'),
  () => (draw) => draw.of(['true', 'false', 'TRUE', 'no', 'Yes', 't']),
  () => (draw) => `20${10 + draw.below(15)}-0${1 + draw.below(9)}-${10 + draw.below(18)}`,
  () => (draw) => `2001-01-${10 + draw.below(25)}T${draw.below(26)}:30:00Z`,
  () => (draw) => String(1e9 + draw.below(1e9)),
  () => (draw) => draw.text('ab ,;"\'\n\r\t|#éß€', 12),
  () => (draw) => draw.text('xyz', 300),
  () => () => 'same',
  () => () => '',
  (outer) => {
    const most = 1 + outer.below(40)
    return (draw) => `v${draw.below(most)}`
  },
]

const targets: ((draw: Draw) => string)[] = [
  (draw) => String(draw.below(2)),
  (draw) => draw.of(['yes', 'no']),
  (draw) => draw.of(['a', 'b', 'c']),
  (draw) => (draw.bits() / 2 ** 30).toFixed(3),
  (draw) => String(draw.below(1000)),
  (draw) => draw.of(['true', 'False', 'T']),
]

const names = [
  'x',
  'c',
  'x',
  '',
  'long name',
  'a,b',
  'q"q',
  '__proto__',
  'constructor',
  'c1',
  'é',
  'date',
  'hour',
  '#n',
]

export function drawColumns(draw: Draw): Column[] {
  const columns: Column[] = Array.from({ length: draw.chance(0.02) ? 0 : 1 + draw.below(6) }, () => ({
    name: draw.of(names),
    value: mostly(draw.of(kinds)(draw), draw),
  }))
  const target = { name: 'y', value: mostly(draw.of(targets), draw) }
  columns.splice(draw.below(columns.length + 1), 0, target)
  return columns
}

/** Now and then a value is missing, or of another kind. */
function mostly(value: (draw: Draw) => string, outer: Draw): (draw: Draw) => string {
  const missing = outer.of([0, 0, 0.05, 0.3])
  const strange = outer.of([0, 0, 0, 0.02])
  return (draw) => {
    if (draw.chance(missing)) return draw.of(['', 'NA', 'null', '?', ' '])
    if (draw.chance(strange))
      return draw.of(['oops', '1e999', '-', '0x10', 'Infinity', '12:30', '-0', '\u0000'])
    return value(draw)
  }
}

export function csvBytes(draw: Draw, columns: readonly Column[], dialect: Dialect): Buffer {
  const { delimiter, quote, lineBreak, comment, header } = dialect
  const quoteAll = draw.chance(0.1)
  const field = (text: string): string => {
    const must = [delimiter, quote, '\n', '\r'].some((part) => part !== '' && text.includes(part))
    if (quote === '') return text.replaceAll(/[\r\n]/g, ' ').replaceAll(delimiter, '_')
    return must || quoteAll || draw.chance(0.02)
      ? quote + text.replaceAll(quote, quote + quote) + quote
      : text
  }
  const lines = header ? [columns.map(({ name }) => field(name)).join(delimiter)] : []
  const rows = draw.chance(0.05) ? draw.below(3) : 4 + draw.below(draw.of([10, 100, 100, 600]))
  for (let i = 0; i < rows; i++) {
    if (comment !== undefined && draw.chance(0.05)) lines.push(`${comment} ${draw.text(`a"${delimiter}`, 9)}`)
    if (draw.chance(0.01)) lines.push('')
    lines.push(columns.map(({ value }) => field(value(draw))).join(delimiter))
  }
  const start = draw.chance(0.1) ? '\ufeff' : ''
  const text = start + lines.join(lineBreak) + (draw.chance(0.8) ? lineBreak : '')
  return draw.chance(0.05) ? Buffer.from(text, draw.of(['utf16le', 'latin1'])) : Buffer.from(text)
}
