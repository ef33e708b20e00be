import { closeSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encodeModel } from '../../src/artifact/index.js'
import type { MillraceError } from '../../src/errors.js'
import { download } from '../../src/source/download.js'
import { openSource } from '../../src/source/open-source.js'
import { fit } from '../../src/train.js'
import { cornersCsv, temporaryFolder } from '../train/files.js'
import { readAll, someText } from './bytes.js'
import { serve, type Behaviour } from './server.js'

const { write } = temporaryFolder()
const body = someText(400_000)
const other = Buffer.from(body)
other[100_000]! ^= 1
const etag = '"v1"'
const never = new AbortController().signal
const patience = { most: 3, firstWait: 0.001 }

async function fetched(url: string): Promise<Buffer> {
  const file = await download(url, never, patience)
  const bytes = readFileSync(file.descriptor)
  expect(file.size).toBe(bytes.length)
  closeSync(file.descriptor)
  return bytes
}

describe('a download', () => {
  const cut = (more: Partial<Behaviour> = {}): Behaviour => ({ body, etag, cutAfter: 150_000, ...more })

  it.each<[string, Behaviour[], (string | undefined)[]]>([
    ['whole', [{ body }], [undefined]],
    ['chunked', [{ body, chunked: true }], [undefined]],
    ['empty', [{ body: Buffer.alloc(0) }], [undefined]],
    ['cut twice, with an ETag', [cut(), cut(), { body, etag }], [undefined, etag, etag]],
    [
      'cut, with a date',
      [cut({ etag: undefined, lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT' })],
      [undefined],
    ],
    ['cut, with nothing to tell versions by', [cut({ etag: undefined })], [undefined, undefined]],
    ['cut, with a weak ETag', [cut({ etag: 'W/"v1"' })], [undefined, undefined]],
    ['cut, by a server without ranges', [cut(), { body, etag, ignoreRange: true }], [undefined, etag]],
    [
      'cut twice, by a server without ranges',
      [cut(), cut({ cutAfter: 99, ignoreRange: true }), { body, etag, ignoreRange: true }],
      [undefined, etag, etag],
    ],
    ['refused in the middle', [cut(), { body, status: 503 }, { body, etag }], [undefined, etag, etag]],
    ['compressed for the way', [{ body: gzipSync(body), contentEncoding: 'gzip' }], [undefined]],
    [
      'compressed for the way, and cut',
      [
        cut({ body: gzipSync(body), contentEncoding: 'gzip', cutAfter: 50_000 }),
        { body: gzipSync(body), contentEncoding: 'gzip', etag },
      ],
      [undefined, undefined],
    ],
  ])('%s has all bytes, once', async (_, behaviours, ifRange) => {
    const expected = behaviours[0]!.body.length === 0 ? behaviours[0]!.body : body
    const { url, requests } = await serve(...behaviours)
    expect((await fetched(url)).equals(expected)).toBe(true)
    expect(requests.slice(0, ifRange.length).map(({ headers }) => headers['if-range'])).toEqual(ifRange)
    expect(requests[0]!.headers['accept-encoding']).toBe('identity')
  })

  it.each<[string, Behaviour[]]>([
    ['the ETag', [cut(), { body, etag: '"v2"' }]],
    [
      'the date',
      [
        cut({ etag: undefined, lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT' }),
        { body, lastModified: 'Mon, 07 Nov 1994 08:49:37 GMT' },
      ],
    ],
    ['the size', [cut({ etag: undefined }), { body: Buffer.concat([body, body]) }]],
    ['the bytes, by a server without ranges', [cut(), { body: other, etag, ignoreRange: true }]],
    [
      'the size, to less than there is already',
      [
        cut({ etag: undefined, chunked: true }),
        { body: body.subarray(0, 9), chunked: true, ignoreRange: true },
      ],
    ],
  ])('whose file changed, by %s, is an error', async (_, behaviours) => {
    const { url } = await serve(...behaviours)
    await expect(fetched(url)).rejects.toMatchObject({ code: 'INPUT_CHANGED', kind: 'run' })
  })

  it.each([404, 401, 500])('that is refused with %i is an error at once', async (status) => {
    const { url, requests } = await serve({ body, status })
    await expect(fetched(url)).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringContaining(`${url}: the server answered ${status}`) as string,
    })
    expect(requests).toHaveLength(1)
  })

  it('is given up when connections bring nothing', async () => {
    const { url, requests } = await serve({ body, etag, cutAfter: 1000 }, { body, etag, cutAfter: 0 })
    await expect(fetched(url)).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', place: { byte: 1000 } })
    expect(requests).toHaveLength(1 + patience.most)
  })

  it('from nobody is an error', async () => {
    const { url, close } = await serve({ body })
    close()
    await expect(fetched(url)).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringContaining('ECONNREFUSED') as string,
    })
    await expect(fetched('http://')).rejects.toMatchObject({ code: 'NOT_A_URL', kind: 'usage' })
  })

  it('follows where it is sent, shows no secrets, and sends them', async () => {
    const { url } = await serve({ body })
    const { url: first, requests } = await serve({ body, status: 302, location: url })
    const secret = first.replace('http://', 'http://user:p%40ss@') + '?key=secret'
    expect((await fetched(secret)).equals(body)).toBe(true)
    expect(requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`)
    expect(requests[0]!.url).toBe('/data.csv?key=secret')
    const { url: broken } = await serve({ body, status: 404 })
    const error = await fetched(broken.replace('http://', 'http://user:p%40ss@') + '?key=secret').catch(
      (e: unknown) => e,
    )
    const text = `${(error as MillraceError).message} ${JSON.stringify((error as MillraceError).place)}`
    expect(text).not.toMatch(/user|ss@|secret/)
  })

  it('ends when the run is stopped', async () => {
    const { url } = await serve({ body, cutAfter: 10 }, { body, cutAfter: 0 })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 30)
    await expect(download(url, stop.signal, { most: 100, firstWait: 10 })).rejects.toBeDefined()
  })
})

describe('an address as input', () => {
  it('is a file, or what its content says it is', async () => {
    const { url: plain } = await serve({ body })
    const { url: gzip } = await serve({ body: gzipSync(body) })
    const options = { encoding: undefined, stopped: never }
    const file = await openSource([plain], options)
    expect(file).toMatchObject({ kind: 'files', files: [{ path: plain, size: body.length }] })
    file.close()
    const stream = await openSource([gzip], options)
    if (stream.kind === 'files') throw new Error('not a stream')
    expect((await readAll(stream.parts[0]!.open())).equals(body)).toBe(true)
    stream.close()
  })

  it('whose connection drops twice makes the model that the file makes', async () => {
    const text = Buffer.from(cornersCsv(3000))
    const path = write('corners.csv', text)
    const options = { target: 'amount', ignore: ['late', 'kind'], workers: 2, validation: 0.1 }
    const cutAfter = Math.floor(text.length / 3)
    const { url, requests } = await serve(
      { body: text, etag, cutAfter },
      { body: text, etag, cutAfter },
      { body: text, etag },
    )
    const [fromFile, fromUrl] = [
      await fit({ ...options, input: path }),
      await fit({ ...options, input: url }),
    ]
    expect(requests).toHaveLength(3)
    expect(Buffer.from(encodeModel(fromUrl)).equals(Buffer.from(encodeModel(fromFile)))).toBe(true)
  })

  it('whose file changes in the middle is an error', async () => {
    const { url } = await serve({ body, etag, cutAfter: 5000 }, { body: other, etag: '"v2"' })
    await expect(fit({ input: url, target: 'y' })).rejects.toMatchObject({ code: 'INPUT_CHANGED' })
  })
})
