/** What `train --dashboard` does at a terminal and elsewhere, without a browser. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import { interrupt, removeHandlers } from '../cli/harness.js'
import { captureTerminal } from '../report/capture.js'
import { optionsOf, writeRows } from './small-run.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-dashboard-'))
  writeRows(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(removeHandlers)

function command(target: string): string[] {
  const { input, out } = optionsOf(folder, 'm')
  return [
    'train',
    input as string,
    '--target',
    target,
    '-o',
    out!,
    '--on-bad-row',
    'skip',
    '--epochs',
    '2',
    '--dashboard',
    '--quiet',
  ]
}

const addressIn = (text: string): string => /http:\S+/.exec(text)?.[0] ?? ''

describe('train --dashboard', () => {
  it('serves the page at a terminal until Ctrl-C, and then ends with the code of the run', async () => {
    const terminal = captureTerminal({ isTTY: true })
    let code: number | undefined
    const run = runCommandLine(command('late'), terminal).then((ended) => (code = ended))
    await vi.waitFor(() => expect(terminal.errText()).toContain('until Ctrl-C'), 15_000)
    expect(code).toBeUndefined()
    const address = addressIn(terminal.errText())
    expect((await fetch(address)).status).toBe(200)
    interrupt()
    expect(await run).toBe(0)
  })

  it('ends with the run elsewhere', async () => {
    const terminal = captureTerminal()
    expect(await runCommandLine(command('late'), terminal)).toBe(0)
    // The address is told, quiet or not: nobody could guess it.
    await expect(fetch(addressIn(terminal.errText()))).rejects.toThrow()
  })

  it('ends at once where no run has begun', async () => {
    const terminal = captureTerminal({ isTTY: true })
    expect(await runCommandLine(command('no such column'), terminal)).toBe(2)
    expect(terminal.errText()).not.toContain('until Ctrl-C')
  })

  it('refuses what is no port', async () => {
    const terminal = captureTerminal({ isTTY: true })
    expect(await runCommandLine([...command('late'), '--dashboard', 'x'], terminal)).toBe(2)
    expect(terminal.errText()).toContain('dashboard: expected true, a port (0 … 65535)')
  })
})
