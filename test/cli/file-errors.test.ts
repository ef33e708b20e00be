/**
 * Every file that a run writes, and every error that the system may answer with: the command ends with 1 and tells the path
 * and the cause, the file of before is as it was, and nothing half written stays. Oracles: permissions of the system itself,
 * and faults.c, which answers in its place (for want of a disk that breaks on request) and needs a C compiler.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fit } from '../../src/train.js'
import { scattered, temporaryFolder } from '../train/files.js'

const { folder, write } = temporaryFolder()
const millrace = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const library = join(folder, 'faults.so')
const source = fileURLToPath(new URL('faults.c', import.meta.url))
const compiled =
  process.platform === 'linux' &&
  spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']).status === 0

const OLD = 'what was there before'
const place = join(folder, 'place')
const old = (name: string): string => join(place, name)

/** Every 20th row is bad; predictions, bad rows and cached rows are each more than one write. */
const lines = Array.from(
  { length: 20_000 },
  (_, i) => `v${i % 700},${(scattered(i) * 50).toFixed(2)},${i % 20 === 0 ? 'bad' : i % 89}`,
)
const rows = write('rows.csv', `c,x,y\n${lines.join('\n')}\n`)
/** 1,000 columns: the rows that are held out do not fit in memory. */
const wide = write('wide.csv', `y,${Array.from({ length: 1000 }, (_, i) => `c${i}`).join()}\n${wideRows()}`)
/** Training goes well for a thousand steps of a row, and then meets a number that makes an end of it. */
const odd = write(
  'odd.csv',
  `y,x\n${Array.from({ length: 1200 }, (_, i) => `${i % 5},${i === 1000 ? 1e30 : i % 3}\n`).join('')}`,
)
const model = join(folder, 'model.safetensors')

function wideRows(): string {
  return Array.from({ length: 5500 }, (_, i) => `${i % 7}${`,${i % 5}`.repeat(1000)}\n`).join('')
}

const train = (input: string, ...more: string[]): string[] => [
  ...['train', input, '--target', 'y', '--epochs', '1', '--workers', '1', '--on-bad-row', 'skip', '--quiet'],
  ...more,
]
const elsewhere = join(folder, 'elsewhere.safetensors')

interface WrittenFile {
  readonly what: string
  readonly args: readonly string[]
  /** A part of the path that is written; what the message tells of it; default: the first. */
  readonly path: string
  readonly told?: string
  /** Calls that may fail. */
  readonly calls: readonly string[]
  /** Standard output goes there. */
  readonly out?: string
}

const every = ['--checkpoint-every', '10', '--batch-size', '64']
const whole = ['open', 'write', 'fsync', 'rename'] as const
const files: readonly WrittenFile[] = [
  { what: 'model', args: train(rows, '-o', old('model')), path: '/.model', told: old('model'), calls: whole },
  {
    what: 'last good model',
    args: [
      ...train(odd, '--numeric', 'x,y', '--no-standardize', '--no-shuffle', '--batch-size', '1'),
      ...['--optimizer', 'sgd', '--learning-rate', '0.05', '-o', old('run')],
    ],
    path: '/.run.last-good',
    told: old('run.last-good'),
    calls: ['write', 'fsync', 'rename'],
  },
  {
    what: 'predictions',
    args: ['predict', model, rows, '--on-bad-row', 'skip', '-o', old('predictions')],
    path: '/.predictions',
    told: old('predictions'),
    calls: whole,
  },
  {
    what: 'quarantine',
    args: [...train(rows, '-o', elsewhere), '--on-bad-row', 'quarantine', '--quarantine', old('quarantine')],
    path: '/.quarantine',
    told: old('quarantine'),
    calls: whole,
  },
  {
    what: 'kept cache',
    args: train(rows, '--cache', place, '-o', elsewhere),
    path: `${place}/`,
    told: place,
    calls: whole,
  },
  {
    what: 'checkpoint',
    args: train(rows, '-o', elsewhere, '--checkpoint', place, ...every),
    path: '/.checkpoint-',
    told: place,
    calls: whole,
  },
  {
    what: 'cache of a run',
    args: [...train(wide, '--numeric', 'y', '--memory', '4MiB', '-o', elsewhere), '--epochs', '2'],
    path: '/rows (deleted)',
    told: `a temporary file in ${tmpdir()}`,
    calls: ['write', 'read'],
  },
  {
    what: 'rows that are held out',
    args: train(wide, '--validation', '0.9', '--numeric', 'y', '-o', elsewhere),
    path: 'held-out-rows',
    told: `a temporary file in ${tmpdir()}`,
    calls: ['open', 'write', 'read'],
  },
  {
    what: 'standard output of predict',
    args: ['predict', model, rows, '--on-bad-row', 'skip', '--quiet'],
    path: 'printed',
    told: 'standard output',
    calls: ['write'],
    out: join(folder, 'printed'),
  },
  {
    what: 'standard output of evaluate',
    args: ['evaluate', model, rows, '--on-bad-row', 'skip', '--json'],
    path: 'printed',
    told: 'standard output',
    calls: ['write'],
    out: join(folder, 'printed'),
  },
]

interface Ended {
  readonly code: number | null
  readonly err: string
}

function ended(
  { args, out }: Pick<WrittenFile, 'args' | 'out'>,
  more: Parameters<typeof spawnSync>[2] = {},
): Ended {
  const command = out === undefined ? 'exec "$@"' : `exec "$@" > '${out}'`
  const { status, stderr } = spawnSync('bash', ['-c', command, 'bash', process.execPath, millrace, ...args], {
    ...more,
    cwd: folder,
    encoding: 'utf8',
  })
  return { code: status, err: stderr }
}

/** Files with a name of their own, as they must be after a failure. */
function left(): Record<string, string> {
  const names = readdirSync(place)
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(place, name), 'utf8')]))
}

const before = { model: OLD, run: OLD, 'run.last-good': OLD, predictions: OLD, quarantine: OLD }

beforeAll(async () => {
  await fit({ input: rows, target: 'y', epochs: 1, workers: 1, onBadRow: 'skip', out: model })
  chmodSync(folder, 0o755)
})
beforeEach(() => {
  rmSync(place, { recursive: true, force: true })
  rmSync(elsewhere, { force: true })
  mkdirSync(place)
  for (const [name, text] of Object.entries(before)) writeFileSync(join(place, name), text)
})

describe.skipIf(!compiled)('a disk that fails', () => {
  const cases = files.flatMap((file) =>
    file.calls.flatMap((call) => [
      [file.what, call, 'EIO', file] as const,
      ...(call === 'write' ? [[file.what, call, 'ENOSPC', file] as const] : []),
      ...(call === 'open' ? [[file.what, call, 'EACCES', file] as const] : []),
    ]),
  )
  it.each(cases)('ends the run that writes its %s: %s, %s', (_what, call, error, file) => {
    const FAULT = `${call} ${error} 0 ${file.path}`
    const { code, err } = ended(file, { env: { ...process.env, LD_PRELOAD: library, FAULT } })
    expect({ code, err }).toMatchObject({ code: 1 })
    expect(err).toContain(file.told ?? file.path)
    const causes = { EIO: 'i/o error', ENOSPC: 'no space left', EACCES: 'permission denied' }
    expect(err).toContain(causes[error])
    expect(left()).toEqual(before)
    expect(existsSync(elsewhere)).toBe(false)
  })
})

describe.skipIf(!compiled)('a checkpoint that cannot be written', () => {
  it.each([
    ['write', 'ENOSPC', 6],
    ['fsync', 'EIO', 4],
    ['rename', 'EIO', 3],
  ])('leaves those of before, which the run goes on from: %s, %s', (call, error, after) => {
    const checkpoint = join(place, 'checkpoints')
    const args = train(rows, '-o', elsewhere, '--checkpoint', checkpoint, '--resume', ...every)
    const FAULT = `${call} ${error} ${after} /.checkpoint-`
    const { code, err } = ended({ args }, { env: { ...process.env, LD_PRELOAD: library, FAULT } })
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(checkpoint) as unknown })
    const names = readdirSync(checkpoint)
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !/^checkpoint-\d+\.safetensors$/.test(name))).toEqual([])
    expect(existsSync(elsewhere)).toBe(false)
    expect(ended({ args })).toMatchObject({ code: 0 })
    const whole = join(folder, 'whole.safetensors')
    expect(ended({ args: train(rows, '-o', whole, ...every.slice(2)) })).toMatchObject({ code: 0 })
    expect(readFileSync(elsewhere).equals(readFileSync(whole))).toBe(true)
  })
})

describe.skipIf(!compiled)('a disk that does not give what it holds', () => {
  const used = ['--on-bad-row', 'skip', '--workers', '1']
  it.each([
    ['the first bytes of the input', 0, rows, train(rows, '-o', elsewhere)],
    ['a block of the input', 100, rows, train(rows, '-o', elsewhere)],
    ['a block of the input, in file order', 3, rows, train(rows, '--no-shuffle', '-o', elsewhere)],
    ['the input of predict', 1, rows, ['predict', model, rows, ...used, '-o', old('predictions')]],
    ['the input of evaluate', 1, rows, ['evaluate', model, rows, ...used]],
    ['the input of inspect', 1, rows, ['inspect', rows]],
    ['the model', 0, model, ['predict', model, rows, ...used, '-o', old('predictions')]],
    ['the second part of the model', 1, model, ['evaluate', model, rows, ...used]],
  ])('ends the run that reads %s', (_what, after, path, args) => {
    const FAULT = `read EIO ${after} ${path}`
    const { code, err } = ended({ args }, { env: { ...process.env, LD_PRELOAD: library, FAULT } })
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('i/o error') as unknown })
    expect(err).toContain(path)
    expect(left()).toEqual(before)
    expect(existsSync(elsewhere)).toBe(false)
  })
})

const asRoot = process.getuid?.() === 0
const NOBODY = 65_534

describe('a folder without permission', () => {
  const named = files.filter(({ calls }) => calls.includes('rename') && calls.includes('open'))
  it.skipIf(!asRoot).each(named.map((file) => [file.what, file] as const))(
    'ends the run that writes its %s there',
    (_what, file) => {
      const { code, err } = ended(file, { uid: NOBODY, gid: NOBODY })
      expect({ code, err }).toMatchObject({
        code: 1,
        err: expect.stringContaining('permission denied') as unknown,
      })
      expect(err).toContain(file.told ?? file.path)
      expect(left()).toEqual(before)
    },
  )

  const replacing = named.filter(({ what }) => what !== 'kept cache' && what !== 'checkpoint')
  it.skipIf(!asRoot).each(replacing.map((file) => [file.what, file] as const))(
    'is told of a file that may not be written, although its folder may: %s',
    (_what, file) => {
      chmodSync(place, 0o777)
      const { code, err } = ended(file, { uid: NOBODY, gid: NOBODY })
      expect({ code, err }).toMatchObject({
        code: 1,
        err: expect.stringContaining('permission denied') as unknown,
      })
      expect(err).toContain(file.told ?? file.path)
      expect(left()).toEqual(before)
    },
  )

  it.skipIf(!asRoot)('is told of the folder of temporary files', () => {
    const temporary = files.filter(({ told }) => told?.startsWith('a temporary') === true)
    expect(temporary).toHaveLength(2)
    for (const file of temporary) {
      const args = file.args.map((argument) => (argument === elsewhere ? join(tmpdir(), 'never') : argument))
      const env = { ...process.env, TMPDIR: place }
      const { code, err } = ended({ ...file, args }, { uid: NOBODY, gid: NOBODY, env })
      expect({ code, err }).toMatchObject({
        code: 1,
        err: expect.stringContaining('permission denied') as unknown,
      })
      expect(err).toContain(place)
    }
  })
})
