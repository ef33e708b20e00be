import { basename } from 'node:path'
import { runError } from '../../errors.js'
import type { EventRecord, StartRecord } from '../event-record.js'
import { readEvents } from '../read-events.js'
import { Curve } from './curve.js'

/** The losses of a run, by step; as much of them as the file holds. */
export class RunCurves {
  start: StartRecord | undefined
  readonly train = new Curve()
  readonly progressive = new Curve()
  readonly validation = new Curve()
  /** The last step of each epoch that has ended. */
  readonly epochEnds = new Curve()

  /** `name`: of the run among others. */
  constructor(readonly name: string) {}

  add(record: EventRecord): void {
    if (record.type === 'start') this.start = record
    else if (record.type === 'step') {
      this.train.add(record.step, record.loss)
      this.progressive.add(record.step, record.progressiveLoss)
    } else if (record.type === 'validation') this.validation.add(record.step, record.metrics.loss)
    else if (record.type === 'epoch') this.epochEnds.add(record.step, record.epoch)
  }

  finish(): void {
    for (const curve of [this.train, this.progressive, this.validation, this.epochEnds]) curve.finish()
  }

  /** The last loss that was measured on held-out rows, else the last progressive one; undefined where there is neither. */
  get lastLoss(): number | undefined {
    const measured = this.validation.points.length > 0 ? this.validation : this.progressive
    return measured.points.findLast(({ count }) => count > 0)?.mean
  }
}

/**
 * Reads the losses of a run from an event file, line by line; of several runs in one file the last.
 *
 * Throws a MillraceError where the file cannot be read, is damaged, or holds no step.
 */
export async function readRunCurves(file: string): Promise<RunCurves> {
  let curves = new RunCurves(basename(file))
  for await (const record of readEvents(file)) {
    // What is added to a file by a run that goes on continues its curves.
    if (record.type === 'start' && record.resumed === undefined) curves = new RunCurves(curves.name)
    curves.add(record)
  }
  curves.finish()
  if (curves.train.points.length === 0) {
    throw runError('NO_STEPS', 'no steps to draw', 'the run has not begun to learn: try again later', {
      file,
    })
  }
  return curves
}
