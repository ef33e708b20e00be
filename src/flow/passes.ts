import { EMPTY, defer, of, repeat, type Observable } from 'rxjs'

/**
 * Passes 1, 2, … up to `most`, one after the other; before each but the first, `goesOn` may end the run. `next` says which
 * pass follows one: it may leave some out.
 *
 * A pass begins when the one before has ended, so that nothing is kept for those to come, however many they may be.
 */
export function passes<Event>(
  most: number,
  goesOn: () => boolean,
  pass: (number: number) => Observable<Event>,
  next = (number: number): number => number + 1,
): Observable<Event> {
  return defer(() => {
    let number = 1
    const again = (): Observable<boolean> => {
      number = next(number)
      return number <= most && goesOn() ? of(true) : EMPTY
    }
    return most < 1 ? EMPTY : defer(() => pass(number)).pipe(repeat({ delay: again }))
  })
}
