import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { csvField } from '../artifact/csv-field.js'
import type { ParseSlot } from '../engine/slots.js'
import { WorkerFailure } from '../engine/worker-failure.js'
import { MillraceError, shownPath } from '../errors.js'
import type { Dialect } from '../schema/schema.js'
import { version } from '../version.js'

/** A block that was given to a worker to parse. */
export interface AskedBlock {
  readonly slot: ParseSlot
  readonly file: string
  /** Of its first byte, and its length. */
  readonly byte: number
  readonly length: number
  readonly names: readonly string[]
  readonly dialect: Dialect
  /** Its bytes as they are now. */
  bytes(): Uint8Array
}

/**
 * The error of a parse, with the place that the worker does not know. Where the kernel trapped over the block, what it takes to
 * make it trap again is saved: a CSV of the header and the block, and beside it how they were read.
 */
export function withBlock(error: unknown, block: AskedBlock): unknown {
  if (!(error instanceof MillraceError)) return error
  const { code, kind, hint, cause } = error
  const place = { file: block.file, byte: block.byte, ...error.place }
  const placed = (message: string, more = ''): MillraceError =>
    new MillraceError(code, kind, message, hint + more, place, { cause })
  // A task has several blocks; the others of it fail with the one at fault.
  const isAtFault = cause instanceof WorkerFailure && cause.slot === block.slot.address
  if (code !== 'KERNEL_TRAPPED' || !isAtFault) return placed(error.message)
  const range = `bytes ${block.byte} … ${block.byte + block.length - 1}`
  return placed(`${error.message}; it was at ${range}`, `; ${saved(block)}`)
}

function saved(block: AskedBlock): string {
  const reasons: string[] = []
  for (const folder of [process.cwd(), tmpdir()]) {
    try {
      return `the block is saved in ${shownPath(save(block, folder))}, and how it was read beside it: they hold rows of your data`
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  return `the block could not be saved: ${reasons.join('; ')}`
}

/** The same block has the same name, and is saved once. */
function save({ slot, file, byte, length, names, dialect, bytes }: AskedBlock, folder: string): string {
  const block = bytes()
  const name = `millrace-trap-${createHash('sha256').update(block).digest('hex').slice(0, 12)}`
  const path = join(folder, `${name}.csv`)
  const header = dialect.header ? `${names.map(csvField).join(dialect.delimiter)}\n` : ''
  writeFileSync(path, Buffer.concat([Buffer.from(header), block]))
  const { capacity } = slot
  const read = {
    version,
    node: process.version,
    file: basename(file),
    byte,
    length,
    capacity,
    names,
    dialect,
  }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(read, undefined, 2)}\n`)
  return path
}
