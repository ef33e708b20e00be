/** An input that somebody changes while it is read: the run ends and says so, and leaves what was there. */
import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { BlockParser } from '../../src/engine/parser.js'
import { evaluate } from '../../src/evaluate.js'
import type { TrainOptions } from '../../src/options.js'
import { predict } from '../../src/predict.js'
import { fit, train } from '../../src/train.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const millrace = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

const ROWS = 20_000
const lines = Array.from(
  { length: ROWS },
  (_, i) => `${(scattered(i) * 40).toFixed(3)},c${i % 9},${i % 3 === 0 ? 'no' : 'yes'}\n`,
)
const text = `x,c,y\n${lines.join('')}`
const base = { target: 'y', workers: 1, batchSize: 64, blockBytes: 4096 } as const

/** What may happen to a file, and what is told of it. */
const changes: [what: string, change: (path: string, content: Buffer) => void, told: string][] = [
  ['cut short', (path, { length }) => truncateSync(path, length >> 1), 'bytes and has'],
  ['emptied', (path) => truncateSync(path, 0), 'has 0 now'],
  ['appended to', (path) => appendFileSync(path, '1,c1,no\n'), 'bytes and has'],
  [
    'written over by something else',
    (path, { length }) => writeFileSync(path, Buffer.alloc(length, 'x')),
    'written to',
  ],
  ['written over with zeros', (path, { length }) => writeFileSync(path, Buffer.alloc(length)), 'written to'],
  ['touched', (path) => utimesSync(path, 1e9, 1e9), 'written to'],
  [
    'replaced',
    (path, content) => {
      writeFileSync(`${path}.new`, content)
      renameSync(`${path}.new`, path)
    },
    'another file took its place',
  ],
  ['removed', (path) => rmSync(path), 'removed or renamed'],
  ['renamed', (path) => renameSync(path, `${path}.old`), 'removed or renamed'],
  ['no longer readable', (path) => chmodSync(path, 0), 'its permissions'],
]

/** Fails as an input that has changed does, and leaves the file that was to be written as it was. */
async function expectChanged(
  running: Promise<unknown>,
  input: string,
  out: string,
  told: string,
): Promise<void> {
  await expect(running).rejects.toMatchObject({
    code: 'INPUT_CHANGED',
    kind: 'run',
    place: { file: input },
    message: expect.stringContaining(told) as unknown,
  })
  expect(readFileSync(out, 'utf8')).toBe('old')
  await expect.poll(() => readdirSync(folder).filter((name) => name.includes('.partial'))).toEqual([])
}

describe('an input that changes while a model is trained', () => {
  const ways: [way: string, options: Partial<TrainOptions>, content: Buffer][] = [
    ['in lanes', {}, Buffer.from(text)],
    ['in file order', { shuffle: false }, Buffer.from(text)],
    ['compressed', {}, gzipSync(text)],
  ]
  for (const [way, options, content] of ways) {
    it.each(changes)(`${way}, being %s, ends the run`, async (what, change, told) => {
      const input = write(`${way} ${what}.csv`, content)
      const out = write(`${way} ${what}.safetensors`, 'old')
      let steps = 0
      const running = new Promise((resolve, reject) => {
        train({ ...base, ...options, input, out, epochs: 1 }).subscribe({
          next: ({ type }) => {
            if (type === 'step' && steps++ === 5) change(input, content)
          },
          error: reject,
          complete: () => resolve('it went on'),
        })
      })
      await expectChanged(running, input, out, told)
    })
  }

  it('is told in a later pass, whose rows come from the cache', async () => {
    const input = write('second.csv', text)
    const out = write('second.safetensors', 'old')
    const running = new Promise((resolve, reject) => {
      train({ ...base, input, out, epochs: 3 }).subscribe({
        next: (event) => {
          if (event.type === 'step' && event.epoch === 2) truncateSync(input, 1000)
        },
        error: reject,
        complete: () => resolve('it went on'),
      })
    })
    await expectChanged(running, input, out, 'has 1000 now')
  })

  it('is told of the second of two files', async () => {
    const [first, second] = [write('one.csv', text), write('two.csv', text)]
    const out = write('two.safetensors', 'old')
    const running = new Promise((resolve, reject) => {
      train({ ...base, input: [first, second], out, epochs: 1 }).subscribe({
        next: ({ type }) => {
          if (type === 'step') truncateSync(second, 1000)
        },
        error: reject,
        complete: () => resolve('it went on'),
      })
    })
    await expectChanged(running, second, out, 'has 1000 now')
  })
})

describe('an input that changes while a model is used', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })
  const model = join(folder, 'model.safetensors')

  /** Calls `change` when the first block of rows is handed to a worker: nothing of it has been written by then. */
  function atFirstBlock(change: () => void): void {
    const original = BlockParser.prototype.parse
    vi.spyOn(BlockParser.prototype, 'parse').mockImplementationOnce(function (this: BlockParser, slot) {
      change()
      return original.call(this, slot)
    })
  }

  it.each(changes)('being %s, ends predicting and evaluating', async (what, change, told) => {
    if (!existsSync(model)) await fit({ ...base, input: write('good.csv', text), out: model, epochs: 1 })
    const content = Buffer.from(text)
    for (const use of [predict, evaluate]) {
      const input = write(`${use.name} ${what}.csv`, content)
      const out = write(`${use.name} ${what}.out`, 'old')
      atFirstBlock(() => change(input, content))
      await expectChanged(use({ model, input, out, workers: 1, memory: '4MiB' }), input, out, told)
      vi.restoreAllMocks()
    }
  })
})

describe('an input that cannot be read any more', () => {
  // The memory of a process is a file whose first bytes the system answers with EIO.
  it.skipIf(!existsSync('/proc/self/mem'))('says so of standard input', () => {
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', `"$0" "$1" train - --target y < /proc/$$/mem; exit $?`, process.execPath, millrace],
      {
        encoding: 'utf8',
        cwd: folder,
      },
    )
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('EIO') as unknown })
    expect(stderr).toContain('standard input could not be read')
  })
})

describe('standard input', () => {
  /** What the command says of bytes that come in two pieces and then end. */
  async function fed(bytes: Buffer, out: string): Promise<{ code: number | null; err: string }> {
    const child = spawn(process.execPath, [
      millrace,
      'train',
      '-',
      '--target',
      'y',
      '--workers',
      '1',
      '--quiet',
      '-o',
      out,
    ])
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (err += piece))
    child.stdin.write(bytes.subarray(0, bytes.length / 2))
    setTimeout(() => child.stdin.end(bytes.subarray(bytes.length / 2)), 200)
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    return { code, err }
  }

  it('may end wherever a record does', async () => {
    const out = join(folder, 'fed.safetensors')
    expect(await fed(Buffer.from(text.slice(0, text.indexOf('\n', text.length / 2))), out)).toMatchObject({
      code: 0,
      err: '',
    })
    expect(existsSync(out)).toBe(true)
  })

  it('that ends within gzip is an error', async () => {
    const out = write('cut.safetensors', 'old')
    const { code, err } = await fed(gzipSync(text).subarray(0, 60_000), out)
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('cut short') as unknown })
    expect(readFileSync(out, 'utf8')).toBe('old')
  })
})
