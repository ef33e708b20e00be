import { conflict } from '../options/model.js'
import { shownPath } from '../errors.js'
import type { ChosenOptions } from '../run/run.js'
import { CheckpointFolder } from './checkpoint-folder.js'
import { Checkpoints } from './checkpoints.js'
import { checkSameRun, type RunIdentity } from './identity.js'
import { Resumption } from './run-state.js'

/** What a run with checkpoints has besides. */
export interface OpenedCheckpoints {
  readonly checkpoints: Checkpoints
  readonly resumption: Resumption | undefined
  readonly warnings: readonly string[]
}

/**
 * The checkpoints of a run: those it writes, and, with `resume`, the one it goes on from. Throws RESUME_MISMATCH where that is
 * of another run, CHECKPOINT_INVALID, CHECKPOINT_NOT_WRITTEN, and OPTION_CONFLICT where an unfinished run would be overwritten.
 */
export async function openCheckpoints(
  { checkpoint: path, checkpointEvery, resume }: ChosenOptions,
  identify: () => RunIdentity,
): Promise<OpenedCheckpoints | undefined> {
  if (path === undefined) return undefined
  const folder = await CheckpointFolder.open(path)
  const identity = identify()
  const opened = { checkpoints: new Checkpoints(folder, identity, checkpointEvery) }
  const found = await folder.newest()
  if (found === undefined) {
    const warnings = resume ? [`no checkpoint in ${shownPath(path)} to resume from: the run begins anew`] : []
    return { ...opened, resumption: undefined, warnings }
  }
  const { position } = found.checkpoint
  if (!resume) {
    if (!position.finished) throw unfinished(path, position.step)
    await folder.clear()
    return { ...opened, resumption: undefined, warnings: [] }
  }
  checkSameRun(found.checkpoint.identity, identity, found.path)
  const warnings = found.warning === undefined ? [] : [found.warning]
  return { ...opened, resumption: new Resumption(found.path, found.checkpoint), warnings }
}

function unfinished(path: string, step: number) {
  return conflict(
    'checkpoint',
    `${shownPath(path)} has a checkpoint of a run that has not ended (step ${step})`,
    'go on with it (--resume), or name another folder',
  )
}
