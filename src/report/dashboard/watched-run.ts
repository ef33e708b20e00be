import type { StepEvent } from '../../events.js'
import type { EventRecord, StepRecord } from '../event-record.js'
import { draw, emptyPicture, type LastStep, type Moment, type NewsMessage, type PastRun } from './picture.js'
import { RateHistory } from './rate-history.js'
import { StepHistory } from './step-history.js'

/** Records between two messages; where there are more, pages are sent everything instead. */
const MOST_NEWS = 400

const NO_STEP: LastStep = {
  step: 0,
  rows: 0,
  seconds: 0,
  epoch: 0,
  loss: 0,
  progressiveLoss: 0,
  learningRate: 0,
  gradientNorm: 0,
}

/** A run as pages see it: its past, and what is new since the last look. */
export class WatchedRun {
  #picture = emptyPicture()
  #steps = new StepHistory()
  #rates = new RateHistory()
  #news: NewsMessage['records'] = []
  #progress: NewsMessage['records'][number] | undefined
  #hasLostNews = false
  /** Of the newest step: one object, written over. */
  #last: LastStep | undefined
  #hasNewStep = false
  #epoch = 0
  /** Of the epochs before this one, and of the runs that this one goes on from. */
  #before = { rows: 0, bytes: 0, seconds: 0 }
  #now = { rows: 0, bytes: 0, seconds: 0 }

  constructor(readonly name: string) {}

  get status(): PastRun['picture']['status'] {
    return this.#picture.status
  }

  /** Called for every step of a run: 30,000 times a second at small mini-batches. */
  step(event: StepRecord | StepEvent): void {
    if (event.epoch !== this.#epoch) {
      this.#epoch = event.epoch
      this.#before = { ...this.#now, seconds: this.#before.seconds }
    }
    const before = this.#before
    const now = this.#now
    now.rows = before.rows + event.rows
    now.bytes = before.bytes + event.bytes
    now.seconds = before.seconds + event.seconds
    this.#steps.add(event, now.rows, now.seconds)
    this.#rates.add(now.seconds, now.rows, now.bytes)
    const last = (this.#last ??= { ...NO_STEP })
    last.rows = now.rows
    last.seconds = now.seconds
    last.step = event.step
    last.epoch = event.epoch
    last.loss = event.loss
    last.progressiveLoss = event.progressiveLoss
    last.learningRate = event.learningRate
    last.gradientNorm = event.gradientNorm
    this.#hasNewStep = true
  }

  show(record: EventRecord): void {
    if (record.type === 'step') {
      this.step(record)
      return
    }
    if (record.type === 'start') this.#begin(record.resumed?.step)
    const news = { record, at: this.#moment() }
    draw(this.#picture, record, news.at)
    if (record.type === 'progress') this.#progress = news
    else if (this.#news.length < MOST_NEWS) this.#news.push(news)
    else this.#hasLostNews = true
  }

  /** Forgets all: the file that it is read from has been written anew. */
  reset(): void {
    this.#picture = emptyPicture()
    this.#begin(undefined)
    this.#hasLostNews = true
  }

  past(): PastRun {
    return {
      name: this.name,
      picture: this.#picture,
      steps: this.#steps.all(),
      rates: this.#rates.all(),
      last: this.#last && { ...this.#last },
    }
  }

  /** What is new since the last time: nothing, a message for pages that have the rest, or so much that they need everything. */
  take(run: number): NewsMessage | 'everything' | undefined {
    const records = this.#progress === undefined ? this.#news : [...this.#news, this.#progress]
    const message = {
      type: 'news',
      run,
      steps: this.#steps.take(),
      rates: this.#rates.take(),
      last: this.#hasNewStep ? { ...this.#last! } : undefined,
      records,
    } as const
    const isAll = this.#hasLostNews
    const isNothing = records.length === 0 && !this.#hasNewStep
    this.#news = []
    this.#progress = undefined
    this.#hasLostNews = false
    this.#hasNewStep = false
    return isAll ? 'everything' : isNothing ? undefined : message
  }

  /** `from`: the step that the run goes on from; undefined for one that begins. */
  #begin(from: number | undefined): void {
    this.#epoch = 0
    if (from !== undefined && this.#last !== undefined) {
      this.#steps.cutAfter(from)
      this.#before = { ...this.#now }
      return
    }
    this.#steps = new StepHistory()
    this.#rates = new RateHistory()
    this.#before = { rows: 0, bytes: 0, seconds: 0 }
    this.#now = { rows: 0, bytes: 0, seconds: 0 }
    this.#last = undefined
    this.#hasLostNews ||= this.#news.length > 0
  }

  #moment(): Moment {
    return { step: this.#last?.step ?? 0, rows: this.#now.rows, seconds: this.#now.seconds }
  }
}
