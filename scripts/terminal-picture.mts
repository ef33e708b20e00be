/**
 * Takes the picture of the terminal for the README: runs the real command under tmux, and draws the screen in the middle of the
 * run as SVG, docs/pictures/terminal.svg.
 *
 *     npm run build && npx tsx scripts/terminal-picture.mts
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import xterm, { type IBufferCell } from '@xterm/headless'
import { element, escaped, pixels } from '../src/report/plot/svg.js'
import { TmuxShell } from '../test/cli/tmux.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const picture = join(root, 'docs/pictures/terminal.svg')
const columns = 100
const rows = 22
const command =
  'millrace train flights.csv --target late --ignore delay --validation 0.1 --hidden 64,32 --epochs 3'
/** The second epoch is half done: there are metrics, and the loss has a course. */
const isTelling = (screen: readonly string[]): boolean =>
  screen.some((line) => /^epoch 2\/3 +━.* (4|5)\d %/.test(line)) &&
  screen.some((line) => line.startsWith('workers'))

const cell = { width: 8.4, height: 19, baseline: 14 }
const margin = { side: 20, top: 46, bottom: 18 }
/** Colours of the terminal by number, the usual and the bright ones, and that of text. */
const palette = ['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4']
const ink = '#e6edf3'
const paper = '#0d1117'

async function screenInTheMiddle(): Promise<string> {
  spawnSync(process.execPath, ['scripts/make-flights.mjs', '--if-missing'], { cwd: root, stdio: 'inherit' })
  const folder = mkdtempSync(join(tmpdir(), 'millrace-picture-'))
  symlinkSync(join(root, 'data/flights.csv'), join(folder, 'flights.csv'))
  const shell = new TmuxShell(columns, rows, { TERM: 'tmux-256color', COLORTERM: 'truecolor' })
  try {
    await shell.until((screen) => screen.at(-1) === '$', 'prompt')
    const cli = join(root, 'dist/cli/main.js')
    shell.type(`cd ${folder}; alias millrace='node ${cli}'; clear`, 'Enter')
    await shell.until((screen) => screen.length === 1 && screen[0] === '$', 'clean screen')
    shell.type(command, 'Enter')
    await shell.until(isTelling, 'middle of the run')
    return shell.colouredScreen()
  } finally {
    shell.end()
    rmSync(folder, { recursive: true })
  }
}

interface Run {
  column: number
  text: string
  colour: string
  weight: string | undefined
  opacity: number | undefined
}

function lookOf(found: IBufferCell): Omit<Run, 'column' | 'text'> {
  return {
    colour: found.isFgPalette() ? (palette[found.getFgColor() % 8] ?? ink) : ink,
    weight: found.isBold() ? '600' : undefined,
    opacity: found.isDim() ? 0.6 : undefined,
  }
}

/** Cells of a line that look the same, as one. */
function runsOf(line: IBufferCell[]): Run[] {
  const runs: Run[] = []
  line.forEach((found, column) => {
    const look = lookOf(found)
    const text = found.getChars() || ' '
    const last = runs.at(-1)
    const isSame =
      last?.colour === look.colour && last.weight === look.weight && last.opacity === look.opacity
    if (isSame && isDrawn(text) === isDrawn(last.text)) last.text += text
    else runs.push({ column, text, ...look })
  })
  return runs.filter(({ text }) => text.trim() !== '')
}

/** Blocks and rules are drawn: fonts differ in whether they touch. */
function isDrawn(text: string): boolean {
  return /^[▁▂▃▄▅▆▇█━─]/.test(text)
}

function drawn({ column, text, colour, opacity }: Run, top: number): string {
  const x = margin.side + column * cell.width
  const look = { fill: colour, 'fill-opacity': opacity }
  const first = text[0]!
  if (first === '━' || first === '─') {
    const thickness = first === '━' ? 4 : 1.5
    const y = top + (cell.height - thickness) / 2
    return element('rect', {
      x,
      y,
      width: text.length * cell.width,
      height: thickness,
      rx: thickness / 2,
      ...look,
    })
  }
  return [...text]
    .map((character, i) => {
      const height = ((character.charCodeAt(0) - 0x2580) / 8) * (cell.height - 4)
      const at = { x: x + i * cell.width + 0.6, y: top + cell.height - 2 - height }
      return element('rect', { ...at, width: cell.width - 1.2, height, ...look })
    })
    .join('')
}

function written({ column, text, colour, weight, opacity }: Run, top: number): string {
  const shown = text.trimEnd()
  return element(
    'text',
    {
      x: margin.side + column * cell.width,
      y: top + cell.baseline,
      fill: colour,
      'fill-opacity': opacity,
      'font-weight': weight,
      // Whatever the font: the cells stay where they are.
      textLength: pixels(shown.length * cell.width),
      'xml:space': 'preserve',
    },
    escaped(shown),
  )
}

async function svgOf(screen: string): Promise<string> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
  await new Promise<void>((resolve) => terminal.write(screen.trimEnd(), resolve))
  const { active } = terminal.buffer
  const lines: string[] = []
  let used = 0
  for (let row = 0; row < rows; row++) {
    const line = active.getLine(active.baseY + row)!
    const cells = Array.from({ length: columns }, (_, column) => line.getCell(column)!)
    const top = margin.top + row * cell.height
    const runs = runsOf(cells)
    if (runs.length > 0) used = row + 1
    lines.push(...runs.map((run) => (isDrawn(run.text) ? drawn(run, top) : written(run, top))))
  }
  const width = Math.ceil(2 * margin.side + columns * cell.width)
  const height = margin.top + used * cell.height + margin.bottom
  const buttons = ['#ff5f57', '#febc2e', '#28c840'].map((fill, i) =>
    element('circle', { cx: 22 + i * 20, cy: 22, r: 6, fill }),
  )
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'font-family': 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace',
      'font-size': '13.5px',
      role: 'img',
    },
    element('title', {}, escaped(`millrace in a terminal, in the middle of a run: ${command}`)),
    element('rect', { width, height, rx: 8, fill: paper }),
    ...[...buttons, ...lines].map((shape) => `\n${shape}`),
  )}\n`
}

mkdirSync(dirname(picture), { recursive: true })
const svg = await svgOf(await screenInTheMiddle())
writeFileSync(picture, svg)
console.log(`${picture}: ${svg.length} bytes`)
