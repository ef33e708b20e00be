import { catchError, concat, defer, EMPTY, type MonoTypeOperatorFunction } from 'rxjs'
import { causeInFiles, checkUnchanged } from '../source/file-identity.js'
import type { InputFile } from '../source/files.js'

/**
 * Passes on what is made of some files as long as they stay what they were when they were opened. Fails with INPUT_CHANGED
 * where one is another at the end, and in the place of an error that was met in one: what is wrong with a row that somebody
 * was just writing over is of no use to anybody.
 */
export function unchangedFiles<Event>(files: readonly InputFile[]): MonoTypeOperatorFunction<Event> {
  return (events) =>
    concat(
      events,
      defer(() => {
        files.forEach(checkUnchanged)
        return EMPTY
      }),
    ).pipe(
      catchError((error: unknown) => {
        throw causeInFiles(error, files)
      }),
    )
}
