import { Observable, type MonoTypeOperatorFunction, type OperatorFunction } from 'rxjs'

/** Passes events on, and those of `urgent` as they come, until the events end. */
export function alongside<Event>(urgent: Observable<Event>): MonoTypeOperatorFunction<Event> {
  return (events) =>
    new Observable((subscriber) => {
      subscriber.add(urgent.subscribe((event) => subscriber.next(event)))
      subscriber.add(events.subscribe(subscriber))
    })
}

/** Passes events on, and puts before each the news that have come up since; those that are left come last. */
export function withNews<Event, News>(take: () => readonly News[]): OperatorFunction<Event, Event | News> {
  return (events) =>
    new Observable((subscriber) => {
      const tell = (): void => {
        for (const news of take()) subscriber.next(news)
      }
      return events.subscribe({
        next(event) {
          tell()
          subscriber.next(event)
        },
        error: (error: unknown) => subscriber.error(error),
        complete() {
          tell()
          subscriber.complete()
        },
      })
    })
}
