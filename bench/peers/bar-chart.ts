import type { Chart } from './answer.js'

const WIDTH = 760
const ROW = 26
const NAMES = 190
const VALUES = 80
const TOP = 44

const escaped = (text: string): string => text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`)

/** Bars beside each other, as SVG; their lengths on a logarithmic scale where the longest is more than 30 times the shortest. */
export function barChart({ title, unit, bars, sorted = true }: Chart): string {
  const values = bars.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const isLogarithmic = most > 30 * least
  const share = (value: number): number =>
    isLogarithmic ? Math.log(value / (least / 2)) / Math.log(most / (least / 2)) : value / most
  const rows = sorted ? [...bars].sort((a, b) => a.value - b.value) : bars
  const height = TOP + rows.length * ROW + 12
  const lines = rows.flatMap(({ name, value }, i) => {
    const y = TOP + i * ROW
    const length = (share(value) * (WIDTH - NAMES - VALUES)).toFixed(1)
    const color = name.startsWith('millrace') ? '#0969da' : '#8c959f'
    return [
      `<text x="${NAMES - 8}" y="${y + 15}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${NAMES}" y="${y + 2}" width="${length}" height="${ROW - 8}" rx="2" fill="${color}"/>`,
      `<text x="${(NAMES + Number(length) + 6).toFixed(1)}" y="${y + 15}">${value >= 10 ? value.toFixed(0) : value.toFixed(2)} ${escaped(unit)}</text>`,
    ]
  })
  const scale = isLogarithmic ? ' (logarithmic)' : ''
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#57606a">
<text x="12" y="24" font-size="15" font-weight="600">${escaped(title)}${scale}</text>
${lines.join('\n')}
</svg>
`
}
