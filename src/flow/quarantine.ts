import { dirname } from 'node:path'
import { BesideFile } from '../artifact/beside-file.js'
import { causeOf } from '../artifact/model-file.js'
import { csvField } from '../artifact/csv-field.js'
import { runError, shownPath, type MillraceError } from '../errors.js'
import { conflict } from '../options/model.js'
import type { BadRowPolicy, InputSource } from '../options.js'
import { inputPaths, realPath } from '../source/real-path.js'
import { badRowCode, badRowPlace, type FoundBadRow } from './bad-rows.js'

const HEADER = 'file,line,byte,column,reason,record\n'
const BUFFER_BYTES = 64 << 10

/**
 * The file that bad rows are kept in, for a person to mend: a CSV with file, line, byte, column, reason and the record as
 * it is, byte for byte (in a file that is not UTF-8, the record is not either). Line and byte are where the field at
 * fault starts; the column is empty where the number of fields is wrong.
 *
 * Rows come in the order in which their blocks are opened, the same for any number of workers. The file is written beside
 * and takes its name when the first pass is over, however it ends: a run that fails leaves the rows it has met, and one
 * that meets none leaves the header, so that a file of an earlier run is not taken for its own.
 */
export class Quarantine {
  readonly #file: BesideFile
  /** Not written yet; a character a byte. */
  #text = HEADER

  /** Throws QUARANTINE_NOT_WRITTEN. */
  constructor(private readonly path: string) {
    try {
      this.#file = new BesideFile(path)
    } catch (error) {
      throw notWritten(path, error)
    }
  }

  /** Throws QUARANTINE_NOT_WRITTEN; the file of an earlier run is then as it was. */
  add(found: FoundBadRow): void {
    const { file = '', line = 0, byte = 0, column = '' } = badRowPlace(found)
    const reason = badRowCode(found)
    const name = reason === 'RAGGED_ROW' ? '' : column
    const record = Buffer.from(found.record).toString('latin1')
    const fields = [csvField(asBytes(file)), line, byte, csvField(asBytes(name)), reason, csvField(record)]
    this.#text += `${fields.join(',')}\n`
    if (this.#text.length >= BUFFER_BYTES) this.#flush()
  }

  /** Puts the file into its place; a second time nothing happens. Throws QUARANTINE_NOT_WRITTEN. */
  finish(): void {
    this.#flush()
    try {
      this.#file.finish()
    } catch (error) {
      throw notWritten(this.path, error)
    }
  }

  /** The same for a run that may have failed: what it failed of is told, and nothing else. */
  close(): void {
    try {
      this.finish()
    } catch {
      this.#file.discard()
    }
  }

  /** For a run that does not begin. */
  discard(): void {
    this.#file.discard()
  }

  #flush(): void {
    const text = this.#text
    this.#text = ''
    if (text === '') return
    try {
      this.#file.write(Buffer.from(text, 'latin1'))
    } catch (error) {
      this.#file.discard()
      throw notWritten(this.path, error)
    }
  }
}

/** What of the options says where bad rows go. */
interface QuarantineOptions {
  readonly input: readonly string[] | InputSource
  readonly onBadRow: BadRowPolicy
  readonly quarantine: string
  readonly validationFiles?: readonly string[]
}

/**
 * The quarantine, where the options ask for one. `others`: files besides the input that the run
 * reads or writes, by what they are.
 *
 * Throws where its path is that of one of them or of an input, and QUARANTINE_NOT_WRITTEN.
 */
export function openQuarantine(
  { input, validationFiles = [], onBadRow, quarantine }: QuarantineOptions,
  others: Readonly<Record<string, string | undefined>>,
): Quarantine | undefined {
  if (onBadRow !== 'quarantine') return undefined
  const wanted = realPath(quarantine)
  const inputs = [...inputPaths(input), ...inputPaths(validationFiles)]
  const taken = [...inputs.map((path) => ['an input', path] as const), ...Object.entries(others)]
  for (const [what, path] of taken) {
    if (path === undefined || realPath(path) !== wanted) continue
    throw conflict(
      'quarantine',
      `${shownPath(quarantine)} is also ${what}`,
      'name another file for the bad rows (--quarantine)',
    )
  }
  return new Quarantine(quarantine)
}

/** A character for each byte of UTF-8. */
function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}

function notWritten(path: string, error: unknown): MillraceError {
  const { code = '' } = error as NodeJS.ErrnoException
  const hints: Record<string, string> = {
    ENOENT: `make the folder ${shownPath(dirname(path))} first`,
    EISDIR: 'name a file in it, such as quarantine.csv',
    ENOSPC: 'free some space on the disk, or name another path with --quarantine',
  }
  return runError(
    'QUARANTINE_NOT_WRITTEN',
    `cannot write the bad rows to ${shownPath(path)}: ${causeOf(error)}`,
    hints[code] ?? 'check the path, its permissions and the disk, or name another path with --quarantine',
    {},
    error,
  )
}
