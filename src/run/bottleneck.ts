/** Where the time of a run goes, and what would help. */
import type { BottleneckEvent, BottleneckLimit } from '../events.js'
import { formatBytes, formatCount, formatShare } from '../report/format.js'

/** Seconds of threads so far, and of what else is measured. */
export interface TimeSpent {
  /** Since the start of the run. */
  readonly seconds: number
  /** By all workers; none for rows that were parsed before. */
  readonly read: number
  readonly parse: number
  /** The main thread had no rows to learn from. */
  readonly wait: number
  readonly gradient: number
  readonly average: number
  readonly update: number
  /** Held-out rows were scored. */
  readonly validation: number
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
}

export const NOTHING_SPENT: TimeSpent = {
  seconds: 0,
  read: 0,
  parse: 0,
  wait: 0,
  gradient: 0,
  average: 0,
  update: 0,
  validation: 0,
  paused: 0,
  workers: [],
  bytes: 0,
  steps: 0,
}

/** Seconds between two events. */
const INTERVAL = 1

/** Says every second, and once for the whole run, what limits it. */
export class Bottleneck {
  readonly #start: TimeSpent
  #last: TimeSpent

  /** `started`: seconds before training began. */
  constructor(
    private readonly facts: RunFacts,
    private readonly spent: () => TimeSpent,
    started: number,
  ) {
    this.#start = { ...NOTHING_SPENT, seconds: started }
    this.#last = this.#start
  }

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
    return bottleneckEvent(epoch, since(this.#start, this.spent()), this.facts)
  }
}

function since(before: TimeSpent, now: TimeSpent): TimeSpent {
  const passed = (name: Exclude<keyof TimeSpent, 'workers'>): number => Math.max(0, now[name] - before[name])
  return {
    seconds: passed('seconds'),
    read: passed('read'),
    parse: passed('parse'),
    wait: passed('wait'),
    gradient: passed('gradient'),
    average: passed('average'),
    update: passed('update'),
    validation: passed('validation'),
    paused: passed('paused'),
    workers: now.workers.map((seconds, worker) => Math.max(0, seconds - (before.workers[worker] ?? 0))),
    bytes: passed('bytes'),
    steps: passed('steps'),
  }
}

/** Says of a stretch of time what limited the run in it. */
export function bottleneckEvent(epoch: number, spent: TimeSpent, facts: RunFacts): BottleneckEvent {
  const { seconds, read, parse, wait, gradient, average, update } = spent
  const all = read + parse + wait + gradient + average + update
  const share = (part: number): number => (all > 0 ? part / all : 0)
  const limit = limitOf(spent)
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
    advice: advice(limit, spent, facts),
  }
}

function busyShares({ workers, seconds }: TimeSpent): number[] {
  return workers.map((busy) => (seconds > 0 ? Math.min(1, busy / seconds) : 0))
}

/** Workers that are at work for more than this share of the time are what the main thread waits for. */
const BUSY = 0.4

function limitOf(spent: TimeSpent): BottleneckLimit {
  const { seconds, read, parse, wait, gradient, average, update, validation, paused, workers } = spent
  if (paused > seconds / 2) return 'control'
  const step = Math.max(0, seconds - paused - wait - gradient - average - update - validation)
  const parts = { wait, gradient, average, update, validation, step }
  const names = Object.keys(parts) as (keyof typeof parts)[]
  const most = names.reduce((a, b) => (parts[b] > parts[a] ? b : a))
  if (most !== 'wait') return most
  const busy = workers.reduce((sum, worker) => sum + worker, 0)
  if (busy < BUSY * workers.length * (seconds - paused)) return 'source'
  return read > parse ? 'read' : 'parse'
}

function advice(limit: BottleneckLimit, spent: TimeSpent, facts: RunFacts): string {
  const { seconds, bytes, steps, workers, average, update, gradient, wait } = spent
  const speed = `${formatBytes(seconds > 0 ? bytes / seconds : 0)}/s`
  const of = (part: number): string => formatShare(seconds > 0 ? Math.min(1, part / seconds) : 0)
  const rate = `${formatCount(seconds > 0 ? steps / seconds : 0)} times a second`
  const largerBatch = `a larger --batch-size than ${formatCount(facts.batchSize)} would help`
  const moreWorkers = workers.length < facts.cpus
  if (seconds < TOO_SHORT && limit !== 'control') {
    return 'the run was over too soon for an option to make a difference.'
  }
  switch (limit) {
    case 'control':
      return 'the run was paused for most of the time.'
    case 'source':
      return facts.isStream
        ? `the input comes at ${speed} and the workers wait for it: a faster source, or files that are not compressed, would help.`
        : `for ${of(wait)} of the time there were no rows to learn from, and the workers were not busy either: a disk that answers faster, or a larger --memory, would help.`
    case 'read':
      return `the workers read more than they parse, at ${speed}: a faster disk would help${facts.isCached ? '' : ', or --cache <folder> for later runs'}.`
    case 'parse':
      return moreWorkers
        ? `parsing limits the run, at ${speed}: --workers ${facts.cpus} would use all CPUs.`
        : `parsing limits the run, at ${speed} on all CPUs: --cache <folder> keeps the encoded rows, so that later runs need not parse.`
    case 'gradient':
      return `gradients take ${of(gradient)} of the time${gradientAdvice(spent, facts, largerBatch)}.`
    case 'average':
    case 'update':
      return `averaging and updating ${formatCount(facts.parameters)} parameters takes ${of(average + update)} of the time, ${rate}: ${largerBatch}.`
    case 'validation':
      return `scoring held-out rows takes ${of(spent.validation)} of the time: fewer of them (--validation), or fewer --epochs, would help.`
    case 'step':
      if (!(steps >= MANY_STEPS * seconds)) {
        return 'taking over parsed rows, keeping those held out and those for later epochs take the main thread longer than the steps: fewer held-out rows, or --hash-bits in place of vocabularies, would help.'
      }
      return `beginning and ending steps, ${rate}, and what is done beside them take longer than anything within: ${largerBatch}.`
  }
}

/** Seconds below which a run is mostly its beginning and its end. */
const TOO_SHORT = 1

/** Steps a second from which what each of them costs by itself counts. */
const MANY_STEPS = 2000

/** Workers that help to compute gradients are busy for more than this share of the time. */
const HELPING = 0.2

function gradientAdvice({ workers, seconds }: TimeSpent, facts: RunFacts, largerBatch: string): string {
  if (workers.length < facts.cpus) return `: --workers ${facts.cpus} would use all CPUs`
  const helping = workers.some((busy) => busy > HELPING * seconds)
  if (!helping && facts.cpus > 1) {
    return `, on the main thread alone: --placement pool would share them out, and ${largerBatch} with that`
  }
  return facts.isNetwork ? ' on all CPUs: a smaller network (--hidden) would help' : `: ${largerBatch}`
}
