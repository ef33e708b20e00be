import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openServer, type DashboardServer } from '../../../src/report/dashboard/server.js'
import { WatchedRun } from '../../../src/report/dashboard/watched-run.js'
import { eventRecord } from '../../../src/report/event-record.js'
import type { PageMessage } from '../../../src/report/dashboard/picture.js'
import { RunControl } from '../../../src/run/run-control.js'
import type { MillraceError } from '../../../src/errors.js'
import { startEvent, stepEvent } from '../events.js'

const opened: DashboardServer[] = []

async function open(
  checkpoint = true,
): Promise<{ server: DashboardServer; run: WatchedRun; control: RunControl }> {
  const run = new WatchedRun('m')
  run.show(eventRecord(startEvent(), undefined))
  const control = new RunControl()
  const server = await openServer(0, [run], { control, checkpoint })
  opened.push(server)
  return { server, run, control }
}

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
})

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Node's own client sets any Host; fetch does not. */
async function get(url: URL | string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('who is let in', () => {
  it('is who has the token', async () => {
    const { server } = await open()
    const { origin, pathname } = new URL(server.address)
    expect((await get(server.address)).status).toBe(200)
    expect((await get(`http://localhost:${new URL(origin).port}${pathname}`)).status).toBe(200)
    const token = pathname.slice(1, -1)
    // 24 random bytes.
    expect(token).toMatch(/^[\w-]{32}$/)
    const wrong = [
      '/',
      '/index.html',
      '/page.js',
      '/events',
      `/${token.slice(1)}/`,
      `/${token}x/`,
      `//${token}/`,
      `/x/${token}/`,
    ]
    for (const path of wrong) expect((await get(origin + path)).status, path).toBe(403)
    expect((await get(`${origin}/${token.toLowerCase()}X/`)).status).toBe(403)
  })

  it('has another token each time', async () => {
    const [one, other] = [await open(), await open()]
    expect(new URL(one.server.address).pathname).not.toBe(new URL(other.server.address).pathname)
  })

  it('is nobody who names the host otherwise, or comes from elsewhere', async () => {
    const { server } = await open()
    const { host, port } = new URL(server.address)
    for (const foreign of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${Number(port) + 1}`,
      `127.0.0.1.evil.example:${port}`,
    ]) {
      expect((await get(server.address, { host: foreign })).status, foreign).toBe(403)
    }
    for (const foreign of [
      'http://evil.example',
      'null',
      `https://${host}`,
      `http://${host}.evil.example`,
      `http://127.0.0.1:${Number(port) + 1}`,
    ]) {
      expect((await get(server.address, { origin: foreign })).status, foreign).toBe(403)
      expect((await get(`${server.address}pause`, { origin: foreign }, 'POST')).status, foreign).toBe(403)
    }
    expect((await get(server.address, { origin: `http://${host}` })).status).toBe(200)
  })

  it('is nobody from another machine: it listens on the loopback address', async () => {
    const { server } = await open()
    expect(new URL(server.address).hostname).toBe('127.0.0.1')
    // 127.0.0.2 is this machine too, and stands for its other addresses.
    const refused = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(server.address).port), '127.0.0.2')
      socket.on('connect', () => resolve('connected'))
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    })
    expect(refused).toBe('ECONNREFUSED')
  })

  it('gets answers that browsers keep to themselves', async () => {
    const { server } = await open()
    for (const url of [server.address, new URL('/', server.address), `${server.address}nothing`]) {
      const { headers } = await get(url)
      const policy = String(headers['content-security-policy'])
      for (const part of [
        "default-src 'none'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "script-src 'self'",
      ]) {
        expect(policy).toContain(part)
      }
      expect(policy).not.toContain('unsafe')
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
    }
  })
})

describe('the files', () => {
  it('are the page, in less than 150 kB', async () => {
    const { server } = await open()
    let bytes = 0
    for (const [path, type] of [
      ['', 'text/html'],
      ['page.js', 'text/javascript'],
      ['page.css', 'text/css'],
      ['icon.svg', 'image/svg+xml'],
    ] as const) {
      const { status, headers, text } = await get(server.address + path)
      expect(status).toBe(200)
      expect(headers['content-type']).toContain(type)
      bytes += Buffer.byteLength(text)
    }
    expect(bytes).toBeLessThan(150_000)
  })

  it('are no others, and are only read', async () => {
    const { server } = await open()
    for (const path of [
      'x',
      '../package.json',
      '..%2f..%2fpackage.json',
      'page.js/',
      '__proto__',
      'page.js%00',
    ]) {
      expect((await get(server.address + path)).status, path).not.toBe(200)
    }
    expect((await get(server.address, { origin: new URL(server.address).origin }, 'PUT')).status).toBe(405)
    expect((await get(server.address.slice(0, -1))).headers.location).toBe(new URL(server.address).pathname)
  })
})

describe('buttons', () => {
  const post = async (
    server: DashboardServer,
    name: string,
    headers?: Record<string, string>,
  ): Promise<number> =>
    (await get(server.address + name, headers ?? { origin: new URL(server.address).origin }, 'POST')).status

  it('ask the run for what they say', async () => {
    const { server, control } = await open()
    expect(await post(server, 'pause')).toBe(204)
    expect(control.isPaused).toBe(true)
    expect(await post(server, 'resume')).toBe(204)
    expect(control.isPaused).toBe(false)
    expect(await post(server, 'checkpoint')).toBe(204)
    expect(control.takeCheckpointWish()).toBe(true)
    expect(await post(server, 'stop')).toBe(204)
    expect(control.signal.aborted).toBe(true)
  })

  it('are pressed by POST from the page only', async () => {
    const { server, control } = await open()
    expect((await get(`${server.address}stop`)).status).toBe(404)
    // Without an Origin nobody can say where a POST comes from.
    expect(await post(server, 'stop', {})).toBe(403)
    expect(
      (await get(new URL('/stop', server.address), { origin: new URL(server.address).origin }, 'POST'))
        .status,
    ).toBe(403)
    expect(await post(server, 'constructor')).toBe(404)
    expect(control.signal.aborted).toBe(false)
  })

  it('refuse a checkpoint without a folder, and anything when the run has ended', async () => {
    const { server, run, control } = await open(false)
    expect(await post(server, 'checkpoint')).toBe(409)
    expect(control.takeCheckpointWish()).toBe(false)
    run.show({ type: 'interrupted' })
    expect(await post(server, 'pause')).toBe(409)
    expect(control.isPaused).toBe(false)
  })

  it('are not there where there is no run', async () => {
    const server = await openServer(0, [new WatchedRun('file')])
    opened.push(server)
    expect(await post(server, 'stop')).toBe(404)
  })
})

/** Reads events until there are so many; the connection is then closed. */
async function events(
  server: DashboardServer,
  count: number,
  headers: Record<string, string> = {},
  meanwhile?: () => void,
): Promise<{ id: string; message: PageMessage }[]> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.address}events`, { headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
        const found = [...text.matchAll(/^id: (\d+)\ndata: (.*)\n\n/gm)].map(([, id, data]) => ({
          id: id!,
          message: JSON.parse(data!) as PageMessage,
        }))
        if (found.length === 1) meanwhile?.()
        if (found.length >= count) {
          resolve(found)
          asked.destroy()
        }
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('what pages are sent', () => {
  it('is the past, then what is new', async () => {
    const { server, run } = await open()
    for (let step = 1; step <= 5; step++) run.step(stepEvent({ step }))
    const [past, news] = await events(server, 2, {}, () => run.step(stepEvent({ step: 6 })))
    expect(past!.message).toMatchObject({
      type: 'past',
      buttons: { checkpoint: true },
      runs: [{ name: 'm', steps: { step: [1, 2, 3, 4, 5] } }],
    })
    expect(news!.message).toMatchObject({
      type: 'news',
      run: 0,
      steps: { from: 5, step: [6] },
      last: { step: 6 },
    })
  })

  it('is not the past again where a page that comes back has it', async () => {
    const { server, run } = await open()
    run.step(stepEvent())
    const [past] = await events(server, 1)
    await vi.waitFor(() => expect(server.pages).toBe(0))
    const comesBack = events(server, 1, { 'last-event-id': past!.id })
    await vi.waitFor(() => expect(server.pages).toBe(1))
    run.step(stepEvent({ step: 2 }))
    expect((await comesBack)[0]!.message).toMatchObject({ type: 'news', steps: { from: 1, step: [2] } })
    const missed = await events(server, 1, { 'last-event-id': past!.id })
    expect(missed[0]!.message.type).toBe('past')
  })

  it('waits for a page that does not read, and is then everything at once', async () => {
    const { server, run } = await open()
    const { port, pathname } = new URL(server.address)
    const socket = connect(Number(port), '127.0.0.1')
    socket.pause()
    socket.write(`GET ${pathname}events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    await vi.waitFor(() => expect(server.pages).toBe(1))
    const message = 'x'.repeat(50_000)
    for (let i = 0; i < 4000; i++) {
      run.show({ type: 'warning', message: `${i} ${message}` })
      server.tell()
    }
    let text = ''
    socket.setEncoding('utf8').on('data', (part: string) => (text += part))
    socket.resume()
    // The newest of all comes with the rest, though most before it were never sent.
    await vi.waitFor(() => expect(text).toContain('3999 x'), 10_000)
    expect(text).toContain('"type":"past"')
    // 200 MB, were they all kept: there is what the system holds, and twice everything, which is 50 warnings.
    expect(text.length).toBeLessThan(30e6)
    socket.destroy()
  })
})

describe('a port', () => {
  it('that is taken is an error that says what to do', async () => {
    const { server } = await open()
    const port = Number(new URL(server.address).port)
    const error = await openServer(port, []).then(
      () => undefined,
      (reason: unknown) => reason as MillraceError,
    )
    expect(error).toMatchObject({ code: 'DASHBOARD_PORT', kind: 'run', place: { option: 'dashboard' } })
    expect(error!.message).toContain(`port ${port} is in use`)
    expect(error!.hint).toContain('another port')
  })
})
