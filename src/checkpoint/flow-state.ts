/** Where in its input a run is, and what the part it has read has brought forth: enough to read on from there. */
import type { BadRowCounts } from '../bad-row-codes.js'
import type { EpochRows, RowsBefore } from '../flow/epoch-rows.js'
import type { OrderState } from '../flow/row-order.js'
import type { Run } from '../run/run.js'
import type { PackedValues } from '../schema/growing-vocabularies.js'

/** Of a first pass over files, between two mini-batches. */
export interface FlowState {
  /** For each lane, the byte and the row that come next, and whose turn it is. */
  readonly order: OrderState
  readonly rows: RowsBefore
  readonly badRows: BadRowCounts
  /** Values that have been added to vocabularies. */
  readonly grown: PackedValues
  /** Encoded. */
  readonly heldOut: Uint8Array
  /** Rows of each category index, u32; empty where they are not counted. */
  readonly categoryCounts: Uint8Array
}

const NOTHING = new Uint8Array(0)

/**
 * Whether the run can go on in the middle of its pass. Others read it again from the start: those that need its rows a second
 * time, streams, and those whose bad or rare values are told in the order in which they are met.
 */
export function canGoOnInPass({ options, epochs, cache, flow, quarantine, encoding }: Run): boolean {
  const { minCount, maxBadRows } = options
  const rare = minCount > 1 && encoding.vocabularies!.room > 0
  const limited = maxBadRows.rows < Infinity || maxBadRows.share < 1
  const once = epochs === 1 && cache === undefined && flow.canGoOnFrom !== undefined
  return once && quarantine === undefined && !rare && !limited
}

/** To be asked for between two mini-batches; undefined where the pass has to be read again. */
export function flowState(run: Run): FlowState | undefined {
  const { position, heldOut, badRows, encoding } = run
  const { rows, order } = position
  if (position.epoch > 1 || rows === undefined || order?.state === undefined || !canGoOnInPass(run))
    return undefined
  const held = heldOut === undefined || run.validationReader !== undefined ? NOTHING : heldOut.packed
  if (held === undefined) return undefined
  return {
    order: order.state,
    rows: rows.before,
    badRows: badRows.counts,
    grown: encoding.vocabularies!.packed(),
    heldOut: held,
    categoryCounts: run.categoryCounts?.packed() ?? NOTHING,
  }
}

/** Throws where the state is none of this run: it may come from anybody's file. */
export function checkFlow(run: Run, { order, heldOut }: FlowState): void {
  const fits = run.flow.canGoOnFrom?.(order, run.options.shards) === true && canGoOnInPass(run)
  if (!fits || (heldOut.length > 0 && run.heldOut === undefined)) throw new Error('its lanes are others')
}

/** Gives a run that is about to begin its first pass what the part before its position has brought forth. Throws as checkFlow. */
export function restoreFlow(
  run: Run,
  rows: EpochRows,
  { badRows, grown, heldOut, categoryCounts }: FlowState,
  trained: number,
): void {
  run.encoding.vocabularies!.unpack(grown)
  run.badRows.restore(badRows)
  run.heldOut?.unpack(heldOut)
  run.categoryCounts?.unpack(categoryCounts)
  checkHeldOut(run)
  rows.passedOver(trained)
}

/** Indices and labels of encoded rows are used as they are. */
function checkHeldOut({ heldOut, encoding, schema, memory }: Run): void {
  const { layout, categoryIndices, vocabularies } = encoding
  const { strideWords, denseWords, categories, labelWord } = layout
  const classes = schema.target.kind === 'number' ? 0 : schema.target.classes.length
  const indices = categoryIndices + vocabularies!.size
  for (const { start, count } of heldOut?.stretches() ?? []) {
    const within = memory.kernel.rowsWithin(
      start,
      strideWords * 4,
      count,
      denseWords,
      categories,
      indices,
      labelWord,
      classes,
    )
    if (within !== 1) throw new Error('its held-out rows are others')
  }
}
