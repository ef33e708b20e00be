import type { LossesPlan, ModelPlan, ScoringPlan } from '../../workers/protocol.js'
import type { Loss, LossKernelNames } from '../loss/index.js'
import type { ScoredRows } from '../metric/index.js'
import type { PartColumns } from '../schema/part-columns.js'
import type { RowLayout } from '../step/rows.js'
import type { SharedMemory } from './memory.js'
import { runBytes, runSums } from './score-block.js'
import { SCORED_AT_ONCE } from './score.js'
import type { OutputRoom } from './slots.js'

/** What workers do with the rows of a block besides parsing them, and the room that it takes. */
export interface BlockScoring {
  readonly plan: ScoringPlan
  /** Bytes of a block, where the memory allows them. Default: as of rows that are not scored. */
  readonly blockBytes?: number
  /** Bytes that are left of a row, about. */
  readonly rowBytes: number
  /** Room for what is left of a block of about so many rows; where there are more, they are scored in several goes. */
  outputRoom(blockBytes: number, rows: number): OutputRoom
  /** Told of the columns of every part of the input before it is parsed. */
  prepare(columns: PartColumns, file?: string): void
}

/** Bytes of scores that a worker has at a time: about what a core keeps in its own cache. */
const SCORES_AT_ONCE = 256 << 10
const LEAST_ROWS_AT_ONCE = 64

/** Bytes of the predictions of a run, unless LEAST_ROWS_AT_ONCE have more. */
const MOST_RUN_BYTES = 16 << 20

/** There is room for so many times the rows that a block has by the size of the first records. */
export const MORE_THAN_EXPECTED = 1.5

/** As many rows as fit, a multiple of 4. */
function rowsWithin(bytes: number, outputs: number): number {
  const rows = Math.floor(bytes / (outputs * 16)) * 4
  return Math.min(SCORED_AT_ONCE, Math.max(LEAST_ROWS_AT_ONCE, rows))
}

/** What is left of a row does not depend on how many are scored at a time. */
export function scoringPlan(
  model: ModelPlan,
  predict: LossKernelNames['predict'],
  into: ScoringPlan['into'],
): ScoringPlan {
  return { model, predict, rowsAtOnce: rowsWithin(SCORES_AT_ONCE, model.outputs), into }
}

/** Scored rows, and Σ weight · loss of them in the units of the data. */
export interface MeasuredRun {
  readonly sum: number
  readonly rows: ScoredRows
}

/** For evaluate: what is left of rows are their predictions, and the sums of the losses of runs of them. */
export interface BlockMeasuring extends BlockScoring {
  /** The runs in what a worker has left of rows of the block whose first row is at `blockRows`. */
  runsOf(
    blockRows: number,
    scored: { readonly bytes: Uint8Array; readonly first: number; readonly rows: number },
  ): Generator<MeasuredRun>
}

/** Losses are summed over as many rows as in training, so that the sums have the same bits. */
export function measuring(
  memory: SharedMemory,
  model: ModelPlan,
  { strideWords, labelWord, weightWord }: RowLayout,
  { kernel, setting, unit }: Loss,
): BlockMeasuring {
  const rowBytes = model.outputs * 4
  const runRows = rowsWithin(MOST_RUN_BYTES, model.outputs)
  const into: LossesPlan = { kind: 'losses', loss: kernel.loss, setting, labelWord, weightWord, runRows }
  return {
    plan: scoringPlan(model, kernel.predict, into),
    rowBytes,
    outputRoom(_blockBytes, rows) {
      const runs = Math.ceil((rows * MORE_THAN_EXPECTED) / runRows)
      return { bytes: runs * runBytes(rowBytes, runRows), blockBytes: 0 }
    },
    prepare: () => undefined,
    *runsOf(blockRows, { bytes, first, rows }) {
      const { f32, f64 } = memory.views
      const predictions = f32.subarray(bytes.byteOffset >>> 2)
      const sums = (bytes.byteOffset + runSums(bytes.length, rowBytes, runRows).sumsAt) >>> 3
      for (let run = 0, done = 0; done < rows; run++, done += runRows) {
        yield {
          sum: f64[sums + run * 2]! * unit,
          rows: {
            predictions,
            firstPrediction: done * model.outputs,
            words: f32,
            firstWord: (blockRows >>> 2) + (first + done) * strideWords,
            strideWords,
            labelWord,
            weightWord,
            count: Math.min(runRows, rows - done),
          },
        }
      }
    },
  }
}
