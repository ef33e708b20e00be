/** A file on an http server that misbehaves as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

/** Answers one request; `bytes` after which the connection is cut, counted from the start of its body. */
export interface Behaviour {
  body: Buffer
  etag?: string | undefined
  lastModified?: string
  cutAfter?: number
  ignoreRange?: boolean
  /** No Content-Length. */
  chunked?: boolean
  status?: number
  location?: string
  contentEncoding?: string
}

/** Serves one behaviour a request, the last one from then on; tells the requests. */
export async function serve(
  ...behaviours: Behaviour[]
): Promise<{ url: string; requests: IncomingMessage[]; close: () => void }> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    const behaviour = behaviours[Math.min(requests.length, behaviours.length - 1)]!
    requests.push(request)
    answer(behaviour, request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  afterAll(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.csv`, requests, close }
}

function answer(behaviour: Behaviour, request: IncomingMessage, response: ServerResponse): void {
  const { body, etag, lastModified, cutAfter, status, location, contentEncoding } = behaviour
  if (etag !== undefined) response.setHeader('etag', etag)
  if (lastModified !== undefined) response.setHeader('last-modified', lastModified)
  if (location !== undefined) response.setHeader('location', location)
  if (contentEncoding !== undefined) response.setHeader('content-encoding', contentEncoding)
  const ifRange = request.headers['if-range']
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
  const isSame = ifRange === undefined || ifRange === etag || ifRange === lastModified
  const from = asked === undefined || behaviour.ignoreRange === true || !isSame ? 0 : Number(asked)
  const isPart = from > 0
  if (isPart) response.setHeader('content-range', `bytes ${from}-${body.length - 1}/${body.length}`)
  const sent = body.subarray(from)
  if (behaviour.chunked !== true) response.setHeader('content-length', sent.length)
  response.writeHead(status ?? (isPart ? 206 : 200))
  if (cutAfter === undefined || cutAfter >= sent.length) response.end(sent)
  else response.write(sent.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20))
}
