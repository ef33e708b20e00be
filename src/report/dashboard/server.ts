import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { runError, type MillraceError } from '../../errors.js'
import type { RunControl } from '../../run/run-control.js'
import { Guard, securityHeaders } from './guard.js'
import { readPageFiles, type PageFile } from './page-files.js'
import { PageStreams } from './page-streams.js'
import type { PastMessage } from './picture.js'
import type { WatchedRun } from './watched-run.js'

const ADDRESS = '127.0.0.1'
/** Milliseconds between two messages to the pages. */
const INTERVAL = 200
/** Milliseconds that pages have at the end to take the last message. */
const GRACE = 250

/** What can be asked of a run by buttons. */
export interface Buttons {
  readonly control: RunControl
  /** Whether there is a folder for checkpoints. */
  readonly checkpoint: boolean
}

/**
 * Shows runs to pages on this machine. It never keeps a process alive: who wants that waits for something else.
 *
 * port: 0 for any free one. Throws a MillraceError where it cannot be had.
 */
export async function openServer(
  port: number,
  runs: readonly WatchedRun[],
  buttons?: Buttons,
): Promise<DashboardServer> {
  const files = await readPageFiles()
  const server = createServer()
  server.on('connection', (socket) => socket.unref())
  server.listen(port, ADDRESS)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw notListening(port, error as NodeJS.ErrnoException)
  }
  server.unref()
  return new DashboardServer(server, files, runs, buttons)
}

export class DashboardServer {
  /** With the token: who has it can see the run, and stop it. */
  readonly address: string
  readonly #guard: Guard
  readonly #streams = new PageStreams()
  readonly #timer: NodeJS.Timeout

  constructor(
    private readonly server: Server,
    private readonly files: ReadonlyMap<string, PageFile>,
    private readonly runs: readonly WatchedRun[],
    private readonly buttons: Buttons | undefined,
  ) {
    const { port } = server.address() as AddressInfo
    this.#guard = new Guard(port)
    this.address = `http://${ADDRESS}:${port}/${this.#guard.token}/`
    server.on('request', (request, response) => this.#answer(request, response))
    this.#timer = setInterval(() => this.tell(), INTERVAL).unref()
  }

  /** That are open. */
  get pages(): number {
    return this.#streams.count
  }

  /** Sends what is new to the pages; also done ten times a second. */
  tell(): void {
    this.#streams.catchUp(this.#everything)
    this.runs.forEach((run, i) => {
      const news = run.take(i)
      if (news === 'everything') this.#streams.sendEverything(this.#everything)
      else if (news !== undefined) this.#streams.send(news)
    })
  }

  /** Sends the last news, and gives the pages a moment to take it. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.tell()
    this.#streams.end()
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeIdleConnections()
    const late = setTimeout(() => this.server.closeAllConnections(), GRACE)
    await closed
    clearTimeout(late)
  }

  readonly #everything = (): PastMessage => ({
    type: 'past',
    runs: this.runs.map((run) => run.past()),
    buttons: this.buttons && { checkpoint: this.buttons.checkpoint },
  })

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    const path = this.#guard.pathOf(request)
    if (path === undefined) refuse(response, 403, 'open the whole address that millrace has printed')
    else if (request.method === 'POST') this.#command(path, response)
    else if (request.method !== 'GET') refuse(response, 405, 'GET or POST')
    else if (path === '') response.writeHead(308, { Location: `/${this.#guard.token}/` }).end()
    else if (path === '/events') this.#stream(request, response)
    else this.#file(path, response)
  }

  #file(path: string, response: ServerResponse): void {
    const file = this.files.get(path)
    if (file === undefined) refuse(response, 404, 'no such file')
    else response.writeHead(200, { 'Content-Type': file.type }).end(file.body)
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    const lastId = request.headers['last-event-id']
    // The pages that are open must not be told again what this one is told now.
    this.tell()
    if (!this.#streams.open(response, typeof lastId === 'string' ? lastId : undefined, this.#everything)) {
      refuse(response, 503, 'too many pages are open')
    }
  }

  #command(path: string, response: ServerResponse): void {
    const { buttons } = this
    const name = path.slice(1)
    if (buttons === undefined || !isCommand(name)) {
      refuse(response, 404, 'no such command')
    } else if (!['running', 'paused', 'waiting'].includes(this.runs[0]!.status)) {
      refuse(response, 409, 'the run has ended')
    } else if (name === 'checkpoint' && !buttons.checkpoint) {
      refuse(response, 409, 'the run was given no --checkpoint folder')
    } else {
      buttons.control[name]()
      response.writeHead(204).end()
    }
  }
}

const commands = ['pause', 'resume', 'checkpoint', 'stop'] as const

function isCommand(name: string): name is (typeof commands)[number] {
  return (commands as readonly string[]).includes(name)
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${reason}\n`)
}

function notListening(port: number, error: NodeJS.ErrnoException): MillraceError {
  const isTaken = error.code === 'EADDRINUSE'
  return runError(
    'DASHBOARD_PORT',
    isTaken
      ? `dashboard: port ${port} is in use by another program`
      : `dashboard: cannot listen on port ${port} of ${ADDRESS}: ${error.message}`,
    'give another port, or none: any free one is taken then',
    { option: 'dashboard' },
    error,
  )
}
