import { delay, lastValueFrom, NEVER, Observable, of, take, throwError, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { passes } from '../../src/flow/passes.js'

const always = (): boolean => true
const collected = async <Event>(events: Observable<Event>): Promise<Event[]> =>
  lastValueFrom(events.pipe(toArray()))

describe('passes', () => {
  it.each([1, 2, 5])('are numbered from 1 to %i', async (most) => {
    const expected = Array.from({ length: most }, (_, i) => i + 1)
    expect(await collected(passes(most, always, (number) => of(number)))).toEqual(expected)
    expect(await collected(passes(most, always, (number) => of(number).pipe(delay(0))))).toEqual(expected)
  })

  it('begin one after the other: none before the one in front has ended', async () => {
    const log: string[] = []
    const pass = (number: number) =>
      new Observable<never>((subscriber) => {
        log.push(`begin ${number}`)
        setTimeout(() => {
          log.push(`end ${number}`)
          subscriber.complete()
        })
      })
    await collected(passes(3, always, pass))
    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3'])
  })

  it('end where they are told to, but not before the first', async () => {
    let left = 3
    expect(
      await collected(
        passes(
          2 ** 31 - 1,
          () => --left > 0,
          (number) => of(number),
        ),
      ),
    ).toEqual([1, 2, 3])
    expect(
      await collected(
        passes(
          9,
          () => false,
          (number) => of(number),
        ),
      ),
    ).toEqual([1])
  })

  it('start again for every subscriber', async () => {
    const twice = passes(2, always, (number) => of(number))
    expect([await collected(twice), await collected(twice)]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('fail with the pass that fails, also where it cannot begin', async () => {
    const failing = (number: number) => (number === 2 ? throwError(() => new Error('two')) : of(number))
    await expect(collected(passes(3, always, failing))).rejects.toThrow('two')
    const throwing = (): Observable<never> => {
      throw new Error('none')
    }
    await expect(collected(passes(3, always, throwing))).rejects.toThrow('none')
  })

  it('stop where nobody listens any more', async () => {
    const begun: number[] = []
    const pass = (number: number) => {
      begun.push(number)
      return number === 1 ? of(number) : new Observable<number>((s) => s.next(number)) // never completes
    }
    expect(await collected(passes(9, always, pass).pipe(take(2)))).toEqual([1, 2])
    expect(begun).toEqual([1, 2])
    const subscription = passes(9, always, () => NEVER).subscribe()
    subscription.unsubscribe()
    expect(subscription.closed).toBe(true)
  })
})
