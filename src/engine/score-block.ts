/** What a worker does with the rows of a block once they are parsed: forward → predictions → text, or losses. */
import type { Kernel } from '../../workers/kernel.js'
import { Field, LineState, ParseResult, Slot } from '../../workers/layout.js'
import type { LinesPlan, LossesPlan, ScoringPlan, ScoringTask } from '../../workers/protocol.js'
import { modelSteps, scratchBytes, type ModelSteps } from './steps.js'

/** What a scoring task needs for itself: bytes from the start of its scratch. Where it is used, addresses. */
interface ScoringRoom {
  readonly activations: number
  /** K f32 a row; a vector more may be read. */
  readonly z: number
  readonly predictions: number
  readonly dz: number
  readonly contributions: number
  readonly fields: number
  readonly lineState: number
  /** Of all. */
  readonly end: number
}

export function scoringRoom({ model, rowsAtOnce, into }: ScoringPlan, start = 0): ScoringRoom {
  let end = start
  const claim = (bytes: number): number => {
    const at = end
    end += Math.ceil(bytes / 16) * 16
    return at
  }
  const scores = rowsAtOnce * model.outputs * 4 + 16
  const isText = into.kind === 'lines'
  const room = {
    activations: claim(scratchBytes(model)),
    z: claim(scores),
    predictions: claim(isText ? scores : 0),
    dz: claim(isText ? 0 : scores),
    contributions: claim(isText ? rowsAtOnce * into.contributions * 4 : 0),
    fields: claim(isText ? into.kept * Field.SIZE : 0),
    lineState: claim(LineState.SIZE),
  }
  return { ...room, end }
}

/** What a run leaves: predictions, Σ weight·loss, Σ weight. */
export function runBytes(rowBytes: number, runRows: number): number {
  return rowBytes * runRows + 16
}

/** Where the sums of each run are, behind the predictions of all of them, in so many bytes. */
export function runSums(bytes: number, rowBytes: number, runRows: number): { runs: number; sumsAt: number } {
  const runs = Math.floor(bytes / runBytes(rowBytes, runRows))
  return { runs, sumsAt: runs * rowBytes * runRows }
}

/** A run of encoded rows, by its address. */
interface Rows {
  readonly at: number
  readonly count: number
}

/**
 * Scores the rows of a parsed block from Slot.FirstRow on until Slot.Output is full; says in the slot how far it has come. It
 * reads nothing that it writes: done again, it leaves the same.
 */
export function scoreBlock(
  kernel: Kernel,
  view: DataView,
  slot: number,
  { plan, scratch }: ScoringTask,
): void {
  const room = scoringRoom(plan, scratch)
  const steps = modelSteps(kernel, plan.model, room.activations)
  if (plan.into.kind === 'lines') writeBlock(kernel, view, slot, plan, plan.into, room, steps)
  else measureBlock(kernel, view, slot, plan, plan.into, room, steps)
}

/** Rows of the block that are still to be scored, from row `first` on, at most so many. */
function rowsOf(view: DataView, slot: number, { model }: ScoringPlan, first: number, most: number): Rows {
  const rows = view.getUint32(slot + Slot.Result + ParseResult.Rows, true)
  const at = view.getUint32(slot + Slot.Rows, true) + first * model.stride
  return { at, count: Math.min(most, rows - first) }
}

/** x → z → prediction; a network takes fewer rows at a time. */
function predictRows(
  kernel: Kernel,
  { model, predict }: ScoringPlan,
  steps: ModelSteps,
  { at, count }: Rows,
  z: number,
  predictions: number,
): void {
  for (let done = 0; done < count; done += model.rowsAtOnce) {
    const rows = Math.min(model.rowsAtOnce, count - done)
    steps.forward(at + done * model.stride, rows, z + done * model.outputs * 4, done)
  }
  kernel[predict]!(z, count, model.outputs, predictions)
}

function writeBlock(
  kernel: Kernel,
  view: DataView,
  slot: number,
  plan: ScoringPlan,
  lines: LinesPlan,
  { z, predictions, contributions, fields, lineState }: ScoringRoom,
  steps: ModelSteps,
): void {
  const read = (field: Slot): number => view.getUint32(slot + field, true)
  const output = read(Slot.Output)
  const raw = read(Slot.Raw)
  view.setUint32(lineState + LineState.Out, output, true)
  view.setUint32(lineState + LineState.End, output + read(Slot.OutputCapacity), true)
  view.setUint32(lineState + LineState.Record, read(Slot.FirstRecord) || raw, true)
  let next = read(Slot.FirstRow)
  for (;;) {
    const rows = rowsOf(view, slot, plan, next, plan.rowsAtOnce)
    if (rows.count === 0) break
    predictRows(kernel, plan, steps, rows, z, predictions)
    explainRows(kernel, plan, lines, rows, z, contributions)
    const written = kernel.writeLines(
      lines.program,
      predictions,
      plan.model.outputs,
      lines.threshold,
      contributions,
      lines.contributions,
      rows.count,
      read(Slot.Context),
      raw,
      read(Slot.Length),
      read(Slot.BadRecords),
      fields,
      lineState,
    )
    next += written
    if (written < rows.count) break
  }
  view.setUint32(slot + Slot.OutputLength, view.getUint32(lineState + LineState.Out, true) - output, true)
  view.setUint32(slot + Slot.NextRow, next, true)
  view.setUint32(slot + Slot.NextRecord, view.getUint32(lineState + LineState.Record, true), true)
}

function explainRows(
  kernel: Kernel,
  { model: plan }: ScoringPlan,
  lines: LinesPlan,
  { at, count }: Rows,
  z: number,
  contributions: number,
): void {
  const { stride, denseWords, outputs, v, model } = plan
  if (lines.contributions === 0 || model.kind !== 'linear') return
  kernel.contributionsOf(
    at,
    stride,
    count,
    denseWords,
    lines.columns,
    lines.contributions - 1,
    outputs,
    model.w,
    model.bias,
    v,
    z,
    contributions,
  )
}

function measureBlock(
  kernel: Kernel,
  view: DataView,
  slot: number,
  plan: ScoringPlan,
  losses: LossesPlan,
  { z, dz }: ScoringRoom,
  steps: ModelSteps,
): void {
  const { outputs, stride } = plan.model
  const { runRows, labelWord, weightWord, setting } = losses
  const output = view.getUint32(slot + Slot.Output, true)
  const { runs, sumsAt } = runSums(view.getUint32(slot + Slot.OutputCapacity, true), outputs * 4, runRows)
  const first = view.getUint32(slot + Slot.FirstRow, true)
  let next = first
  for (let run = 0; run < runs; run++) {
    const sums = output + sumsAt + run * 16
    view.setFloat64(sums, 0, true)
    view.setFloat64(sums + 8, 0, true)
    const end = next + rowsOf(view, slot, plan, next, runRows).count
    while (next < end) {
      const { at, count } = rowsOf(view, slot, plan, next, Math.min(plan.rowsAtOnce, end - next))
      predictRows(kernel, plan, steps, { at, count }, z, output + (next - first) * outputs * 4)
      kernel[losses.loss]!(at, stride, count, labelWord, weightWord, outputs, setting, z, dz, sums)
      next += count
    }
  }
  // The sums lie at the end of it.
  view.setUint32(slot + Slot.OutputLength, view.getUint32(slot + Slot.OutputCapacity, true), true)
  view.setUint32(slot + Slot.NextRow, next, true)
}
