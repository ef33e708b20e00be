/**
 * Workers that throw, end, hang, run out of memory or trap: the run goes on, and the oracle for its model file is the same
 * run without faults, equal byte for byte. The workers read MILLRACE_FAIL when they start; this thread read it before.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { lastValueFrom, toArray } from 'rxjs'
import { encodeModel } from '../../src/artifact/index.js'
import type { TrainOptions } from '../../src/options.js'
import { fit, train } from '../../src/train.js'
import { cornersCsv, scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const corners = write('corners.csv', cornersCsv(700, false))

/** Values that come into use late, so that vocabularies grow while workers look values up. */
const growing = Array.from({ length: 2000 }, (_, i) => {
  const [a, b] = [scattered(i) * 2 - 1, scattered(i, 0.7548776662) * 2 - 1]
  const c = Math.floor(scattered(i, 0.5698402909) ** 2 * (i < 1000 ? 4 : 400))
  return `${a.toFixed(4)},${b.toFixed(4)},v${c},${a * b > 0 === c < 2 ? 'yes' : 'no'}\n`
})
const xor = write('xor.csv', 'a,b,c,y\n' + growing.join(''))

const linear: TrainOptions = {
  input: corners,
  target: 'kind',
  ignore: 'amount,late',
  weight: 'w',
  validation: 0.2,
  epochs: 2,
  batchSize: 50,
  blockBytes: 1024,
  seed: 7,
}
const network: TrainOptions = {
  input: xor,
  target: 'y',
  validation: 0.2,
  hidden: [13, 7],
  dropout: 0.2,
  epochs: 2,
  batchSize: 64,
  blockBytes: 512,
  seed: 3,
}

afterEach(() => {
  delete process.env['MILLRACE_FAIL']
  delete process.env['MILLRACE_HANG_SECONDS']
})

async function bytesOf(
  options: TrainOptions,
  faults?: string,
): Promise<{ bytes: Buffer; failures: string[] }> {
  if (faults === undefined) delete process.env['MILLRACE_FAIL']
  else process.env['MILLRACE_FAIL'] = faults
  // Using up the memory takes longer than a thread that does nothing needs to be given.
  process.env['MILLRACE_HANG_SECONDS'] = faults?.includes('hang') === true ? '0.3' : '10'
  const events = await lastValueFrom(train(options).pipe(toArray()))
  const done = events.at(-1)!
  if (done.type !== 'done') throw new Error('no model')
  const workers = events.filter((event) => event.type === 'worker')
  const failures = workers.flatMap(({ state, message }) => (state === 'failed' ? [message!] : []))
  return { bytes: Buffer.from(encodeModel(done.model)), failures }
}

const machines: Partial<TrainOptions>[] = [
  { workers: 1, placement: 'inline' },
  { workers: 2, placement: 'pool' },
  { workers: 5, placement: 'pool' },
]

/** A thread that hangs or fills its memory takes its time: these are tried on one machine, and on all with MILLRACE_THOROUGH=1. */
function machinesFor(faults: string): Partial<TrainOptions>[] {
  const slow = /hang|memory/.test(faults) && process.env['MILLRACE_THOROUGH'] !== '1'
  return slow ? machines.slice(1, 2) : machines
}

/** Before any fault is asked for. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => (made ??= make())
}

const PATIENCE = 90_000

describe.each([
  ['a linear model', linear],
  ['a network whose vocabulary grows', network],
])('%s', (_, options) => {
  const whole = once(() => bytesOf({ ...options, workers: 1, placement: 'inline' }))

  it.each([
    ['before parse=throw@2', 'threw "the fail point'],
    ['after parse=throw@3', 'threw "the fail point'],
    ['before parse=exit@p0.03', 'ended with code 77'],
    ['after parse=exit@p0.03', 'ended with code 77'],
    ['before parse=hang@p0.02', 'gave no answer for'],
    ['after parse=hang@p0.02', 'gave no answer for'],
    ['after parse=memory@p0.05', 'ran out of memory'],
    ['after parse=trap@3', 'trapped: unreachable'],
    ['before parse=throw@p0.1;after parse=exit@p0.02', 'a worker'],
  ])(
    'is the same to the bit with %s in every worker',
    async (faults, told) => {
      const expected = await whole()
      for (const machine of machinesFor(faults)) {
        const { bytes, failures } = await bytesOf({ ...options, ...machine }, faults)
        expect(failures.join('\n')).toContain(told)
        expect(bytes.equals(expected.bytes), JSON.stringify(machine)).toBe(true)
      }
    },
    PATIENCE,
  )
})

describe('a network whose gradients take long enough for the workers to help', () => {
  const options = { ...network, hidden: [512, 64], batchSize: 400, epochs: 5 }
  const whole = once(() => bytesOf({ ...options, workers: 1, placement: 'inline' }))

  it.each([
    ['before gradient=throw@2', 'threw "the fail point'],
    ['after gradient=throw@1', 'threw "the fail point'],
    ['before gradient=exit@3', 'ended with code 77'],
    ['after gradient=exit@2', 'ended with code 77'],
    ['before gradient=hang@6', 'gave no answer for'],
    ['after gradient=hang@5', 'gave no answer for'],
    ['after gradient=memory@2', 'ran out of memory'],
    ['after gradient=trap@2', 'trapped: unreachable'],
  ])(
    'is the same to the bit with %s in every worker',
    async (faults, told) => {
      const expected = await whole()
      for (const machine of machinesFor(faults).filter(({ placement }) => placement === 'pool')) {
        const { bytes, failures } = await bytesOf({ ...options, ...machine }, faults)
        expect(failures.join('\n')).toContain(told)
        expect(bytes.equals(expected.bytes), JSON.stringify(machine)).toBe(true)
      }
    },
    PATIENCE,
  )
})

describe('workers that always fail', () => {
  it.each([
    ['before parse=throw@1+', 'threw "the fail point'],
    ['before parse=exit@1+', 'ended with code 77'],
    ['no such point=throw', 'MILLRACE_FAIL has'],
  ])('end the run: %s', async (faults, told) => {
    process.env['MILLRACE_FAIL'] = faults
    await expect(fit({ ...linear, workers: 2, maxWorkerFailures: 3 })).rejects.toMatchObject({
      code: 'WORKERS_FAILED',
      message: expect.stringContaining(told) as string,
    })
  })

  it.each(['of a file', 'of a stream'])(
    'end the run with an error of its own where the kernel traps, and the block %s is saved',
    (what) => {
      const place = mkdtempSync(join(folder, 'trap-'))
      const stream = what === 'of a stream'
      const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
      const args = ['--target', 'amount', '--workers', '2', '--block-bytes', '4KiB', '-o', 'm.safetensors']
      const run = (input: string, fail: string) =>
        spawnSync(process.execPath, [command, 'train', input, ...args], {
          cwd: place,
          encoding: 'utf8',
          env: { ...process.env, MILLRACE_FAIL: fail },
          input: stream && input === '-' ? readFileSync(corners) : '',
        })
      const { status, stderr } = run(stream ? '-' : corners, 'before parse=trap@1+')
      expect(status).toBe(1)
      const [, first, last] =
        /trapped: unreachable, twice; .* it was at bytes (\d+) … (\d+)/s.exec(stderr) ?? []
      // Several blocks may have been at it at once; the first one ends the run.
      const [csv] = /millrace-trap-[0-9a-f]{12}\.csv/.exec(stderr)!
      const json = csv.replace('.csv', '.json')
      const head = readFileSync(corners, 'utf8').split('\r\n', 1)[0]!
      const block = readFileSync(corners).subarray(Number(first), Number(last) + 1)
      expect(readFileSync(join(place, csv)).equals(Buffer.concat([Buffer.from(`${head}\n`), block]))).toBe(
        true,
      )
      expect(JSON.parse(readFileSync(join(place, json), 'utf8'))).toMatchObject({
        byte: Number(first),
        dialect: { delimiter: ',' },
      })
    },
  )

  it('end the run at once where it is the system that cannot read', async () => {
    process.env['MILLRACE_FAIL'] = 'before parse=EIO@2'
    await expect(fit({ ...linear, workers: 2 })).rejects.toMatchObject({ code: 'READ_FAILED' })
  })
})
