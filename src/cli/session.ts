/** What the commands share: where they write, and how a run is stopped. */

import type { Terminal } from '../report/terminal.js'

/** The status that the process ends with. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

export interface Session {
  readonly terminal: Terminal
  exitCode: number
}

/** Milliseconds that an interrupted run has to put its threads away. */
const GRACE = 3000

/**
 * Calls `stop` at the first SIGINT or SIGTERM; a second one ends the process at once. Returns a function that takes
 * the handlers away. `grace`: milliseconds after which the process ends in any case; a run that has a checkpoint to write is
 * given as long as that takes.
 */
export function onInterrupt(stop: () => void, grace = GRACE): () => void {
  let interrupted = false
  const signals = ['SIGINT', 'SIGTERM'] as const
  const handle = (): void => {
    if (interrupted) process.exit(exitCodes.interrupted)
    interrupted = true
    if (grace < Infinity) exitAfter(grace)
    stop()
  }
  for (const signal of signals) process.on(signal, handle)
  return () => {
    // After an interruption the handlers stay, for a second signal while threads are being put away.
    if (interrupted) exitAfter(GRACE)
    else for (const signal of signals) process.off(signal, handle)
  }
}

/** Does not keep the process alive; it ends one that something else does. */
function exitAfter(milliseconds: number): void {
  setTimeout(() => process.exit(exitCodes.interrupted), milliseconds).unref()
}

/** Calls the listener before the process is put aside (Ctrl-Z); returns what takes it away. */
export function onPutAside(listener: () => void): () => void {
  const signal = 'SIGTSTP'
  if (process.platform === 'win32') return () => undefined
  const handle = (): void => {
    listener()
    // What the system does of itself, which is nothing where no shell could let the process go on.
    process.off(signal, handle)
    process.once('SIGCONT', listen)
    process.kill(process.pid, signal)
  }
  const listen = (): void => void process.on(signal, handle)
  listen()
  return () => {
    process.off(signal, handle)
    process.off('SIGCONT', listen)
  }
}

/** Runs a task that stops when its signal is aborted; returns undefined where it was interrupted. */
export async function interruptible<Result>(
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const controller = new AbortController()
  const release = onInterrupt(() => {
    controller.abort()
  })
  const aborted = new Promise<undefined>((resolve) => {
    controller.signal.addEventListener('abort', () => {
      resolve(undefined)
    })
  })
  try {
    return await Promise.race([aborted, task(controller.signal)])
  } finally {
    release()
  }
}

/** Keeps the process until SIGINT or SIGTERM. */
export async function untilInterrupted(): Promise<void> {
  const awake = setInterval(() => undefined, 2 ** 30)
  const signals = ['SIGINT', 'SIGTERM'] as const
  let end = (): void => undefined
  await new Promise<void>((resolve) => {
    end = resolve
    for (const signal of signals) process.on(signal, end)
  })
  for (const signal of signals) process.off(signal, end)
  clearInterval(awake)
}
