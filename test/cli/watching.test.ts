/**
 * `--events -` and other files that watch a run, as a shell has them. The oracle of a disk that takes nothing is /dev/full, and that
 * of one that fills a file system of 32 kB in memory, which needs the right to mount one.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { EventRecord } from '../../src/report/event-record.js'
import { temporaryFolder } from '../train/files.js'

const { folder, write } = temporaryFolder()
const millrace = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const rows = Array.from({ length: 20_000 }, (_, i) => `${i % 97},${i % 5}`)
const csv = write('rows.csv', `x,y\n${rows.join('\n')}\n`)
const model = join(folder, 'model.safetensors')
const training = [csv, '--target', 'y', '--numeric', 'x,y', '--batch-size', '8', '--epochs', '2', '-o', model]

/** Trains; `after` is a part of the command, in the language of the shell. */
function trained(args: readonly string[], after = ''): { status: number | null; out: string; err: string } {
  rmSync(model, { force: true })
  const command = `"$@" ${after}; exit "\${PIPESTATUS[0]}"`
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', command, 'bash', process.execPath, millrace, 'train', ...training, ...args],
    { encoding: 'utf8', cwd: folder, maxBuffer: 2 ** 26 },
  )
  return { status, out: stdout, err: stderr }
}

/** Steps that event files keep, by the rule in docs/events.md. */
function sampled(steps: number): number[] {
  const numbers = Array.from({ length: steps }, (_, i) => i + 1)
  return numbers.filter((step) => step % 2 ** Math.max(0, Math.floor(Math.log2(step)) - 11) === 0)
}

describe('--events -', () => {
  it('has every event on standard output, and nothing else there', () => {
    const { status, out, err } = trained(['--events', '-'])
    expect({ status, err }).toMatchObject({ status: 0, err: expect.stringContaining(model) as string })
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EventRecord)
    const steps = records.filter((record) => record.type === 'step').map(({ step }) => step)
    expect(steps).toEqual(sampled(5000))
    expect([records[0]!.type, records.at(-1)!.type]).toEqual(['start', 'done'])
  })

  it('leaves steps out for a reader that is slow, and nothing else', () => {
    // The 14,000 steps of 150,000 that a file keeps are 2.9 MB: twice what a pipe holds and what waits. It reads when the run has ended.
    const slow = ['--events', '-', '--epochs', '30', '--quiet']
    const { status, out } = trained(slow, `| (until test -e "${model}"; do sleep 0.1; done; cat)`)
    expect(status).toBe(0)
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EventRecord)
    const steps = records.filter((record) => record.type === 'step').map(({ step }) => step)
    expect(sampled(150_000).length).toBeGreaterThan(14_000)
    expect(steps.length).toBeLessThan(10_000)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(records.filter(({ type }) => type === 'epoch')).toHaveLength(30)
    expect(records.at(-1)!.type).toBe('done')
  })

  it('whose reader goes away is left out, and the run goes on to its model', () => {
    const { status, err } = trained(['--events', '-', '--quiet'], '| head -c 1')
    expect(status).toBe(0)
    expect(err).toMatch(/--events failed and is left out.*standard output/s)
    expect(existsSync(model)).toBe(true)
  })

  it('does not share standard output with --json', () => {
    const { status, out, err } = trained(['--events', '-', '--json'])
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain('--json')
  })
})

const disk = join(folder, 'disk')
mkdirSync(disk)
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', disk]).status === 0
afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', disk])
})

describe.skipIf(!mounted)('a full disk', () => {
  it('costs the event files of --tensorboard, with a warning, and not the run', () => {
    const { status, err } = trained(['--tensorboard', disk, '--quiet'])
    expect(status).toBe(0)
    expect(err).toMatch(/--tensorboard (failed|is not complete).*no space left/s)
    expect(err).toContain(disk)
    expect(readFileSync(model).length).toBeGreaterThan(0)
  })
})

describe.skipIf(!existsSync('/dev/full'))('a disk that takes no more', () => {
  it.each(['events', 'history'])('costs the file of --%s, with a warning, and not the run', (option) => {
    const { status, err } = trained([`--${option}`, '/dev/full', '--quiet'])
    expect(status).toBe(0)
    expect(err).toMatch(new RegExp(`--${option} (failed|is not complete).*/dev/full.*no space left`, 's'))
    expect(readFileSync(model).length).toBeGreaterThan(0)
  })
})
