/** A run ⇄ a checkpoint of it. */
import { basename } from 'node:path'
import { runError, shownPath, type MillraceError } from '../errors.js'
import type { EpochRows } from '../flow/epoch-rows.js'
import type { Run } from '../run/run.js'
import type { Checkpoint } from './checkpoint.js'
import { checkFlow, flowState, restoreFlow, type FlowState } from './flow-state.js'
import type { RunIdentity } from './identity.js'

/**
 * The state of a run between two steps. Its vectors are those of the run: they are to be copied before the next step.
 * `stepJustDone`: nothing of the next mini-batch has been cut, so that the place in the input is that of the step.
 */
export function stateOf(run: Run, identity: RunIdentity, stepJustDone: boolean): Checkpoint {
  const { learner, position, tally, stopping, lastGood } = run
  const { epoch, batches, digest } = position
  return {
    identity,
    position: { epoch, batches, step: learner.step, ...position.learned, digest, finished: isFinished(run) },
    flow: stepJustDone ? flowState(run) : undefined,
    learner: learner.state,
    first: tally.first,
    last: tally.last,
    best: stopping?.best,
    epochsWithoutImprovement: stopping?.withoutImprovement ?? 0,
    lastGood: lastGood.state,
  }
}

/** Whether no step is left, and only the model is to be written. */
export function isFinished({ position, epochs, stopping }: Run): boolean {
  return position.epoch > epochs || stopping?.isOver === true
}

/** Where a run goes on, until it has got there. */
export class Resumption {
  #isReached = false

  constructor(
    readonly path: string,
    private readonly checkpoint: Checkpoint,
  ) {}

  get position(): Checkpoint['position'] {
    return this.checkpoint.position
  }

  /** Until then, rows are read and not learned from. */
  get isReached(): boolean {
    return this.#isReached
  }

  /** The pass after this one: what the first one brings forth is needed, those between it and the position are not. */
  passAfter(pass: number): number {
    return Math.max(pass + 1, this.position.epoch)
  }

  /** Where the pass is to begin; undefined: at its start. Throws CHECKPOINT_INVALID. */
  flowOf(run: Run, epoch: number): FlowState | undefined {
    const { flow } = this.checkpoint
    if (flow === undefined || epoch > 1 || this.position.epoch > 1) return undefined
    try {
      checkFlow(run, flow)
    } catch (cause) {
      throw notOfThisRun(this.path, cause)
    }
    return flow
  }

  /** To be called when the pass is about to begin: gives the run its state where that is its position. */
  beginPass(run: Run, rows: EpochRows, flow: FlowState | undefined): void {
    if (flow !== undefined) {
      try {
        restoreFlow(run, rows, flow, this.position.trained)
      } catch (cause) {
        throw notOfThisRun(this.path, cause)
      }
      run.digest!.value = this.position.digest
      run.position.passedOver(this.position.batches)
    }
    this.reach(run, rows)
  }

  /** Whether `run` is at the position, and not beyond it, now that its epoch has `rows`. */
  private isAt({ position }: Run): boolean {
    const { epoch, batches } = this.position
    return position.epoch === epoch && position.batches === batches
  }

  /** Gives the run its state where it has come to the position. Throws where what was read on the way is not what was learned from. */
  reach(run: Run, rows?: EpochRows): void {
    if (this.#isReached || !this.isAt(run)) return
    const { checkpoint, path } = this
    const { position, learner, lastGood, best, epochsWithoutImprovement, first, last } = checkpoint
    const { digest, trained } = position
    if (run.position.digest !== digest || (rows?.trainedRows ?? 0) !== trained) throw otherRows(path)
    try {
      run.learner.restoreState(learner)
      run.newCategories?.restored()
    } catch (cause) {
      throw notOfThisRun(path, cause)
    }
    checkFits(run, checkpoint, path)
    if (rows !== undefined) rows.learned = position
    run.lastGood.restore(lastGood)
    run.stopping?.restore(best, epochsWithoutImprovement)
    run.tally.first = first
    run.tally.last = last
    this.#isReached = true
  }

  /** An epoch has ended: throws where the position lies behind its end. */
  checkPassed(run: Run): void {
    if (!this.#isReached && run.position.epoch >= this.position.epoch) throw otherRows(this.path)
  }
}

/** Numbers that decide how others are read; a checkpoint may be anybody's. */
function checkFits({ learner, stopping, epochs }: Run, checkpoint: Checkpoint, path: string): void {
  const { position, best, last, lastGood } = checkpoint
  const words = learner.parameters.length
  const fits =
    learner.step === position.step &&
    position.epoch >= 1 &&
    position.epoch <= epochs + 1 &&
    (position.epoch === 1) === (last === undefined) &&
    (last?.epoch ?? 0) === position.epoch - 1 &&
    (best === undefined || (stopping !== undefined && best.weights.length === words)) &&
    (lastGood.kept === undefined || lastGood.kept.weights.length <= words)
  if (!fits) throw notOfThisRun(path)
}

function otherRows(path: string): MillraceError {
  return runError(
    'RESUME_MISMATCH',
    `cannot go on from ${shownPath(basename(path))}: the rows before its position are not those that were learned from`,
    'the rest of a run needs the input of its beginning: restore it, or begin anew with another --checkpoint folder',
    { file: path },
  )
}

function notOfThisRun(path: string, cause?: unknown): MillraceError {
  return runError(
    'CHECKPOINT_INVALID',
    `the checkpoint ${shownPath(basename(path))} does not fit the model of this run`,
    'begin anew with another --checkpoint folder',
    { file: path },
    cause,
  )
}
