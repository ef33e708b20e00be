import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encodeModel } from '../../src/artifact/index.js'
import type { Input } from '../../src/options.js'
import { openSource } from '../../src/source/open-source.js'
import { fit } from '../../src/train.js'
import { scattered, temporaryFolder } from '../train/files.js'
import { readAll } from './bytes.js'

const { folder, write } = temporaryFolder()
const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const csv = 'a,b\n1,é\n'

const open = (...names: string[]) =>
  openSource(names, { encoding: undefined, stopped: new AbortController().signal })

const plain = write('plain.csv', csv)
const named = write('plain.csv.gz', csv)
const gzip = write('gzip', gzipSync(csv))
const utf16 = write('utf16.csv', Buffer.from(`\ufeff${csv}`, 'utf16le'))
const marked = write('marked.csv', `\ufeff${csv}`)

describe('files', () => {
  it('of UTF-8 stay files, whatever their name', async () => {
    const source = await open(plain, named, marked)
    expect(source.kind).toBe('files')
    expect(source.files?.map(({ size }) => size)).toEqual([9, 9, 12])
    source.close()
  })

  it.each([
    ['compressed', [gzip]],
    ['in another encoding', [utf16]],
    ['of several kinds', [plain, gzip, utf16, gzip]],
  ])('%s are streams of UTF-8 that can be opened again', async (_, names) => {
    const source = await open(...names)
    if (source.kind === 'files') throw new Error('not streams')
    expect(source.readOnce).toBe(false)
    expect(source.files?.map(({ path }) => path)).toEqual(names)
    for (const pass of [1, 2]) {
      for (const part of source.parts) expect((await readAll(part.open())).toString(), `${pass}`).toBe(csv)
    }
    source.close()
  })

  it('take the encoding they are said to have', async () => {
    const stopped = new AbortController().signal
    const latin1 = write('latin1.csv', Buffer.from(csv, 'latin1'))
    const source = await openSource([latin1], { encoding: 'latin1', stopped })
    expect(source.kind === 'streams' && (await readAll(source.parts[0]!.open())).toString()).toBe(csv)
    source.close()
    const asItIs = await openSource([utf16], { encoding: 'utf-8', stopped })
    expect(asItIs.kind).toBe('files')
    asItIs.close()
  })

  it('that are missing are an error', async () => {
    await expect(open(plain, `${folder}/none.csv`)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
})

/** Rows of a straight line with noise, and a category. */
const rows = Array.from({ length: 3000 }, (_, i) => ({
  x: scattered(i),
  kind: i % 3 === 0 ? 'a, b' : 'c',
  y: 3 * scattered(i) + (i % 3) + scattered(i, 0.7548776662) / 10,
}))
const rowText = `x,kind,y\n${rows.map(({ x, kind, y }) => `${x},${kind === 'c' ? kind : `"${kind}"`},${y}\n`).join('')}`

async function trained(input: Input, options: object = {}): Promise<Buffer> {
  return Buffer.from(encodeModel(await fit({ input, target: 'y', workers: 1, epochs: 1, ...options })))
}

async function* chunks(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 7001) yield bytes.subarray(at, at + 7001)
}

describe('the same text', () => {
  it('makes the same model in whatever stream it comes', async () => {
    const expected = await trained(chunks(Buffer.from(rowText)))
    const same: Record<string, Input> = {
      gzip: write('rows.csv.gz', gzipSync(rowText)),
      'UTF-16': write('rows16.csv', Buffer.from(`\ufeff${rowText}`, 'utf16le')),
      'bytes of gzip': chunks(gzipSync(rowText)),
      rows,
    }
    for (const [how, input] of Object.entries(same)) {
      expect((await trained(input)).equals(expected), how).toBe(true)
    }
  })

  it('is read with the dialect in which rows are written here, whatever the options say', async () => {
    const model = await fit({
      input: rows,
      target: 'y',
      delimiter: ';',
      header: false,
      quote: "'",
      workers: 1,
    })
    expect(model.schema.dialect).toMatchObject({ delimiter: ',', header: true, quote: '"' })
  })
})

describe('standard input', () => {
  it.each([
    ['gzip', gzipSync(rowText)],
    ['UTF-16', Buffer.from(`\ufeff${rowText}`, 'utf16le')],
  ])('may be %s', (how, bytes) => {
    const out = `${folder}/${how}.safetensors`
    const args = [main, 'train', '-', '--target', 'y', '--workers', '1', '--epochs', '1', '--quiet', '--json']
    const result = execFileSync(process.execPath, [...args, '-o', out], { input: bytes })
    expect(JSON.parse(result.toString())).toMatchObject({ rows: { read: rows.length, trained: rows.length } })
  })
})
