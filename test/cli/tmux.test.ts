/** The command in a real terminal. Where tmux is missing these tests are left out: it is no package of the registry (Debian: apt install tmux). */
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { scattered, temporaryFolder } from '../train/files.js'
import { hasTmux, TmuxShell } from './tmux.js'

const { folder, write } = temporaryFolder()
const millrace = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

const rows = Array.from({ length: 5000 }, (_, i) => {
  const late = scattered(i) + (i % 7) / 10 > 0.8 ? 'yes' : 'no'
  return `${(scattered(i) * 8).toFixed(2)},c${i % 7},${late}`
})
write('rows.csv', `x,c,late\n${rows.join('\n')}\n`)
const train = `clear; node ${millrace} train rows.csv --target late --validation 0.2 --workers 2`

let shell: TmuxShell | undefined
const open = async (columns: number, lines: number): Promise<TmuxShell> => {
  shell = new TmuxShell(columns, lines)
  await shell.until((screen) => screen.at(-1) === '$', 'prompt')
  shell.type(`cd ${folder}; clear`, 'Enter')
  await shell.until((screen) => screen.at(-1) === '$', 'prompt')
  return shell
}
afterEach(() => {
  shell?.end()
  shell = undefined
})

const isBar = (line: string): boolean => /[━─]/.test(line)
const hasBlock = (screen: readonly string[]): boolean =>
  screen.some(isBar) && ['loss  ', 'held out'].every((label) => screen.some((line) => line.startsWith(label)))
const isPrompt = (line: string | undefined): boolean => line === '$'

/** Every line that a block of this width may have. */
const blockLine = /^(epoch +\d+\/\d+ {2,}[━─]|rows  |loss  |held out  |workers  |bad rows  )/

// Two CPUs that others use too: what takes a second may take twenty.
describe.skipIf(!hasTmux)('under tmux', { timeout: 90_000 }, () => {
  it.each([
    [80, 24],
    [40, 10],
  ])('a run in %i × %i cells is one block, and ends with the summary', async (columns, lines) => {
    const terminal = await open(columns, lines)
    terminal.type(`${train} --epochs 200`, 'Enter')
    const screen = await terminal.until(hasBlock, 'block')
    const block = screen.filter((line) => blockLine.test(line))
    expect(screen.slice(-block.length)).toEqual(block)
    expect(screen.filter(isBar)).toHaveLength(1)
    expect(screen.every((line) => line.length <= columns)).toBe(true)
    expect(terminal.cursor()).toEqual({ column: 0, row: screen.length, isVisible: true })

    const end = await terminal.until((found) => isPrompt(found.at(-1)), 'prompt')
    expect(end.filter(isBar), end.join('\n')).toEqual([])
    expect(end.join('')).toContain('predict   millrace predict model.safetensors new.csv -o predictions.csv$')
    expect(terminal.cursor()).toEqual({ column: 2, row: end.length - 1, isVisible: true })
  })

  it('a window that changes its size shows one block', async () => {
    const terminal = await open(80, 24)
    terminal.type(`${train} --epochs 100000`, 'Enter')
    await terminal.until(hasBlock, 'block')
    for (const [columns, lines] of [
      [40, 24],
      [100, 24],
      [60, 12],
      [80, 24],
    ] as const) {
      terminal.resize(columns, lines)
      // Drawn for this width: 79 cells at 80. The screen may be seen before it is drawn anew.
      const isDrawn = (screen: readonly string[]): boolean => {
        const [bar, ...more] = screen.filter(isBar)
        const fits = bar !== undefined && bar.length < columns && bar.length > columns - 16
        const losses = screen.filter((line) => line.startsWith('loss  '))
        return fits && more.length === 0 && losses.length === 1
      }
      await terminal.until(isDrawn, `block of ${columns} cells`)
    }
    terminal.type('C-c')
    const end = await terminal.until((screen) => isPrompt(screen.at(-1)), 'prompt')
    expect(end.filter(isBar), end.join('\n')).toEqual([])
    expect(end.slice(-2)).toEqual(['interrupted; no model was written', '$'])
    expect(terminal.cursor().isVisible).toBe(true)
  })

  it('a run that is put aside begins its block again when it goes on', async () => {
    const terminal = await open(80, 24)
    terminal.type(`${train} --epochs 100000`, 'Enter')
    await terminal.until(hasBlock, 'block')
    terminal.type('C-z')
    const aside = await terminal.until((screen) => isPrompt(screen.at(-1)), 'prompt')
    // The block has gone, and the shell writes where it was.
    expect(aside.filter(isBar)).toEqual([])
    terminal.type('fg', 'Enter')
    const screen = await terminal.until(hasBlock, 'second block')
    expect(screen.slice(0, aside.length - 1)).toEqual(aside.slice(0, -1))
    expect(screen[aside.length - 1]).toBe('$ fg')
    expect(screen.filter(isBar)).toHaveLength(1)
    terminal.type('C-c')
    await terminal.until((found) => isPrompt(found.at(-1)), 'prompt')
  })
})
