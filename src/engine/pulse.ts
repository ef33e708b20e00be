/** Words of a pulse. */
const OWNER = 0
const BEATS = 1
const LONGEST = 2
const TRAPPED = 3
const THREAD = 4
const BUSY = 5
const PULSE_WORDS = 6

/** Units of the word for the time at work, in a second. */
const BUSY_UNITS = 10_000

/** Instead of the number of a thread. */
const NOT_BEGUN = 0
const DONE = -1

/** Memory for so many pulses. */
export function pulseMemory(pulses: number): SharedArrayBuffer {
  return new SharedArrayBuffer(pulses * PULSE_WORDS * 4)
}

/**
 * What a task shows of itself while it runs, in words that the main thread looks at now and then: which thread has begun it,
 * how often it has come to something new (a slot, a gradient), and whether it is done. Written by the thread that has the
 * task; cleared by the main thread before it sends the task, and again only when that thread has answered or ended.
 */
export class Pulse {
  readonly #words: Int32Array
  #lastBeat = 0
  #busyMilliseconds = 0

  constructor(memory: SharedArrayBuffer, number: number) {
    this.#words = new Int32Array(memory, number * PULSE_WORDS * 4, PULSE_WORDS)
  }

  clear(): void {
    for (let word = 0; word < PULSE_WORDS; word++) Atomics.store(this.#words, word, 0)
  }

  begin(threadId: number): void {
    this.#lastBeat = performance.now()
    Atomics.store(this.#words, THREAD, threadId)
    Atomics.store(this.#words, OWNER, threadId)
  }

  /** The task has been at work for so long, and not only waited for some. */
  worked(milliseconds: number): void {
    this.#busyMilliseconds += milliseconds
    Atomics.store(this.#words, BUSY, (this.#busyMilliseconds * BUSY_UNITS) / 1000)
  }

  /** The task has come to something new; performance.now() of it. */
  beat(): number {
    const now = performance.now()
    const sinceLast = Math.ceil(now - this.#lastBeat)
    if (sinceLast > this.longestMilliseconds) Atomics.store(this.#words, LONGEST, sinceLast)
    this.#lastBeat = now
    Atomics.add(this.#words, BEATS, 1)
    return now
  }

  /** The kernel has trapped; the error loses its class on its way between threads. */
  trap(): void {
    Atomics.store(this.#words, TRAPPED, 1)
  }

  /** All that the task was to leave in the shared memory is there. */
  end(): void {
    Atomics.store(this.#words, OWNER, DONE)
  }

  /** The number of the thread that has begun the task and has not ended it; 0 where there is none. */
  get thread(): number {
    const owner = Atomics.load(this.#words, OWNER)
    return owner === DONE ? 0 : owner
  }
  /** The same, also when it has ended it. */
  get lastThread(): number {
    return Atomics.load(this.#words, THREAD)
  }
  get busySeconds(): number {
    return Atomics.load(this.#words, BUSY) / BUSY_UNITS
  }
  get hasBegun(): boolean {
    return Atomics.load(this.#words, OWNER) !== NOT_BEGUN
  }
  get isDone(): boolean {
    return Atomics.load(this.#words, OWNER) === DONE
  }
  get hasTrapped(): boolean {
    return Atomics.load(this.#words, TRAPPED) !== 0
  }
  get beats(): number {
    return Atomics.load(this.#words, BEATS)
  }
  /** Between two beats of the task. */
  get longestMilliseconds(): number {
    return Atomics.load(this.#words, LONGEST)
  }
}
