import type { Output, Terminal } from '../../src/report/terminal.js'

/** A terminal that keeps what is written to it. */
export interface CapturedTerminal extends Terminal {
  outText(): string
  errText(): string
}

export function captureTerminal(
  shape: { isTTY?: boolean; columns?: number } = {},
  env: Terminal['env'] = { NO_COLOR: '1' },
): CapturedTerminal {
  const texts = { out: '', err: '' }
  const output = (name: 'out' | 'err'): Output => ({
    ...shape,
    write: (text: string) => {
      texts[name] += text
    },
  })
  return { out: output('out'), err: output('err'), env, outText: () => texts.out, errText: () => texts.err }
}

/** What a screen shows after a text: carriage returns and "erase to the end of the line" are carried out. */
export function screen(text: string): string[] {
  return text.split('\n').map((line) => {
    const shown = line.slice(line.lastIndexOf('\r') + 1)
    return shown.replaceAll('\u001b[K', '')
  })
}
