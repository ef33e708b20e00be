/**
 * Vocabularies that grow in the first pass. A value gets an index when it has been met often enough, in the order in
 * which blocks come to be used (rows of a block in their order, fields of a row in theirs): that order is a function of
 * the data alone. Twin: the model in test/kernel/grown.test.ts.
 *
 * Workers look values up while the main thread adds to the table, and may miss what it has just added. That cannot be
 * seen in the result, because of three rules:
 *
 *   1. A value is added when the block that holds its deciding field is settled, and a block is settled, after it has been
 *      parsed, in the order above. So whatever a worker finds was added for a block that comes before its own.
 *   2. A worker that does not find a value leaves the field to the main thread, which settles the block later: it knows by
 *      then every value that was added for the blocks before, and writes the index that the worker would have found.
 *   3. A vocabulary is closed after its last value is in the table, and a worker looks whether it is open before it looks
 *      for the value: what is not found in a closed vocabulary is not in it.
 *
 * So a field has the index of its value where that was decided before the field in the order above, else its bucket.
 */
import { GrownValue, Met, ParseContext, ParseResult, Table, TableSlot, Unseen, Vocabularies, Vocabulary } from '../layout'
import { hashBytes, sameBytes } from './hash'

/** TableSlot.Index from here on: how often a value has been met that has no index yet. */
const RARELY: u32 = u32(Met.Rarely)

/** One table holds the values of all slots: this tells them apart, because equal bytes have equal hashes. */
// @ts-ignore: decorator
@inline
function slotHash(hash: u32, word: u32): u32 {
  return hash ^ (word * 0x9e3779b1)
}

/** Copies a few bytes, also where `to` lies before `from` and they overlap; memory.copy costs a call. */
// @ts-ignore: decorator
@inline
function copyBytes(to: usize, from: usize, length: usize): void {
  const end = from + length
  for (; from + 8 <= end; from += 8, to += 8) store<u64>(to, load<u64>(from))
  for (; from < end; ++from, ++to) store<u8>(to, load<u8>(from))
}

/** The TableSlot of the value, or the empty one where it belongs. The key pointer is written last (addKey) and read first. */
// @ts-ignore: decorator
@inline
function findSlot(table: usize, start: usize, end: usize, hash: u32): usize {
  const mask = load<u32>(table, Table.Mask)
  const length = u32(end - start)
  let place = hash & mask
  while (true) {
    const slot = table + Table.Slots + usize(place) * TableSlot.SIZE
    const key = atomic.load<u32>(slot, TableSlot.Key)
    if (!key) return slot
    if (load<u32>(slot, TableSlot.Hash) == hash && load<u32>(slot, TableSlot.KeyLength) == length) {
      if (sameBytes(start, key, length)) return slot
    }
    place = (place + 1) & mask
  }
}

/** Puts a field on the list of those to be looked up when its call has parsed all it can. `word` is where its bucket is. */
export function reportUnseen(result: usize, word: usize, start: usize, end: usize): void {
  const length = u32(end - start)
  if (length > u32(Unseen.LongestKey)) return
  const unseen = load<u32>(result, ParseResult.Unseen)
  store<u32>(unseen, u32(word), Unseen.Word)
  store<u8>(unseen, u8(length - 1), Unseen.Length)
  copyBytes(unseen + Unseen.Key, start, length)
  store<u32>(result, unseen + Unseen.Key + length, ParseResult.Unseen)
}

// @ts-ignore: decorator
@inline
function keyEnd(unseen: usize): usize {
  return unseen + Unseen.Key + usize(load<u8>(unseen, Unseen.Length)) + 1
}

/** The number of the word within its row. */
// @ts-ignore: decorator
@inline
function wordInRow(unseen: usize, rows: usize, stride: u32): u32 {
  return ((load<u32>(unseen, Unseen.Word) - u32(rows)) % stride) >> 2
}

// @ts-ignore: decorator
@inline
function firstSlot(table: usize, unseen: usize, rows: usize, stride: u32): usize {
  const hash = slotHash(hashBytes(unseen + Unseen.Key, keyEnd(unseen)), wordInRow(unseen, rows, stride))
  return table + Table.Slots + usize(hash & load<u32>(table, Table.Mask)) * TableSlot.SIZE
}

/** Fields that are looked up together. */
const TOGETHER = 16

/**
 * Fetches what the look-ups of the next fields will read, all side by side before any is branched upon: each is likely
 * to miss the cache. Returns the end of these fields; writes a word at `end`, so that the loads are not taken for useless.
 */
function fetch(table: usize, unseen: usize, end: usize, rows: usize, stride: u32): usize {
  let seen: u32 = 0
  let last = unseen
  for (let i = 0; i < TOGETHER && last < end; ++i) {
    seen |= load<u32>(firstSlot(table, last, rows, stride), TableSlot.Key)
    last = keyEnd(last)
  }
  for (let at = unseen; at < last; at = keyEnd(at)) {
    seen |= load<u32>(load<u32>(firstSlot(table, at, rows, stride), TableSlot.Key))
  }
  store<u32>(end, seen)
  return last
}

/**
 * Looks up the fields from `unseen` to the end of the result's list: writes the index of a value that has one; those that
 * may still be given one stay on the list. On any thread. `rows` is the first row of the block, or of a part of it.
 */
export function findGrown(context: usize, unseen: usize, result: usize, rows: usize): void {
  const vocabularies = load<u32>(context, ParseContext.Vocabularies)
  const end = usize(load<u32>(result, ParseResult.Unseen))
  if (!vocabularies || unseen == end) return
  const stride = load<u32>(context, ParseContext.Stride)
  const first = usize(load<u32>(vocabularies, Vocabularies.First)) - usize(load<u32>(context, ParseContext.DenseWords)) * Vocabulary.SIZE
  const table = usize(load<u32>(vocabularies, Vocabularies.Table))
  let kept = unseen
  let fetched = unseen
  while (unseen < end) {
    if (unseen == fetched) fetched = fetch(table, unseen, end, rows, stride)
    const key = unseen + Unseen.Key
    const next = keyEnd(unseen)
    const word = wordInRow(unseen, rows, stride)
    // Rule 3: before the look-up.
    const open = atomic.load<u32>(first + usize(word) * Vocabulary.SIZE, Vocabulary.Open)
    const slot = findSlot(table, key, next, slotHash(hashBytes(key, next), word))
    const index = atomic.load<u32>(slot, TableSlot.Key) ? atomic.load<u32>(slot, TableSlot.Index) : RARELY
    if (index < RARELY) store<u32>(load<u32>(unseen, Unseen.Word), index)
    else if (open) {
      if (kept != unseen) copyBytes(kept, unseen, next - unseen)
      kept += next - unseen
    }
    unseen = next
  }
  store<u32>(result, u32(kept), ParseResult.Unseen)
}

function close(vocabulary: usize): void {
  atomic.store<u32>(vocabulary, 0, Vocabulary.Open)
}

/** Ends the growth of all vocabularies. */
export function closeVocabularies(vocabularies: usize): void {
  const first = usize(load<u32>(vocabularies, Vocabularies.First))
  const end = first + usize(load<u32>(vocabularies, Vocabularies.Slots)) * Vocabulary.SIZE
  for (let vocabulary = first; vocabulary < end; vocabulary += Vocabulary.SIZE) close(vocabulary)
}

/** Puts a value into an empty TableSlot; false where there is no room for it. */
function addKey(vocabularies: usize, slot: usize, hash: u32, key: usize, length: u32, index: u32): bool {
  const room = load<u32>(vocabularies, Vocabularies.Room)
  const place = load<u32>(vocabularies, Vocabularies.NextKey)
  if (!room || load<u32>(vocabularies, Vocabularies.EndKey) - place < length) return false
  copyBytes(place, key, length)
  store<u32>(slot, hash, TableSlot.Hash)
  store<u32>(slot, index, TableSlot.Index)
  store<u32>(slot, length, TableSlot.KeyLength)
  // Last: a worker that sees the key sees all that was written before it.
  atomic.store<u32>(slot, place, TableSlot.Key)
  store<u32>(vocabularies, room - 1, Vocabularies.Room)
  store<u32>(vocabularies, place + length, Vocabularies.NextKey)
  return true
}

/** Gives the value of a TableSlot the next index; returns it. There is room for it. */
function nextIndex(vocabularies: usize, vocabulary: usize, slot: usize): u32 {
  const index = load<u32>(vocabularies, Vocabularies.NextIndex)
  const value = load<u32>(vocabularies, Vocabularies.NextValue)
  const number = (vocabulary - load<u32>(vocabularies, Vocabularies.First)) / Vocabulary.SIZE
  store<u32>(value, u32(number), GrownValue.Slot)
  store<u32>(value, load<u32>(slot, TableSlot.Key), GrownValue.Key)
  store<u32>(value, load<u32>(slot, TableSlot.KeyLength), GrownValue.KeyLength)
  atomic.store<u32>(slot, index, TableSlot.Index)
  store<u32>(vocabularies, value + GrownValue.SIZE, Vocabularies.NextValue)
  store<u32>(vocabularies, index + 1, Vocabularies.NextIndex)
  const rooms = load<u32>(vocabularies, Vocabularies.Rooms) + (number << 2)
  const room = load<u32>(rooms) - 1
  store<u32>(rooms, room)
  if (!room) close(vocabulary)
  if (index + 1 == load<u32>(vocabularies, Vocabularies.EndIndex)) closeVocabularies(vocabularies)
  return index
}

/**
 * Settles the fields that parse calls have left, from `unseen` to `end`, in their order: writes the index of a value that
 * has one, counts the others, and gives an index to those that have now been met often enough. `rows` is the first row of
 * the block, `stride` bytes from one to the next. On the main thread only.
 */
export function settleUnseen(
  vocabularies: usize, unseen: usize, end: usize, rows: usize, stride: u32, denseWords: u32,
): void {
  const first = usize(load<u32>(vocabularies, Vocabularies.First))
  const table = usize(load<u32>(vocabularies, Vocabularies.Table))
  const minCount = load<u32>(vocabularies, Vocabularies.MinCount)
  let fetched = unseen
  while (unseen < end) {
    if (unseen == fetched) fetched = fetch(table, unseen, end, rows, stride)
    const word = usize(load<u32>(unseen, Unseen.Word))
    const inRow = wordInRow(unseen, rows, stride)
    const key = unseen + Unseen.Key
    unseen = keyEnd(unseen)
    const length = u32(unseen - key)
    const vocabulary = first + usize(inRow - denseWords) * Vocabulary.SIZE
    const hash = slotHash(hashBytes(key, unseen), inRow)
    const slot = findSlot(table, key, unseen, hash)
    const known = load<u32>(slot, TableSlot.Key) != 0
    const index = known ? load<u32>(slot, TableSlot.Index) : RARELY
    if (index < RARELY) {
      store<u32>(word, index)
      continue
    }
    if (!load<u32>(vocabulary, Vocabulary.Open)) continue
    const met = index - RARELY + 1
    if (known) store<u32>(slot, RARELY + met, TableSlot.Index)
    else if (!addKey(vocabularies, slot, hash, key, length, RARELY + met)) {
      // Where a value counts at once, no other will ever find room; where it does not, those that are counted go on.
      if (minCount == 1) closeVocabularies(vocabularies)
      continue
    }
    if (met >= minCount) store<u32>(word, nextIndex(vocabularies, vocabulary, slot))
  }
}
