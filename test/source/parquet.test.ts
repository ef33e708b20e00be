import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, it } from 'vitest'
import type { ByteStream } from '../../src/source/byte-stream.js'
import { openSource } from '../../src/source/open-source.js'
import type { StreamSource } from '../../src/source/source.js'
import { temporaryFolder } from '../train/files.js'

const { write } = temporaryFolder()
const flights = path.join(
  path.dirname(fileURLToPath(import.meta.resolve('vega-datasets'))),
  '../data/flights-3m.parquet',
)

/** pyarrow 25: write_table({'__proto__': [1, 2], 'constructor': ['a', 'b'], 'toString': [0.5, None]}), not compressed. */
const PROTOTYPES = [
  'UEFSMRUAFSwVLCwVBBUAFQYVBhwAAAACAAAABAEBAAAAAAAAAAIAAAAAAAAAFQAVIBUgLBUEFQAVBhUGHAAAAAIAAAAEAQEA',
  'AABhAQAAAGIVABUcFRwsFQQVABUGFQYcAAAAAgAAAAMBAAAAAAAA4D8VBBlMNQAYBnNjaGVtYRUGABUEJQIYCV9fcHJvdG9f',
  'XwAVDCUCGAtjb25zdHJ1Y3RvciUATBwAAAAVCiUCGAh0b1N0cmluZwAWBBkcGTwmABwVBBklBgAZGAlfX3Byb3RvX18VABYE',
  'FlIWUiYISRwVABUAFQIAPCkGGSYABAAAACYAHBUMGSUGABkYC2NvbnN0cnVjdG9yFQAWBBZGFkYmWkkcFQAVABUCADwWBBkG',
  'GSYABAAAACYAHBUKGSUGABkYCHRvU3RyaW5nFQAWBBZCFkImoAFJHBUAFQAVAgA8KQYZJgICAAAAFtoBFgQmCBbaAQAoIHBh',
  'cnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjUuMC4xGTwcAAAcAAAcAAAAIQEAAFBBUjE=',
].join('')

const open = (...names: string[]) =>
  openSource(names, { encoding: undefined, stopped: new AbortController().signal })

async function firstLines(stream: ByteStream, count: number): Promise<string[]> {
  const into = Buffer.alloc(1 << 20)
  let text = ''
  while (text.split('\n').length <= count) text += into.toString('utf8', 0, await stream.read(into))
  stream.close()
  return text.split('\n').slice(0, count)
}

describe('Parquet', () => {
  it('is a CSV in our own dialect that can be read again', async () => {
    const source = (await open(flights)) as StreamSource
    expect(source).toMatchObject({ kind: 'streams', canonical: true, readOnce: false })
    // Oracle: hyparquet's rows of the same file.
    const file = await asyncBufferFromFile(flights)
    const rows = await parquetReadObjects({ file, compressors, rowEnd: 1000 })
    const names = Object.keys(rows[0]!)
    const expected = rows.map((row) =>
      names.map((name) => (row[name] instanceof Date ? row[name].toISOString() : String(row[name]))).join(),
    )
    for (const pass of [1, 2]) {
      const lines = await firstLines(source.parts[0]!.open(), 1001)
      expect(lines, `${pass}`).toEqual([names.join(), ...expected])
    }
    source.close()
  })

  it('may have columns named as what every object has', async () => {
    const source = (await open(write('names.parquet', Buffer.from(PROTOTYPES, 'base64')))) as StreamSource
    const lines = await firstLines(source.parts[0]!.open(), 3)
    expect(lines).toEqual(['__proto__,constructor,toString', '1,a,0.5', '2,b,'])
    source.close()
  })

  it('that is damaged is an error', async () => {
    const bytes = Buffer.from(readFileSync(flights).subarray(0, 100_000))
    const source = (await open(write('cut.parquet', bytes))) as StreamSource
    await expect(source.parts[0]!.open().read(bytes)).rejects.toMatchObject({ code: 'PARQUET_UNREADABLE' })
    source.close()
  })

  it('is not mixed with text, and not read from a stream', async () => {
    await expect(open(flights, write('text.csv', 'a\n1\n'))).rejects.toMatchObject({
      code: 'INPUT_MIXED',
      kind: 'usage',
    })
    async function* bytes() {
      yield readFileSync(flights).subarray(0, 1000)
    }
    const source = (await openSource(bytes(), {
      encoding: undefined,
      stopped: new AbortController().signal,
    })) as StreamSource
    await expect(source.parts[0]!.open().read(Buffer.alloc(9))).rejects.toMatchObject({
      code: 'PARQUET_IN_STREAM',
    })
  })
})
