import type { Ends } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
/** Records that must have the right number of fields before a line is believed to start one. */
const RECORDS_TO_CHECK = 8

/**
 * Bytes of a record that does not end because its quotes are at fault: up to the first line break behind which the records
 * have the right number of fields again, so that one quote too many costs one row and not the file. 0 where there is no
 * such line break. `start` is an address in the shared memory; what is found depends on the bytes alone.
 */
export function brokenRecordBytes(
  memory: SharedMemory,
  context: number,
  start: number,
  length: number,
  ends: Ends,
): number {
  const bytes = memory.views.u8.subarray(start, start + length)
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    const border = memory.kernel.findBorder(context, start + at, length - at, ends, 0, RECORDS_TO_CHECK)
    if (border === 1) return at > 0 && bytes[at - 1] === CARRIAGE_RETURN ? at - 1 : at
  }
  return 0
}
