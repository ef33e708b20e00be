#!/usr/bin/env node
/** The `millrace` command: ties the command line to this process's streams and signals. */

import { runCommandLine } from './run.js'
import { exitCodes, onPutAside } from './session.js'
import { showError } from './show-error.js'
import { runError, type MillraceError } from '../errors.js'
import type { Terminal } from '../report/terminal.js'

const terminal: Terminal = { out: process.stdout, err: process.stderr, env: process.env, onPutAside }

// Whoever read the data has gone (`| head`): no failure, but nothing is left to do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.done : showError(notWritten(error), terminal))
})

// Whoever watched has gone: the run goes on.
process.stderr.on('error', () => {})

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.exit(showError(error, terminal))
  })
}

process.exitCode = await runCommandLine(process.argv.slice(2), terminal)

function notWritten(error: Error): MillraceError {
  return runError(
    'OUTPUT_NOT_WRITTEN',
    `cannot write to standard output: ${error.message}`,
    'check the disk that it is redirected to',
    {},
    error,
  )
}
