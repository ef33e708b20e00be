/** Where the time of a run goes, and what would help. */
import type { BottleneckEvent, BottleneckLimit, TimeShares } from './events.js'
import { formatBytes, formatCount, formatShare } from './report/format.js'

/** Seconds of threads so far, and of what else is measured. */
export interface TimeSpent {
  /** Since the start of the run. */
  readonly seconds: number
  readonly read: number
  readonly parse: number
  /** All workers added up: 0 in `read` and `parse` of rows that were parsed before. */
  readonly gradient: number
  readonly average: number
  readonly update: number
  /** The run stood still because it was told to. */
  readonly paused: number
  /** That each worker has been at work. */
  readonly workers: readonly number[]
  readonly bytes: number
  readonly steps: number
}

/** What advice depends on besides the times. */
export interface RunFacts {
  readonly isStream: boolean
  readonly cpus: number
  /** Rows of later epochs come from a cache. */
  readonly isCached: boolean
  readonly isNetwork: boolean
  readonly batchSize: number
  readonly parameters: number
  readonly placement: 'auto' | 'inline' | 'pool'
}

export const NOTHING_SPENT: TimeSpent = {
  seconds: 0,
  read: 0,
  parse: 0,
  gradient: 0,
  average: 0,
  update: 0,
  paused: 0,
  workers: [],
  bytes: 0,
  steps: 0,
}

/** Seconds between two events. */
const INTERVAL = 1

/** Says every second, and once for the whole run, what limits it. */
export class Bottleneck {
  #last = NOTHING_SPENT

  constructor(
    private readonly facts: RunFacts,
    private readonly spent: () => TimeSpent,
  ) {}

  /** What limited the run since the last time, where that is long enough ago. `seconds`: since the start. */
  take(epoch: number, seconds: number): BottleneckEvent | undefined {
    if (!(seconds - this.#last.seconds >= INTERVAL)) return undefined
    const spent = this.spent()
    const event = bottleneckEvent(epoch, since(this.#last, spent), this.facts)
    this.#last = spent
    return event
  }

  /** What limited the run as a whole. */
  whole(epoch: number): BottleneckEvent {
    return bottleneckEvent(epoch, this.spent(), this.facts)
  }
}

function since(before: TimeSpent, now: TimeSpent): TimeSpent {
  const passed = (name: Exclude<keyof TimeSpent, 'workers'>): number => Math.max(0, now[name] - before[name])
  return {
    seconds: passed('seconds'),
    read: passed('read'),
    parse: passed('parse'),
    gradient: passed('gradient'),
    average: passed('average'),
    update: passed('update'),
    paused: passed('paused'),
    workers: now.workers.map((seconds, worker) => Math.max(0, seconds - (before.workers[worker] ?? 0))),
    bytes: passed('bytes'),
    steps: passed('steps'),
  }
}

/** Says of a stretch of time what limited the run in it. */
export function bottleneckEvent(epoch: number, spent: TimeSpent, facts: RunFacts): BottleneckEvent {
  const { seconds, read, parse, gradient, average, update } = spent
  const wait = Math.max(0, seconds - gradient - average - update)
  const all = read + parse + wait + gradient + average + update
  const share = (part: number): number => (all > 0 ? part / all : 0)
  const limit = limitOf(spent, wait)
  return {
    type: 'bottleneck',
    epoch,
    seconds,
    shares: {
      read: share(read),
      parse: share(parse),
      wait: share(wait),
      gradient: share(gradient),
      average: share(average),
      update: share(update),
    },
    workers: busyShares(spent),
    limit,
    advice: advice(limit, spent, wait, facts),
  }
}

function busyShares({ workers, seconds }: TimeSpent): number[] {
  return workers.map((busy) => (seconds > 0 ? Math.min(1, busy / seconds) : 0))
}

/** Workers that are at work for more than this share of the time are what the main thread waits for. */
const BUSY = 0.6

function limitOf(spent: TimeSpent, wait: number): BottleneckLimit {
  const { seconds, read, parse, gradient, average, update, paused, workers } = spent
  if (paused > seconds / 2) return 'control'
  if (wait - paused > Math.max(gradient, average, update)) {
    const busy = workers.reduce((sum, worker) => sum + worker, 0)
    if (busy < BUSY * workers.length * (seconds - paused)) return 'source'
    return read > parse ? 'read' : 'parse'
  }
  const parts = { gradient, average, update } satisfies Partial<TimeShares>
  return (Object.keys(parts) as (keyof typeof parts)[]).reduce((most, name) =>
    parts[name] > parts[most] ? name : most,
  )
}

function advice(limit: BottleneckLimit, spent: TimeSpent, wait: number, facts: RunFacts): string {
  const { seconds, bytes, steps, workers, average, update, gradient } = spent
  const speed = `${formatBytes(seconds > 0 ? bytes / seconds : 0)}/s`
  const of = (part: number): string => formatShare(seconds > 0 ? part / seconds : 0)
  const moreWorkers = workers.length < facts.cpus
  switch (limit) {
    case 'control':
      return 'the run was paused for most of the time.'
    case 'source':
      return facts.isStream
        ? `the input comes at ${speed} and the workers wait for it: a faster source, or files that are not compressed, would help.`
        : `for ${of(wait)} of the time there was nothing to learn from and the workers were not busy: starting, reading the sample and ending take that long in so short a run; a larger --memory would help if the run is long.`
    case 'read':
      return `the workers read more than they parse, ${speed}: a faster disk would help${facts.isCached ? '' : ', or --cache for later runs'}.`
    case 'parse':
      return moreWorkers
        ? `parsing limits the run, at ${speed}: --workers ${facts.cpus} would use all CPUs.`
        : `parsing limits the run, at ${speed} on all CPUs: --cache <folder> keeps the encoded rows, so that later runs need not parse.`
    case 'gradient':
      if (moreWorkers) {
        return `gradients take ${of(gradient)} of the time: --workers ${facts.cpus} would use all CPUs.`
      }
      return facts.isNetwork
        ? `gradients take ${of(gradient)} of the time on all CPUs: a smaller network (--hidden) would help.`
        : `gradients take ${of(gradient)} of the time: a larger --batch-size than ${formatCount(facts.batchSize)} would help.`
    case 'average':
    case 'update': {
      const rate = formatCount(seconds > 0 ? steps / seconds : 0)
      return `averaging and updating ${formatCount(facts.parameters)} parameters takes ${of(average + update)} of the time, ${rate} times a second: a larger --batch-size than ${formatCount(facts.batchSize)} would help.`
    }
  }
}
