/** What rxjs's Observable is, as far as it is needed here. */
export interface Subscribable<Value> {
  subscribe(observer: { next(value: Value): void; error(error: unknown): void; complete(): void }): {
    unsubscribe(): void
  }
}

/**
 * The values of an Observable, which is subscribed to at once. An Observable cannot be held back: what comes faster than
 * it is used waits here, without bound.
 */
export class ObservedValues<Value> implements AsyncIterable<Value> {
  #waiting: Value[] = []
  #ended = false
  #failure: { cause: unknown } | undefined
  #wake: () => void = () => undefined
  readonly #subscription: { unsubscribe(): void }

  constructor(source: Subscribable<Value>) {
    this.#subscription = source.subscribe({
      next: (value) => {
        this.#waiting.push(value)
        this.#wake()
      },
      error: (cause) => {
        this.#failure = { cause }
        this.#end()
      },
      complete: () => this.#end(),
    })
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value> {
    try {
      for (;;) {
        const values = this.#waiting
        this.#waiting = []
        yield* values
        if (this.#waiting.length > 0) continue
        if (this.#failure !== undefined) throw this.#failure.cause
        if (this.#ended) return
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.stop()
    }
  }

  /** Unsubscribes; a wait for the next value is over. */
  stop(): void {
    this.#subscription.unsubscribe()
    this.#end()
  }

  #end(): void {
    this.#ended = true
    this.#wake()
  }
}
