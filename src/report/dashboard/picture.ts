/**
 * What the page shows of a run, in bounded memory. The server keeps it for pages that are opened late; a page keeps it by the
 * same function, from what it is sent. Runs in Node and in browsers.
 */
import type {
  BadRowEvent,
  BottleneckEvent,
  CheckpointEvent,
  EpochEvent,
  ProgressEvent,
  ValidationEvent,
  WeightsEvent,
  WorkerEvent,
} from '../../events.js'
import type { EventRecord, StartRecord } from '../event-record.js'
import type { RateColumns } from './rate-history.js'
import type { StepColumns } from './step-history.js'

export type RunStatus = 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'interrupted'

/** How far the run had come. */
export interface Moment {
  step: number
  /** Trained on, over all epochs. */
  rows: number
  seconds: number
}

export type At<Event> = Event & { at: Moment }

/** All of a run but its curves. */
export interface Picture {
  status: RunStatus
  start: StartRecord | undefined
  progress: ProgressEvent | undefined
  validations: At<ValidationEvent>[]
  epochs: EpochEvent[]
  /** Windows of the time line; the newest stands beside them, as the last of a run is of the whole. */
  bottlenecks: BottleneckEvent[]
  bottleneck: BottleneckEvent | undefined
  /** Failures and replacements. */
  workers: At<WorkerEvent>[]
  /** The newest last. */
  badRows: BadRowEvent[]
  weights: WeightsEvent | undefined
  checkpoint: CheckpointEvent | undefined
  warnings: string[]
  end: Extract<EventRecord, { type: 'done' | 'failed' | 'interrupted' }> | undefined
}

/** Of lists that are thinned out, and of those that keep the newest. */
const MOST = { points: 500, badRows: 200, workers: 100, warnings: 50 } as const

export function emptyPicture(): Picture {
  return {
    status: 'waiting',
    start: undefined,
    progress: undefined,
    validations: [],
    epochs: [],
    bottlenecks: [],
    bottleneck: undefined,
    workers: [],
    badRows: [],
    weights: undefined,
    checkpoint: undefined,
    warnings: [],
    end: undefined,
  }
}

/** Draws a record into the picture. Steps are no part of it. */
export function draw(picture: Picture, record: EventRecord, at: Moment): void {
  switch (record.type) {
    case 'start':
      // A run that goes on has a past.
      if (record.resumed === undefined) Object.assign(picture, emptyPicture())
      Object.assign(picture, { status: 'running', start: record, end: undefined })
      return
    case 'progress':
      picture.progress = record
      return
    case 'validation':
      keepThinned(picture.validations, { ...record, at })
      return
    case 'epoch':
      keepThinned(picture.epochs, record)
      return
    case 'bottleneck':
      if (picture.bottleneck !== undefined) keepJoined(picture.bottlenecks, picture.bottleneck)
      picture.bottleneck = record
      return
    case 'worker':
      if (record.state !== 'ready') keepNewest(picture.workers, { ...record, at }, MOST.workers)
      return
    case 'bad-row':
      keepNewest(picture.badRows, record, MOST.badRows)
      return
    case 'weights':
      picture.weights = record
      return
    case 'checkpoint':
      picture.checkpoint = record
      return
    case 'warning':
      keepNewest(picture.warnings, record.message, MOST.warnings)
      return
    case 'pause':
      picture.status = record.paused ? 'paused' : 'running'
      return
    case 'done':
    case 'failed':
    case 'interrupted':
      picture.status = record.type
      picture.end = record
      return
    case 'step':
  }
}

/** The windows of time that the run had; the newest is of the whole run once it has ended. */
export function timeLine({ bottlenecks, bottleneck, end }: Picture): readonly BottleneckEvent[] {
  if (bottleneck === undefined || (end?.type === 'done' && bottlenecks.length > 0)) return bottlenecks
  return [...bottlenecks, bottleneck]
}

function keepNewest<Value>(list: Value[], value: Value, most: number): void {
  list.push(value)
  if (list.length > most) list.splice(0, list.length - most)
}

/** Every other one is left out, the newest stays. */
function keepThinned<Value>(list: Value[], value: Value): void {
  if (list.length === MOST.points) list.splice(0, MOST.points, ...list.filter((_, i) => i % 2 === 1))
  list.push(value)
}

/** Neighbours become one window, each share weighed by its time. */
function keepJoined(list: BottleneckEvent[], value: BottleneckEvent): void {
  if (list.length === MOST.points) {
    const joined: BottleneckEvent[] = []
    for (let i = 0; i < MOST.points; i += 2) joined.push(join(list[i]!, list[i + 1]!))
    list.splice(0, MOST.points, ...joined)
  }
  list.push(value)
}

function join(a: BottleneckEvent, b: BottleneckEvent): BottleneckEvent {
  const seconds = a.seconds + b.seconds
  const mean = (x = 0, y = 0): number => (seconds > 0 ? (x * a.seconds + y * b.seconds) / seconds : y)
  const names = Object.keys(b.shares) as (keyof typeof b.shares)[]
  const shares = Object.fromEntries(names.map((name) => [name, mean(a.shares[name], b.shares[name])]))
  const workers = b.workers.map((busy, i) => mean(a.workers[i], busy))
  return { ...b, seconds, shares: shares as unknown as typeof b.shares, workers }
}

/** What a page is sent first, and again where it could not keep up: everything. */
export interface PastMessage {
  type: 'past'
  runs: PastRun[]
  /** What can be asked of the run; undefined where it is only read about. */
  buttons: { checkpoint: boolean } | undefined
}

export interface PastRun {
  name: string
  picture: Picture
  steps: StepColumns
  rates: RateColumns
  /** The newest step. */
  last: LastStep | undefined
}

export interface LastStep extends Moment {
  epoch: number
  loss: number
  progressiveLoss: number
  learningRate: number
  gradientNorm: number
}

/** What is new of a run since the last message. */
export interface NewsMessage {
  type: 'news'
  run: number
  steps: StepColumns | undefined
  rates: RateColumns | undefined
  last: LastStep | undefined
  records: { record: EventRecord; at: Moment }[]
}

export type PageMessage = PastMessage | NewsMessage
