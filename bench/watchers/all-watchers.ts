import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { tap, type Observable } from 'rxjs'
import type { TrainEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { ProgressReport } from '../../src/report/progress.js'
import { sinks } from '../../src/report/sinks.js'
import { train } from '../../src/train.js'

/** Every kind of sink, each to its own place in the folder, which is emptied. */
export function allSinks(folder: string): Partial<TrainOptions> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const places = Object.keys(sinks).map((name) => [
    name,
    name === 'dashboard' ? true : path.join(folder, name),
  ])
  return Object.fromEntries(places) as Partial<TrainOptions>
}

/** A run with a live block on a terminal, all sinks, and a page that reads what the dashboard sends. */
export function watchedRun(options: TrainOptions, watchers: Partial<TrainOptions>): Observable<TrainEvent> {
  let written = 0
  const err = { isTTY: true, columns: 80, rows: 24, write: (text: string) => (written += text.length) }
  const report = new ProgressReport({ out: err, err, env: { TERM: 'xterm-256color', LANG: 'C.UTF-8' } })
  return train({ ...options, ...watchers }).pipe(
    tap((event) => {
      report.show(event)
      if (event.type === 'start' && event.dashboard !== undefined) readPage(event.dashboard)
    }),
  )
}

/** A process that stands for an open page: it reads the events of each dashboard that it is told of until they end. */
const page = spawn(
  process.execPath,
  [
    '--input-type=module',
    '-e',
    `import { createInterface } from 'node:readline'
for await (const address of createInterface(process.stdin)) {
  fetch(address).then(async ({ body }) => { for await (const _ of body); }).catch(() => {})
}`,
  ],
  { stdio: ['pipe', 'ignore', 'inherit'] },
)
page.unref()

function readPage(address: string): void {
  const events = new URL(address)
  events.pathname = path.posix.join(events.pathname, 'events')
  page.stdin.write(`${events.href}\n`)
}
