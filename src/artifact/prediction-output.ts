import { dirname } from 'node:path'
import { runError, shownPath, type MillraceError } from '../errors.js'
import { causeOf } from './model-file.js'
import { replaceFile } from './replace-file.js'

/** Where predictions go. */
export interface PredictionOutput {
  /** Resolves when the bytes have been accepted: the credit to make more, and to write over them. */
  write(bytes: Uint8Array): Promise<void>
}

/**
 * Gives `work` an output to write to: the file at `path`, which takes its name only when all has been written, or
 * standard output where `path` is undefined or `-`.
 *
 * Throws what `work` throws, and PREDICTIONS_NOT_WRITTEN that names the path and the cause.
 */
export async function withOutput<Result>(
  path: string | undefined,
  work: (output: PredictionOutput) => Promise<Result>,
): Promise<Result> {
  if (path === undefined || path === '-') return work({ write: writeToStandardOutput })
  let done: { result: Result } | undefined
  let failed: { error: unknown } | undefined
  try {
    await replaceFile(path, async (handle) => {
      const write = async (bytes: Uint8Array): Promise<void> => {
        try {
          // From where the last write ended.
          await handle.writeFile(bytes)
        } catch (error) {
          throw notWritten(shownPath(path), error)
        }
      }
      try {
        done = { result: await work({ write }) }
      } catch (error) {
        failed = { error }
        throw error
      }
    })
  } catch (error) {
    throw failed === undefined ? notWritten(shownPath(path), error) : failed.error
  }
  return done!.result
}

function writeToStandardOutput(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error == null) resolve()
      else reject(notWritten('standard output', error))
    })
  })
}

function notWritten(where: string, error: unknown): MillraceError {
  const { code = '', path = '' } = error as NodeJS.ErrnoException
  const hints: Record<string, string> = {
    ENOENT: `make the folder ${shownPath(dirname(path))} first`,
    ENOTREG: 'name a file, or leave --out away and redirect standard output',
    EISDIR: 'name a file in it, such as predictions.csv',
    ENOSPC: 'free some space on the disk, or name another path with --out',
    EPIPE: 'the program that reads the predictions has ended',
  }
  const message = `cannot write the predictions to ${where}: ${causeOf(error)}`
  return runError(
    'PREDICTIONS_NOT_WRITTEN',
    message,
    hints[code] ?? 'check the path, its permissions and the disk',
    {},
    error,
  )
}
