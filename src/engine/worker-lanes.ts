/** Which worker has become what: a lane, from 1, is what threads that replace each other share. */
export interface WorkerNews {
  readonly worker: number
  readonly state: 'ready' | 'failed' | 'replaced'
  /** How it failed, behind "a worker". */
  readonly message: string | undefined
}

interface Lane {
  /** The number of the thread that has it now; 0 until one has. */
  thread: number
  /** Of work that is done. */
  seconds: number
}

/** What is known of the workers by the tasks that they have begun: who is there, and how long each has worked. */
export class WorkerLanes {
  readonly #lanes: readonly Lane[]
  #news: WorkerNews[] = []

  /** `isAlive` tells of a thread by its number. */
  constructor(
    workers: number,
    private readonly isAlive: (thread: number) => boolean,
  ) {
    this.#lanes = Array.from({ length: workers }, () => ({ thread: 0, seconds: 0 }))
  }

  /** A task is over, done or not. */
  taskEnded(thread: number, seconds: number): void {
    const lane = this.#lanes[this.#laneOf(thread)]
    if (lane !== undefined) lane.seconds += seconds
  }

  failed(thread: number, message: string): void {
    this.#news.push({ worker: this.#laneOf(thread) + 1, state: 'failed', message })
  }

  /** What has not been told yet. */
  take(): readonly WorkerNews[] {
    return this.#news.length === 0 ? this.#news : this.#news.splice(0)
  }

  /** Seconds that each has worked; `running` tells of tasks that are not over. */
  busySeconds(running: Iterable<{ readonly thread: number; readonly seconds: number }>): number[] {
    const seconds = this.#lanes.map((lane) => lane.seconds)
    for (const task of running) {
      if (task.thread === 0) continue
      const lane = this.#lanes.findIndex(({ thread }) => thread === task.thread)
      if (lane >= 0) seconds[lane]! += task.seconds
    }
    return seconds
  }

  /** From 0; −1 for a thread that never began anything, or where more are there than workers. */
  #laneOf(thread: number): number {
    if (thread === 0) return -1
    const known = this.#lanes.findIndex((lane) => lane.thread === thread)
    if (known >= 0) return known
    const free = this.#lanes.findIndex((lane) => lane.thread === 0 || !this.isAlive(lane.thread))
    const lane = this.#lanes[free]
    if (lane === undefined) return -1
    this.#news.push({
      worker: free + 1,
      state: lane.thread === 0 ? 'ready' : 'replaced',
      message: undefined,
    })
    lane.thread = thread
    return free
  }
}
