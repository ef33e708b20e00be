import { Observable, type Subscriber } from 'rxjs'
import { Entry } from '../engine/block-index.js'
import { Credits } from '../engine/credits.js'
import type { BlockParser } from '../engine/parser.js'
import { CachedRows, type RowCache } from '../engine/row-cache.js'
import type { ParseSlot } from '../engine/slots.js'
import { MillraceError, runError } from '../errors.js'
import type { Block, BlockOrigin } from './block.js'

/** Blocks of a cache, by their numbers, that are used one after the other. */
export interface CachedLane {
  readonly blocks: readonly number[]
  /** Of the input. */
  readonly bytes: number
}

/** Deals items to players, one each in turn. */
export function deal<Item>(items: readonly Item[], players: number): Item[][] {
  const dealt = Array.from({ length: players }, (): Item[] => [])
  for (const [i, item] of items.entries()) dealt[i % players]!.push(item)
  return dealt
}

/**
 * Blocks of a cache, lane by lane: those in memory are used where they lie, those in the file are read by the workers
 * into the slots, which are dealt to the lanes.
 */
export function cachedBlocks(
  lanes: readonly CachedLane[],
  slots: readonly ParseSlot[],
  parser: BlockParser,
  cache: RowCache,
): Observable<Block> {
  return new Observable((subscriber) => {
    const slotsOf = deal(slots, lanes.length)
    const read = lanes.map(({ blocks }, lane) =>
      readLane(blocks, lane, new Credits(slotsOf[lane]!), parser, cache, subscriber),
    )
    Promise.all(read).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    )
  })
}

/** Reads ahead into as many slots as the lane has; passes the blocks on in their order. */
async function readLane(
  numbers: readonly number[],
  lane: number,
  credits: Credits<ParseSlot>,
  parser: BlockParser,
  cache: RowCache,
  blocks: Subscriber<Block>,
): Promise<void> {
  let passedOn = Promise.resolve()
  for (const [i, number] of numbers.entries()) {
    if (blocks.closed) return
    const last = i === numbers.length - 1
    const inMemory = cache.address(number)
    if (inMemory > 0 || cache.request(number).bytes === 0) {
      const rows = new CachedRows(cache, number, 0, inMemory, 0)
      const block = cachedBlock(cache, number, rows, lane, last, () => undefined)
      passedOn = passedOn.then(() => blocks.next(block))
      continue
    }
    const slot = await credits.take()
    slot.askForRows(cache.request(number))
    const read = readBack(parser.parse(slot), cache)
    passedOn = Promise.all([passedOn, read]).then(() => {
      if (slot.lacking > 0) throw cacheDamaged()
      const rows = new CachedRows(cache, number, slot.address, slot.rows, slot.readSeconds)
      blocks.next(cachedBlock(cache, number, rows, lane, last, () => credits.give(slot)))
    })
    // A slot that is never given back must not hide why.
    passedOn.catch((error: unknown) => blocks.error(error))
  }
  await passedOn
}

/** A worker that cannot read does not know what it was reading. */
async function readBack(read: Promise<void>, { file }: RowCache): Promise<void> {
  try {
    await read
  } catch (error) {
    if (!(error instanceof MillraceError && error.code === 'READ_FAILED')) throw error
    const { cause } = error
    const message = `the encoded rows could not be read back from ${file.where}: ${(cause as Error).message}`
    throw runError('CACHE_NOT_READ', message, 'check the disk that it lies on', {}, cause)
  }
}

function cachedBlock(
  { index }: RowCache,
  number: number,
  slot: CachedRows,
  lane: number,
  last: boolean,
  release: () => void,
): Block {
  const bytes = index.get(number, Entry.Bytes)
  return { slot, cached: true, lane, rows: slot.rowCount, origin: { ...ORIGIN, bytes }, last, release }
}

/** Of cached rows nothing is looked up in the input any more. */
const ORIGIN: BlockOrigin = {
  file: 'the row cache',
  descriptor: undefined,
  columns: { names: [], context: 0 },
  offset: 0,
  bytes: 0,
  line: undefined,
  raw: undefined,
}

/** The rows were written in this run, or checked when it began. */
export function cacheDamaged(): MillraceError {
  return runError(
    'CACHE_DAMAGED',
    'the encoded rows that were read back are not those that were written',
    'check the disk; if another program writes to the --cache folder, give this run one of its own',
  )
}
