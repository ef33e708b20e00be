/** Runs the command line inside the test's own process. */

import { expect } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import { captureTerminal } from '../report/capture.js'

export async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = captureTerminal()
  const code = await runCommandLine(args, terminal)
  return { code, out: terminal.outText(), err: terminal.errText() }
}

const signals = ['SIGINT', 'SIGTERM'] as const
const others = new Set<unknown>(signals.flatMap((signal) => process.listeners(signal)))

/** Handlers of a signal that a command has added: not the test runner's. */
export function addedHandlers(signal: (typeof signals)[number]): NodeJS.SignalsListener[] {
  return process.listeners(signal).filter((handler) => !others.has(handler))
}

/** Fails until a command listens for SIGINT and SIGTERM. */
export function expectHandlers(): void {
  for (const signal of signals) expect(addedHandlers(signal)).toHaveLength(1)
}

/** Calls the handlers that a command has added, as SIGINT would. */
export function interrupt(): void {
  for (const handler of addedHandlers('SIGINT')) handler('SIGINT')
}

/** Takes away what an interrupted command keeps for a second signal. */
export function removeHandlers(): void {
  for (const signal of signals) for (const handler of addedHandlers(signal)) process.off(signal, handler)
}
