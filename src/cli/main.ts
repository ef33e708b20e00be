#!/usr/bin/env node
/** The `millrace` command: ties the command line to this process's streams and signals. */

import { runCommandLine } from './run.js'
import { showError } from './show-error.js'
import type { Terminal } from '../report/terminal.js'

const terminal: Terminal = { out: process.stdout, err: process.stderr, env: process.env }

// Whoever read our output has gone (`| head`): nobody is left to be told, and it is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1)
  })
}

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.exit(showError(error, terminal))
  })
}

process.exitCode = await runCommandLine(process.argv.slice(2), terminal)
