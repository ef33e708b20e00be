/** The command where nobody looks: into files and pipes goes text without a control code, and nothing but data to standard output. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { scattered, temporaryFolder } from '../train/files.js'

const { folder, write } = temporaryFolder()
const millrace = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const rows = Array.from(
  { length: 3000 },
  (_, i) => `${i % 500 === 3 ? 'none' : (scattered(i) * 8).toFixed(2)},c${i % 7},${i % 2}`,
)
const csv = write('rows.csv', `x,c,late\n${rows.join('\n')}\n`)
const train = [
  'train',
  csv,
  '--target',
  'late',
  '--numeric',
  'x',
  '--on-bad-row',
  'skip',
  '--validation',
  '0.2',
  '--epochs',
  '20',
  '-o',
  join(folder, 'model.safetensors'),
]

function piped(args: readonly string[], env: Record<string, string> = {}): { out: string; err: string } {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  const { stdout, stderr, status } = spawnSync(process.execPath, [millrace, ...args], {
    encoding: 'utf8',
    env: { ...inherited, TERM: 'xterm-256color', ...env },
  })
  expect({ status, stderr }).toMatchObject({ status: 0 })
  return { out: stdout, err: stderr }
}

/** Line feeds but no other control code, of C0 or C1. */
const isPlain = (text: string): boolean => !/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(text)

describe('a run whose output is no terminal', () => {
  it('writes plain lines', () => {
    const { out, err } = piped(train)
    expect(out).toBe('')
    expect(isPlain(err)).toBe(true)
    expect(err).toMatch(/^bad row: .*rows\.csv, line 5, column "x"/m)
    expect(err).toMatch(/^learned {3}what adds most to the log-odds of late = 1$/m)
    expect(err).toMatch(/^predict {3}millrace predict /m)
  })

  it('has colours where they are forced, and moves no cursor', () => {
    const { err } = piped(train, { FORCE_COLOR: '1' })
    expect(isPlain(err)).toBe(false)
    expect(isPlain(err.replaceAll(/\u001b\[\d+m/g, ''))).toBe(true)
  })

  it('has nothing but one object on standard output with --json', () => {
    const { out, err } = piped([...train, '--json'])
    expect(out.split('\n')).toHaveLength(2)
    expect(JSON.parse(out)).toMatchObject({ epochs: 20 })
    expect(isPlain(out + err)).toBe(true)
  })

  it('has nothing but events on standard output with --events -', () => {
    const { out, err } = piped([...train, '--events', '-', '--quiet'])
    const types = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type)
    expect([types[0], types.at(-1)]).toEqual(['start', 'done'])
    expect(isPlain(out + err)).toBe(true)
    expect(err).toBe('')
  })
})
