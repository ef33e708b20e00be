import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { closeFiles, oneAfterTheOther, openFile, readAt } from '../../src/source/files.js'
import { FileStream } from '../../src/source/byte-stream.js'
import { resolveInput } from '../../src/source/input.js'
import { ReplayedStream } from '../../src/source/replayed-stream.js'
import { temporaryFolder } from '../train/files.js'

const { folder } = temporaryFolder()
for (const name of [
  'a1.csv',
  'a2.csv',
  'a10.csv',
  'b.txt',
  '.hidden.csv',
  'c[1].csv',
  'sub/d.csv',
  'sub/deep/e.csv',
  '.git/f.csv',
]) {
  mkdirSync(join(folder, name, '..'), { recursive: true })
  writeFileSync(join(folder, name), `bytes of ${name}`)
}

const matches = (pattern: string) => {
  const input = resolveInput([join(folder, pattern)])
  return input.kind === 'files' ? input.paths.map((path) => path.slice(folder.length + 1)) : []
}

describe('an input', () => {
  // Oracle: what bash expands with globstar.
  it.each([
    ['a1.csv', ['a1.csv']],
    ['a*.csv', ['a1.csv', 'a10.csv', 'a2.csv']],
    ['a?.csv', ['a1.csv', 'a2.csv']],
    ['a[2-9].csv', ['a2.csv']],
    ['a[!2].csv', ['a1.csv']],
    ['.h*', ['.hidden.csv']],
    ['*/d.csv', ['sub/d.csv']],
    ['sub/**/*.csv', ['sub/d.csv', 'sub/deep/e.csv']],
    ['**/[de].csv', ['sub/d.csv', 'sub/deep/e.csv']],
    ['sub/../b.t?t', ['b.txt']],
  ])('%s names %j', (pattern, names) => {
    // The pattern's own `..` stays in the path.
    expect(matches(pattern).map((name) => name.replace('sub/../', ''))).toEqual(names)
  })

  it('that exists is itself, whatever its name looks like', () => {
    expect(matches('c[1].csv')).toEqual(['c[1].csv'])
  })

  it('may be standard input, alone', () => {
    expect(resolveInput(['-'])).toEqual({ kind: 'stream', name: 'standard input' })
    expect(() => resolveInput(['-', 'a.csv'])).toThrow(
      expect.objectContaining({ code: 'INPUT_MIXED', kind: 'usage' }),
    )
  })

  it.each(['none.csv', 'none-*.csv', 'b.txt/*', 'sub/*.txt'])('%s is an error: there is none', (pattern) => {
    expect(() => matches(pattern)).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND', kind: 'run' }))
  })
})

describe('files', () => {
  it('lie one after the other in the whole input, and are read at any place', () => {
    const files = oneAfterTheOther(['a1.csv', 'b.txt'].map((name) => openFile(join(folder, name))))
    expect(files.map(({ size, base }) => [size, base])).toEqual([
      [15, 0],
      [14, 15],
    ])
    const into = Buffer.alloc(20)
    expect(readAt(files[0]!, into, 20, 9)).toBe(6)
    expect(into.toString('latin1', 0, 6)).toBe('a1.csv')
    closeFiles(files)
  })

  it('that cannot be opened are an error', () => {
    expect(() => openFile(join(folder, 'none'))).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }))
    expect(() => openFile(folder)).toThrow(expect.objectContaining({ code: 'NOT_A_FILE' }))
  })
})

describe('a stream of files, replayed', () => {
  it('gives every byte once, part by part', async () => {
    const files = oneAfterTheOther(['a1.csv', 'a10.csv'].map((name) => openFile(join(folder, name))))
    const parts: string[] = []
    for (const file of files) {
      const stream = new FileStream(file)
      const start = Buffer.alloc(5)
      expect(await stream.read(start)).toBe(5)
      const replayed = new ReplayedStream(new Uint8Array(start), stream)
      let text = ''
      const into = Buffer.alloc(3)
      for (let read = await replayed.read(into); read > 0; read = await replayed.read(into))
        text += into.toString('latin1', 0, read)
      parts.push(`${replayed.name.slice(folder.length + 1)}: ${text}`)
      replayed.close()
    }
    expect(parts).toEqual(['a1.csv: bytes of a1.csv', 'a10.csv: bytes of a10.csv'])
    closeFiles(files)
  })
})
