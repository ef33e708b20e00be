/** Rows of a stream that pauses are predicted as they arrive; pipes that are held open stand for `tail -f`. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fit, predict } from '../src/index.js'
import { temporaryFolder } from './model-use.js'

const path = temporaryFolder()
const millrace = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const model = path('model.safetensors')

const lines = Array.from({ length: 20_000 }, (_, i) => `${i},${i % 97},"c ${i % 7}"`)
const header = 'id,x,"a\ncolumn"'
const csv = `${header}\n${lines.join('\n')}\n`
let expected: string[] = []

beforeAll(async () => {
  const rows = lines.map((line, i) => `${line},${i % 3 === 0 ? 'yes' : 'no'}`)
  writeFileSync(path('train.csv'), `${header},y\n${rows.join('\n')}\n`)
  await fit({ input: path('train.csv'), target: 'y', ignore: 'id', epochs: 1, workers: 1, out: model })
  writeFileSync(path('rows.csv'), csv)
  await predict({ model, input: path('rows.csv'), keep: 'id', out: path('p.csv'), workers: 1 })
  expected = readFileSync(path('p.csv'), 'utf8').split('\n').slice(0, -1)
})

const children: ChildProcessWithoutNullStreams[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** The command at work on a pipe, and what it has written so far. */
function open(...options: string[]) {
  const args = [millrace, 'predict', model, '-', '--keep', 'id', '--quiet', '--workers', '2', ...options]
  const child = spawn(process.execPath, args)
  children.push(child)
  let out = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  const written = async (count: number): Promise<string[]> => {
    while (out.split('\n').length - 1 < count) await once(child.stdout, 'data')
    return out.split('\n').slice(0, -1)
  }
  return { child, written, text: () => out }
}

describe('a stream that is held open', () => {
  it('is predicted row by row', async () => {
    const { child, written } = open()
    child.stdin.write(`${header}\n`)
    for (let i = 0; i < 3; i++) {
      child.stdin.write(`${lines[i]!}\n`)
      expect(await written(i + 2)).toEqual(expected.slice(0, i + 2))
    }
    // Many rows, and the first half of one: they need not wait for the other half.
    const half = Math.floor(lines[19_999]!.length / 2)
    child.stdin.write(`${lines.slice(3, 19_999).join('\n')}\n${lines[19_999]!.slice(0, half)}`)
    expect((await written(20_000)).length).toBe(20_000)
    child.stdin.end(lines[19_999]!.slice(half))
    expect(await written(20_001)).toEqual(expected)
    expect((await once(child, 'close'))[0]).toBe(0)
  })

  it('may pause in the middle of the header and of a field', async () => {
    const { child, written } = open()
    for (const piece of ['id,x,"a\n', 'column"\n0,', '0,"c 0"', '\n1,1,"c', ' 1"\n']) {
      child.stdin.write(piece)
      // Longer than a pause.
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    expect(await written(3)).toEqual(expected.slice(0, 3))
    child.stdin.end()
    expect((await once(child, 'close'))[0]).toBe(0)
  })

  it('is predicted as it arrives where it is given to the library', async () => {
    let go = (): void => undefined
    const read = new Promise<void>((resolve) => (go = resolve))
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${header}\n${lines.slice(0, 10).join('\n')}\n`)
      await read
      yield Buffer.from(lines.slice(10, 20).join('\n'))
    }
    const { stdout } = process
    const write = stdout.write.bind(stdout)
    let out = ''
    stdout.write = ((chunk: Uint8Array, done: (error?: Error) => void) => {
      out += Buffer.from(chunk).toString()
      if (out.split('\n').length > 11) go()
      done()
      return true
    }) as typeof stdout.write
    try {
      await predict({ model, input: bytes(), keep: 'id', workers: 1 })
    } finally {
      stdout.write = write
    }
    expect(out.split('\n').slice(0, -1)).toEqual(expected.slice(0, 21))
  })
})

describe('a reader that goes away', () => {
  it('ends the run, and what feeds it', async () => {
    const { child, written } = open()
    let fed = true
    const feed = (): void => {
      while (fed && child.stdin.write(`${lines.join('\n')}\n`));
    }
    child.stdin.on('drain', feed).on('error', (error: NodeJS.ErrnoException) => {
      fed = false
      expect(['EPIPE', 'ECONNRESET']).toContain(error.code)
    })
    let errors = ''
    child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
    child.stdin.write(`${header}\n`)
    feed()
    await written(2)
    child.stdout.destroy()
    const [code] = (await once(child, 'close')) as [number]
    expect([code, errors]).toEqual([0, ''])
    expect(fed).toBe(false)
  })
})
