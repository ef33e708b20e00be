/** 600 files of each kind, changed; scripts/fuzz-files.mts runs as many as are asked for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Draw } from './draw.js'
import { fileKinds, tryFile } from './files.js'

const CASES = process.env['MILLRACE_THOROUGH'] === '1' ? 20_000 : 600
const folder = mkdtempSync(join(tmpdir(), 'millrace-files-'))
const kinds = await fileKinds(folder)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(kinds)('a $name', (kind) => {
  it('loads as it was written', async () => {
    expect(await kind.load(kind.bytes)).toBe(true)
  })

  it('that was changed is refused with a message or is a valid one', async () => {
    const ends = new Map<string, number>()
    for (let seed = 0; seed < CASES; seed++) {
      const end = await tryFile(kind, new Draw(seed))
      expect({ seed, error: end instanceof Error ? end.stack : undefined }).toEqual({
        seed,
        error: undefined,
      })
      ends.set(String(end), (ends.get(String(end)) ?? 0) + 1)
    }
    // Both happen: changes lead past the first check.
    expect(ends.get('refused')).toBeGreaterThan(CASES / 10)
    expect(ends.get('loaded')).toBeGreaterThan(CASES / 100)
  }, 120_000)
})
