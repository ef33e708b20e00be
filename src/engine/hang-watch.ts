import type { Pulse } from './pulse.js'

/** Milliseconds between two looks at the pulses. */
const INTERVAL = 250
/** A thread that takes so many times as long as any took before has hung … */
const TIMES_THE_LONGEST = 50
/** … and so many seconds at the least: a disk may stand still for some of them. */
const LEAST_SECONDS = 10

/** A task that a thread has, as the watch sees it. */
export interface Watched {
  readonly pulse: Pulse
  /** What was seen of its pulse the last time, and for how many milliseconds it has been so. */
  thread: number
  beats: number
  still: number
}

/**
 * Looks for threads that hang: that have begun a task, and have come to nothing new in it for longer than a deadline, which
 * follows from the longest time that any task of the run has taken between two beats, and doubles with every hang until some
 * task is done.
 *
 * Time is counted in looks of this thread, so that what stops the whole process (a laptop's lid, SIGSTOP) counts as one.
 */
export class HangWatch {
  readonly #leastMilliseconds: number
  readonly #timer: NodeJS.Timeout
  #longest = 0
  #hangs = 0
  #lastLook = performance.now()

  /** `hung` ends the thread; its tasks are then rejected. MILLRACE_HANG_SECONDS is for tests, which cannot wait. */
  constructor(
    private readonly tasks: ReadonlySet<Watched>,
    private readonly hung: (task: Watched, seconds: number) => void,
  ) {
    this.#leastMilliseconds = Number(process.env['MILLRACE_HANG_SECONDS'] ?? LEAST_SECONDS) * 1000
    const interval = Math.min(INTERVAL, this.#leastMilliseconds / 4)
    this.#timer = setInterval(() => this.#look(interval), interval).unref()
  }

  /** A task has been done: what hung before was no sign of a slow disk. */
  taskDone({ pulse }: Watched): void {
    this.#hangs = 0
    this.#longest = Math.max(this.#longest, pulse.longestMilliseconds)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  get #deadline(): number {
    return Math.max(this.#leastMilliseconds, this.#longest * TIMES_THE_LONGEST) * 2 ** this.#hangs
  }

  #look(interval: number): void {
    const now = performance.now()
    const passed = Math.min(now - this.#lastLook, 2 * interval)
    this.#lastLook = now
    for (const task of this.tasks) {
      const { thread, beats, longestMilliseconds } = task.pulse
      this.#longest = Math.max(this.#longest, longestMilliseconds)
      const moved = thread === 0 || thread !== task.thread || beats !== task.beats
      task.still = moved ? 0 : task.still + passed
      task.thread = thread
      task.beats = beats
      if (task.still < this.#deadline) continue
      const seconds = task.still / 1000
      task.still = 0
      this.#hangs++
      this.hung(task, seconds)
    }
  }
}
