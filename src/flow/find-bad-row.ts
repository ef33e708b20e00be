import { readSync } from 'node:fs'
import type { Block } from './block.js'
import { countLineFeeds, type FoundBadRow } from './bad-rows.js'

const CHUNK = 1 << 20

/** Looks up the text and the line of the first bad record of a block. Lines of a file are counted only now, when a message needs one. */
export function findBadRow({ slot, origin }: Block): FoundBadRow {
  const bad = slot.badRecord(0)
  const byte = origin.offset + bad.record
  const { file, descriptor } = origin
  const { names } = origin.columns
  if (descriptor !== undefined) {
    const record = new Uint8Array(bad.recordLength)
    readSync(descriptor, record, 0, record.length, byte)
    return { bad, names, file, line: lineAt(descriptor, byte), byte, record }
  }
  const raw = origin.raw!
  return {
    bad,
    names,
    file,
    line: origin.line! + countLineFeeds(raw.subarray(0, bad.record)),
    byte,
    record: raw.subarray(bad.record, bad.record + bad.recordLength),
  }
}

/** Line of a byte, counted from the start of the file. */
export function lineAt(descriptor: number, byte: number): number {
  const chunk = new Uint8Array(CHUNK)
  let line = 1
  for (let at = 0; at < byte;) {
    const length = readSync(descriptor, chunk, 0, Math.min(CHUNK, byte - at), at)
    if (length === 0) break
    line += countLineFeeds(chunk.subarray(0, length))
    at += length
  }
  return line
}
