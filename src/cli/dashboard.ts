/** `millrace dashboard` */

import type { Command } from 'commander'
import { printable } from '../errors.js'
import { wrongOption } from '../options/model.js'
import { whole } from '../options/rules.js'
import type { DashboardServer } from '../report/dashboard/server.js'
import type { FollowedFile } from '../report/dashboard/followed-file.js'
import { numberOrText } from './option-groups.js'
import { exitCodes, untilInterrupted, type Session } from './session.js'
import { showError } from './show-error.js'

/** Milliseconds between two looks at the files. */
const INTERVAL = 250
const anyPort = whole(0, 65535)

/** Adds the command. */
export function defineDashboard(program: Command, session: Session): void {
  program
    .command('dashboard')
    .description('Show event files on a page, of runs that have ended or still go; of several, side by side.')
    .argument('<events...>', 'files that millrace train --events writes, has written, or will write')
    .helpOption('-h, --help', 'print this help')
    .option('--port <n>', 'of the page on 127.0.0.1 (default: any free one)', numberOrText)
    .action(async (paths: string[], { port = 0 }: { port?: number }) => {
      if (!anyPort.holds(port)) throw wrongOption('port', anyPort.expected, port)
      session.exitCode = await showFiles(paths, port, session)
    })
}

async function showFiles(paths: readonly string[], port: number, { terminal }: Session): Promise<number> {
  const { openServer } = await import('../report/dashboard/server.js')
  const { WatchedRun } = await import('../report/dashboard/watched-run.js')
  const { FollowedFile } = await import('../report/dashboard/followed-file.js')
  const runs = paths.map((path) => new WatchedRun(path))
  const files = paths.map((path, i) => new FollowedFile(path, runs[i]!))
  for (const file of files) {
    if (!(await file.read())) terminal.err.write(`waiting for ${printable(file.path)}\n`)
  }
  const server: DashboardServer = await openServer(port, runs)
  terminal.err.write(`dashboard: ${server.address}\nCtrl-C ends it\n`)
  const stop = follow(files, (error) => showError(error, terminal))
  await untilInterrupted()
  await stop()
  await server.close()
  return exitCodes.done
}

/** Looks at the files again and again; returns a function that ends it. */
function follow(files: readonly FollowedFile[], failed: (error: unknown) => void): () => Promise<void> {
  let isOver = false
  let wake = (): void => undefined
  const look = async (): Promise<void> => {
    while (!isOver) {
      for (const file of files) await file.read().catch(failed)
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, INTERVAL)
      })
    }
  }
  const looking = look()
  return async () => {
    isOver = true
    wake()
    await looking
  }
}
