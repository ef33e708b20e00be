import { runError, type MillraceError } from '../errors.js'
import type { Pulse } from './pulse.js'

/** A worker that did not do its task, through no fault of the input. */
export class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure'
  constructor(
    /** Behind "a worker". */
    readonly how: string,
    readonly isTrap: boolean,
    /** Of the pulse of the task. */
    readonly beats: number,
    /** ptr to the slot that it was at; undefined where it was at none. */
    readonly slot: number | undefined,
    cause: unknown,
  ) {
    super(`a worker ${how}`, { cause })
  }
}

/** What has become of a task, by its pulse, which beats when a slot is begun. */
export function workerFailure(
  cause: unknown,
  { hasTrapped, beats }: Pick<Pulse, 'hasTrapped' | 'beats'>,
  slots: readonly number[],
): WorkerFailure {
  return new WorkerFailure(howItFailed(cause, hasTrapped), hasTrapped, beats, slots[beats - 1], cause)
}

function howItFailed(cause: unknown, isTrap: boolean): string {
  if (!(cause instanceof Error)) return `threw ${String(cause)}`
  if (isTrap) return `trapped: ${cause.message}`
  if ((cause as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') return 'ran out of memory'
  if (/^no answer for /.test(cause.message)) return `gave ${cause.message}, and was ended`
  if (cause.message === 'Terminating worker thread') return 'did not start'
  const code = /^worker exited with code: (\d+)$/.exec(cause.message)?.[1]
  return code === undefined ? `threw "${cause.message}"` : `ended with code ${code}`
}

/**
 * What a worker threw because the system could not read, which a second try would meet again; undefined for anything else.
 * On its way between threads an error loses its code; the message begins with it: `EIO: i/o error, read`.
 */
export function readError(cause: unknown): MillraceError | undefined {
  if (!(cause instanceof Error && /^E[A-Z0-9]+: .*, [a-z]+$/.test(cause.message))) return undefined
  return runError(
    'READ_FAILED',
    `the input could not be read: ${cause.message}`,
    'check the file and the disk',
    {},
    cause,
  )
}

/** Where trying again has not helped. */
export function workersFailed(failures: number, last: WorkerFailure): MillraceError {
  return runError(
    'WORKERS_FAILED',
    `workers failed ${failures} times in a row; the last one ${last.how}`,
    'check the memory and the disks of the machine; --max-worker-failures says how many failures in a row are borne',
    {},
    last,
  )
}

/** The same rows make the kernel trap again. */
export function kernelTrapped(last: WorkerFailure): MillraceError {
  return runError(
    'KERNEL_TRAPPED',
    `the kernel ${last.how}, twice; this is a bug in millrace`,
    'please report it, with the version of millrace',
    {},
    last,
  )
}
