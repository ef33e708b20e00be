import { EMPTY, defer, of, repeat, type Observable } from 'rxjs'

/**
 * Passes 1, 2, … one after the other, `most` of them at the most; before each but the first, `goesOn` may end the run.
 *
 * A pass begins when the one before has ended, so that nothing is kept for those to come, however many they may be.
 */
export function passes<Event>(
  most: number,
  goesOn: () => boolean,
  pass: (number: number) => Observable<Event>,
): Observable<Event> {
  return defer(() => {
    let number = 0
    return defer(() => pass(++number)).pipe(
      repeat({ count: most, delay: () => (goesOn() ? of(true) : EMPTY) }),
    )
  })
}
