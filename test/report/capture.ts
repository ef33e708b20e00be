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
