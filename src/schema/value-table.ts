import { Table, TableIndex, TableSlot } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import { murmur3 } from '../numeric/murmur3.js'

/**
 * Writes a hash table (layout.ts, Table) from values to their `indices`, by default their positions in `values`, and from missing-value tokens to
 * TableIndex.Missing; returns its address. A token that is also a value counts as missing.
 */
export function writeTable(
  memory: SharedMemory,
  values: readonly string[],
  missingTokens: readonly string[],
  indices: readonly number[] = values.map((_, i) => i),
): number {
  const keys = [...missingTokens, ...values].map((value) => new TextEncoder().encode(value))
  const slots = tableSlots(keys.length)
  const slotBytes = Table.Slots + slots * TableSlot.SIZE
  const keyBytes = keys.reduce((sum, key) => sum + key.length, 0)
  const { start } = memory.allocate('value table', slotBytes + keyBytes)
  const { u8, u32 } = memory.views
  u32[(start + Table.Mask) >>> 2] = slots - 1
  u32[(start + Table.Longest) >>> 2] = keys.reduce((most, key) => Math.max(most, key.length), 0)
  let keyAt = start + slotBytes
  keys.forEach((key, i) => {
    const hash = murmur3(key)
    let slot = hash & (slots - 1)
    const slotWord = () => (start + Table.Slots + slot * TableSlot.SIZE) >>> 2
    // Tokens come first, so that a value that equals one is appended behind it and never found.
    while (u32[slotWord() + TableSlot.Key / 4] !== 0) slot = (slot + 1) & (slots - 1)
    u8.set(key, keyAt)
    u32[slotWord() + TableSlot.Hash / 4] = hash
    u32[slotWord() + TableSlot.Index / 4] =
      i < missingTokens.length ? TableIndex.Missing : indices[i - missingTokens.length]!
    u32[slotWord() + TableSlot.Key / 4] = keyAt
    u32[slotWord() + TableSlot.KeyLength / 4] = key.length
    keyAt += key.length
  })
  return start
}

/** A power of two, at most half full: probes stay short, and an empty slot always ends them. */
function tableSlots(keys: number): number {
  let slots = 4
  while (slots < keys * 2) slots *= 2
  return slots
}
