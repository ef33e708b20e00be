/**
 * Files and pipes that take no more. The oracle is the system: /dev/full answers ENOSPC to every write, and a file system of
 * 64 kB in memory when it is full; that needs the right to mount one.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './harness.js'

const millrace = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const penguins = fileURLToPath(new URL('../../data/penguins.csv', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'millrace-full-'))
const disk = join(folder, 'disk')
mkdirSync(disk)
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0

afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', disk])
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a command of the shell; `$0` is millrace. */
function shell(command: string): { code: number | null; err: string } {
  const { status, stderr } = spawnSync('bash', ['-c', command, millrace], { encoding: 'utf8' })
  return { code: status, err: stderr }
}

describe('standard output', () => {
  it.skipIf(!existsSync('/dev/full'))('that takes no more is told with the cause', () => {
    const { code, err } = shell(`"${process.execPath}" "$0" inspect "${penguins}" > /dev/full`)
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('ENOSPC') as unknown })
    expect(err).toContain('standard output')
  })

  it('whose reader has gone ends quietly', () => {
    const { code, err } = shell(
      `set -o pipefail; "${process.execPath}" "$0" inspect "${penguins}" | head -c 0; sleep 0.1`,
    )
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })
})

describe.skipIf(!mounted)('a full disk', () => {
  const rows = join(folder, 'rows.csv')
  const model = join(folder, 'model.safetensors')
  const OLD = 'what was there before'
  /** 20,000 rows, 7,000 categories, every 20th row bad: each file of a run is larger than the disk. */
  beforeAll(async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `v${i % 7000},${i % 97},${i % 20 === 0 ? 'bad' : i % 89}`,
    )
    writeFileSync(rows, `c,x,y\n${lines.join('\n')}\n`)
    expect((await run('train', ...common, '-o', model)).code).toBe(0)
  })
  const common = [
    rows,
    '--target',
    'y',
    '--max-categories',
    '10000',
    '--on-bad-row',
    'skip',
    '--epochs',
    '1',
    '--workers',
    '1',
    '--quiet',
  ]
  const quarantine = common.map((argument) => (argument === 'skip' ? 'quarantine' : argument))
  const predict = ['predict', model, rows, '--on-bad-row', 'skip']
  const elsewhere = join(folder, 'other.safetensors')
  const old = join(disk, 'old')

  it.each([
    ['model', ['train', ...common, '-o', old], old],
    ['predictions', [...predict, '-o', old], old],
    ['quarantine', ['train', ...quarantine, '--ignore', 'c', '--quarantine', old, '-o', elsewhere], old],
    ['cache', ['train', ...common, '--cache', disk, '-o', elsewhere], disk],
  ])(
    'ends a run that writes its %s there with the path and the cause, and leaves what was there',
    async (_name, args, path) => {
      writeFileSync(old, OLD)
      const { code, err } = await run(...args)
      expect({ code, err }).toMatchObject({
        code: 1,
        err: expect.stringContaining('no space left') as unknown,
      })
      expect(err).toContain(path)
      // The threads are ended after the error is told, and the cache is closed with them.
      await expect.poll(() => readdirSync(disk), { timeout: 10_000 }).toEqual(['old'])
      expect(readFileSync(old, 'utf8')).toBe(OLD)
      expect(existsSync(elsewhere)).toBe(false)
    },
  )
})
