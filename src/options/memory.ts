/** Whether the memory that a run asks for is there. */

import { join } from 'node:path'
import { legacyGroups, readText, unifiedGroups, type ReadText } from './control-groups.js'
import { usageError, type MillraceError } from '../errors.js'

/** What Node and the threads take beside the shared memory. */
const BESIDE_BYTES = 64 * 2 ** 20
const MIB = 2 ** 20

/**
 * Throws MEMORY_LIMITED where the process may not have so many bytes: the system would end it in the middle of the run,
 * without a word.
 *
 * The default is not lowered instead, because the size of the blocks, and with it the model, depends on it: a model must
 * not depend on the machine that trained it.
 */
export function checkMemory(bytes: number, limit = memoryWithin(readText)): void {
  if (bytes + BESIDE_BYTES <= limit) return
  throw memoryLimited(bytes, limit)
}

/** The least limit, in bytes, of the process's control groups (cgroup v2 `memory.max`, v1 `memory.limit_in_bytes`), or Infinity. */
export function memoryWithin(read: ReadText): number {
  const files = [
    ...unifiedGroups(read).map((folder) => join(folder, 'memory.max')),
    ...legacyGroups(read, 'memory').map((folder) => join(folder, 'memory.limit_in_bytes')),
  ]
  let least = Infinity
  for (const file of files) {
    const limit = Number((read(file) ?? '').trim())
    if (limit > 0) least = Math.min(least, limit)
  }
  return least
}

function memoryLimited(bytes: number, limit: number): MillraceError {
  const room = Math.floor((limit - BESIDE_BYTES) / MIB)
  const most = room >= 1 ? 2 ** Math.floor(Math.log2(room)) : 0
  return usageError(
    'MEMORY_LIMITED',
    `memory: expected at most ${Math.max(0, room)} MiB, as this process is limited to ${Math.floor(limit / MIB)} MiB, got ${Math.ceil(bytes / MIB)} MiB`,
    most > 0
      ? `give less, such as --memory ${most}MiB (another size gives another model), or raise the limit of the container`
      : 'raise the limit of the container',
  )
}
