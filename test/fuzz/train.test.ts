/** 150 random commands on damaged files; scripts/fuzz-train.mts runs as many as are asked for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { drawCase } from './case.js'
import { runCase } from './run-case.js'

const CASES = 150
const folder = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'))
const before = process.cwd()

afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

it('every command ends well, with a model whose rows add up or with an error that says what to do', async () => {
  for (let seed = 0; seed < CASES; seed++) {
    const { wrong } = await runCase(drawCase(seed), join(folder, 'case'))
    expect({ seed, wrong }).toEqual({ seed, wrong: undefined })
  }
}, 300_000)
