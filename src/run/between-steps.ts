import type { Observer } from 'rxjs'
import type { TrainEvent } from '../events.js'
import type { Run } from './run.js'

/** What became of a run that was told to stand still. */
export class Rest {
  /** In all. */
  pausedSeconds = 0
  /** The run stands still after a step whose event has been passed on; nothing of the next mini-batch has been cut. */
  isResting = false
}

/** Between two steps: does what is asked of the run from outside; a promise where that takes time. */
export function betweenSteps(run: Run, told: Observer<TrainEvent>): void | Promise<void> {
  if (run.control.isPending) return standStill(run, told)
}

async function standStill(run: Run, told: Observer<TrainEvent>): Promise<void> {
  const { control, checkpoints, learner, rest } = run
  const tellPause = (paused: boolean): void => told.next({ type: 'pause', paused, step: learner.step })
  // While nothing else happens, something has to keep the process.
  const awake = setInterval(() => undefined, 2 ** 30)
  let pausedAt: number | undefined
  rest.isResting = true
  try {
    while (control.isPending) {
      if (control.takeCheckpointWish()) {
        await checkpoints?.write(run, true)
        for (const event of checkpoints?.take() ?? []) told.next(event)
      } else {
        if (pausedAt === undefined) tellPause(true)
        pausedAt ??= performance.now()
        await control.changed()
      }
    }
  } finally {
    clearInterval(awake)
    rest.isResting = false
    if (pausedAt !== undefined) {
      rest.pausedSeconds += (performance.now() - pausedAt) / 1000
      if (!control.signal.aborted) tellPause(false)
    }
  }
}
