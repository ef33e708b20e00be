import { Observable, type OperatorFunction } from 'rxjs'

/** Something that is lent to one user at a time, who gives it back. */
interface Lent {
  done(): void
}

/**
 * Projects each value, at once or by a promise, passes the result on, where there is one, waits for what `before` the next one
 * is to be done, and gives the value back: only then does the next one come. This is concatMap without a buffer, and without an inner Observable for each of a million values.
 */
export function inTurn<Value extends Lent, Result extends object>(
  project: (value: Value) => Result | undefined | Promise<Result>,
  before: () => void | Promise<void> = () => undefined,
): OperatorFunction<Value, Result> {
  return (values) =>
    new Observable((subscriber) =>
      values.subscribe({
        next(value) {
          const emit = (result: Result | undefined): void => {
            if (result !== undefined) subscriber.next(result)
            const waiting = before()
            if (waiting === undefined) value.done()
            else waiting.then(() => value.done()).catch((error: unknown) => subscriber.error(error))
          }
          try {
            const result = project(value)
            if (result instanceof Promise)
              result.then(emit).catch((error: unknown) => subscriber.error(error))
            else emit(result)
          } catch (error) {
            subscriber.error(error)
          }
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    )
}
