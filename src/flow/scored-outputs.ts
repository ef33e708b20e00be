import type { BlockParser } from '../engine/parser.js'
import { ParseSlot } from '../engine/slots.js'
import type { Block } from './block.js'

/** What a worker has left of rows that lie one after the other, until the next one is asked for. */
export interface ScoredOutput {
  readonly bytes: Uint8Array
  /** Number of the first row in its block. */
  readonly first: number
  readonly rows: number
}

/** All that is left of a block whose rows the workers score: where there is not room for it at once, they are asked for the rest. */
export async function* scoredOutputs(
  { slot, rows }: Block,
  parser: BlockParser,
): AsyncGenerator<ScoredOutput> {
  if (!(slot instanceof ParseSlot)) throw new Error('rows that come from the cache are not scored')
  for (let first = 0; first < rows;) {
    const end = slot.endScored
    if (!(end > first)) throw new Error(`no row of ${rows} was scored from row ${first} on`)
    yield { bytes: slot.output, first, rows: end - first }
    first = end
    if (first === rows) return
    slot.askForMore()
    await parser.parse(slot)
  }
}
