import { CacheWriter, openKeptCache, type KeptCache } from '../artifact/cache-file.js'
import { BlockIndex, Entry } from '../engine/block-index.js'
import { Credits } from '../engine/credits.js'
import type { SharedMemory } from '../engine/memory.js'
import { RowCache } from '../engine/row-cache.js'
import type { ParseSlot } from '../engine/slots.js'
import type { GrownCategories } from '../schema/growing-vocabularies.js'
import { badRowCodes, type BadRowCounts } from '../bad-row-codes.js'
import type { BadRowAccount } from './bad-row-account.js'
import type { RowFlow } from './row-flow.js'

/** What a kept cache is opened with. */
export interface KeptCacheOptions {
  readonly path: string
  /** What its rows must have been made of (artifact/cache-key.ts). */
  readonly content: string
  readonly strideBytes: number
  /** For a new one. */
  readonly memoryBytes: number
  /** Whether the rows of an earlier run may be used. */
  readonly accepts: (rows: { read: number; skipped: number }) => boolean
  /** Bad rows by reason are kept with the rows, and come back with them. */
  readonly badRows: Pick<BadRowAccount, 'counts' | 'restore'>
  /** Whether these rows, read from the file, may be given to the kernel. */
  readonly checkRows: (rows: number, count: number, notes: CacheNotes) => boolean
  /** The values that the first pass has added to the vocabularies. */
  readonly grown: () => GrownCategories
  /** Takes them over from an earlier run; throws, and changes nothing, where that is not possible. */
  readonly restore: (grown: GrownCategories) => void
}

/** What a kept cache says of itself. */
export interface CacheNotes {
  readonly content: string
  readonly skipped: number
  readonly grown: GrownCategories
  readonly badRows: BadRowCounts
}

export interface OpenedCache {
  readonly cache: RowCache
  /** Gives a new cache its name, when the first pass has ended. */
  readonly keep: () => Promise<void>
  /** Its rows are those of an earlier run: the input need not be parsed. */
  readonly filled: boolean
  /** Why an earlier one is not used. */
  readonly warning: string | undefined
}

/**
 * Opens the cache that an earlier run has left, and reads it once from end to end: only when every block is what was
 * written is it used. Otherwise a new one is begun, which takes its place when it is whole.
 */
export async function openCache(
  memory: SharedMemory,
  flow: RowFlow,
  options: KeptCacheOptions,
): Promise<OpenedCache> {
  let warning: string | undefined
  try {
    const kept = await openWhole(memory, flow, options)
    if (kept !== undefined) return { ...kept, filled: true, warning }
  } catch (error) {
    warning = `the row cache ${options.path} is not used and will be replaced: ${(error as Error).message}`
  }
  const { path, content, strideBytes, memoryBytes, badRows } = options
  const writer = await CacheWriter.create(path)
  const cache = new RowCache(memory, strideBytes, memoryBytes, writer)
  const keep = async (): Promise<void> => {
    await cache.written()
    const skipped = sum(cache.index, Entry.Skipped)
    const grown = options.grown()
    const notes: CacheNotes = { content, skipped, badRows: badRows.counts, grown }
    await writer.finish(cache.end, cache.index.entries, notes)
  }
  return { cache, keep, filled: false, warning }
}

async function openWhole(
  memory: SharedMemory,
  flow: RowFlow,
  { path, content, strideBytes, accepts, checkRows, badRows, restore }: KeptCacheOptions,
): Promise<Pick<OpenedCache, 'cache' | 'keep'> | undefined> {
  const { lanes, slots } = flow
  const kept = openKeptCache(path, { strideBytes, capacity: slots[0]!.capacity, lanes })
  if (kept === undefined) return undefined
  try {
    const notes = notesOf(kept)
    if (notes.content !== content) throw new Error('it was made from other data: the input has changed')
    const index = new BlockIndex(kept.entries)
    const told = Object.values(notes.badRows).reduce((total, rows) => total + rows, 0)
    if (!(notes.skipped === sum(index, Entry.Skipped) && told === notes.skipped))
      throw new Error('it is damaged')
    const used = sum(index, Entry.Rows) + sum(index, Entry.Validation)
    if (!accepts({ read: used + notes.skipped, skipped: notes.skipped })) {
      kept.close()
      return undefined
    }
    const cache = new RowCache(memory, strideBytes, 0, kept, index)
    await readThrough(cache, flow, (rows, count) => checkRows(rows, count, notes))
    restore(notes.grown)
    badRows.restore(notes.badRows)
    return { cache, keep: () => Promise.resolve() }
  } catch (error) {
    kept.close()
    throw error
  }
}

/** Reads all blocks on the workers. Throws at the first that is not what was written. */
async function readThrough(
  cache: RowCache,
  { slots, parser }: RowFlow,
  checkRows: (rows: number, count: number) => boolean,
): Promise<void> {
  const credits = new Credits<ParseSlot>(slots)
  const reading: Promise<void>[] = []
  let damaged = false
  const read = async (slot: ParseSlot, rows: number): Promise<void> => {
    try {
      await parser.parse(slot)
      if (slot.lacking > 0 || !checkRows(slot.rows, rows)) damaged = true
    } catch {
      damaged = true
    }
    credits.give(slot)
  }
  for (let block = 0; block < cache.index.count && !damaged; block++) {
    const request = cache.request(block)
    if (request.bytes === 0) continue
    const slot = await credits.take()
    slot.askForRows(request)
    reading.push(read(slot, request.bytes / cache.strideBytes))
  }
  await Promise.all(reading)
  if (damaged) throw new Error('it is damaged')
}

function notesOf({ notes }: KeptCache): CacheNotes {
  const { content, skipped, badRows, grown } = (notes ?? {}) as Partial<Record<keyof CacheNotes, unknown>>
  const numbers = typeof content === 'string' && typeof skipped === 'number'
  if (!numbers || !areCounts(badRows) || !areCategories(grown)) throw new Error('it is damaged')
  return { content, skipped, badRows, grown }
}

function areCategories(grown: unknown): grown is GrownCategories {
  const { values, slots } = (grown ?? {}) as Partial<Record<keyof GrownCategories, unknown>>
  if (!Array.isArray(values) || !Array.isArray(slots) || values.length !== slots.length) return false
  return values.every((value) => typeof value === 'string') && slots.every((slot) => typeof slot === 'number')
}

function areCounts(badRows: unknown): badRows is BadRowCounts {
  if (typeof badRows !== 'object' || badRows === null) return false
  const codes = new Set<string>(Object.values(badRowCodes))
  return Object.entries(badRows).every(
    ([code, rows]) => codes.has(code) && Number.isSafeInteger(rows) && rows >= 0,
  )
}

function sum(index: BlockIndex, entry: Entry): number {
  let total = 0
  for (let block = 0; block < index.count; block++) total += index.get(block, entry)
  return total
}
