/** Low byte of a task's word: nobody's, done, or else the number of the thread that computes it, 1 … 254. */
const FREE = 0
const DONE = 255
const OWNER = 0xff

/**
 * Milliseconds for which a thread looks at a word again and again before it sleeps: most waits are shorter, and a thread that
 * is woken begins late, now and then on the processor of the one that woke it.
 */
const SPIN = 0.3
const LOOKS_AT_A_TIME = 256

/** Word of the number of the turn, of the number of helpers, and of the first task. */
const TURN = 0
const HELPERS = 1
const TASKS = 2

/** Words that the claims of so many tasks take up. */
export function claimWords(tasks: number): number {
  return TASKS + tasks
}

/**
 * The tasks of the current mini-batch, claimed by whichever thread is free, in words that all threads share.
 *
 * The number of the turn changes when the main thread has laid out a mini-batch, and wakes those who wait. A task has a word
 * for the turn and who has it; a claim is one compare-and-exchange, so that a task is computed once, and it is known by whom. A thread that is late for its turn finds nothing, or work of the next turn, which is as good:
 * what the tasks need lies in the shared memory before they are free.
 */
export class TaskClaims {
  /** @param owner number of this thread, 1 … 254 */
  constructor(
    private readonly words: Int32Array,
    private readonly first: number,
    private readonly tasks: number,
    private readonly owner: number,
  ) {}

  /** Makes all tasks free; the mini-batch has been laid out. */
  publish(): void {
    const turn = (Atomics.load(this.words, this.first + TURN) + 1) & 0x7fffff
    for (let task = 0; task < this.tasks; task++) {
      Atomics.store(this.words, this.#word(task), (turn << 8) | FREE)
    }
    Atomics.store(this.words, this.first + TURN, turn)
    Atomics.notify(this.words, this.first + TURN)
  }

  /** Threads that have been asked to help and have not left: counted by the main thread when it asks, by them when they leave. */
  get helpers(): number {
    return Atomics.load(this.words, this.first + HELPERS)
  }

  countHelper(change: 1 | -1): void {
    Atomics.add(this.words, this.first + HELPERS, change)
  }

  /** A task that is now this thread's; −1 where none is free. */
  claim(): number {
    for (let task = 0; task < this.tasks; task++) {
      const word = this.#word(task)
      const found = Atomics.load(this.words, word)
      if ((found & OWNER) !== FREE) continue
      if (Atomics.compareExchange(this.words, word, found, found | this.owner) === found) return task
    }
    return -1
  }

  /** The gradient of a task lies in its place. */
  finish(task: number): void {
    const word = this.#word(task)
    Atomics.or(this.words, word, DONE)
    Atomics.notify(this.words, word)
  }

  /** Gives back the tasks of a thread that is no more. */
  release(owner: number): void {
    for (let task = 0; task < this.tasks; task++) {
      const word = this.#word(task)
      const found = Atomics.load(this.words, word)
      if ((found & OWNER) === owner) Atomics.store(this.words, word, (found & ~OWNER) | FREE)
    }
  }

  /** Whether all tasks are done; waits for them as long as this at the most. */
  allDone(milliseconds: number): boolean {
    for (let task = 0; task < this.tasks; task++) {
      const word = this.#word(task)
      const isDone = (value: number): boolean => (value & OWNER) === DONE
      if (!this.#waitFor(word, isDone, milliseconds)) return false
    }
    return true
  }

  /** Waits for a turn other than this; returns its number, or undefined where none comes in this time. */
  nextTurn(turn: number, milliseconds: number): number | undefined {
    const isNext = (value: number): boolean => value !== turn
    return this.#waitFor(this.first + TURN, isNext, milliseconds) ? this.turn : undefined
  }

  get turn(): number {
    return Atomics.load(this.words, this.first + TURN)
  }

  #waitFor(word: number, isReached: (value: number) => boolean, milliseconds: number): boolean {
    const asleep = performance.now() + Math.min(SPIN, milliseconds)
    do {
      for (let look = 0; look < LOOKS_AT_A_TIME; look++) {
        if (isReached(Atomics.load(this.words, word))) return true
      }
    } while (performance.now() < asleep)
    for (;;) {
      const value = Atomics.load(this.words, word)
      if (isReached(value)) return true
      if (Atomics.wait(this.words, word, value, milliseconds) === 'timed-out') return false
    }
  }

  #word(task: number): number {
    return this.first + TASKS + task
  }
}
