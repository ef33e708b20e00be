/** The rows of validation files: read once, when the vocabularies are whole, and kept encoded for every epoch. */
import { concatMap, lastValueFrom } from 'rxjs'
import type { HeldOutRows } from '../engine/held-out.js'
import type { SharedMemory } from '../engine/memory.js'
import { runError } from '../errors.js'
import type { ValidationRows } from '../events.js'
import { BadRowAccount } from '../flow/bad-row-account.js'
import { EpochRows } from '../flow/epoch-rows.js'
import type { GivenDialect } from '../flow/heads.js'
import type { Quarantine } from '../flow/quarantine.js'
import { unchangedFiles } from '../flow/unchanged-files.js'
import { beginRows, schemaRows, type BegunRows, type SchemaReading } from '../flow/schema-rows.js'
import type { ResolvedOptions } from '../options.js'
import type { InputFile } from '../source/files.js'
import { openSource } from '../source/open-source.js'

/** Validation files that are open. */
export interface BegunValidation extends BegunRows {
  readonly files: readonly InputFile[]
}

/** Opens the validation files, where there are some; `dialect` is that of the input, whose delimiter theirs need not be. */
export async function beginValidation(
  memory: SharedMemory,
  { validationFiles, encoding }: ResolvedOptions,
  dialect: GivenDialect,
  stopped: AbortSignal,
): Promise<BegunValidation | undefined> {
  if (validationFiles.length === 0) return undefined
  const source = await openSource(validationFiles, { encoding, stopped })
  return { ...(await beginRows(memory, source, dialect)), files: source.files ?? [] }
}

/** Reads the rows of validation files. */
export interface ValidationReader {
  /** To be called once, when the vocabularies are closed: each row is then encoded as the finished model would encode it. */
  read(): Promise<ValidationRows>
}

/**
 * Lays out what reading the validation files takes. Their rows go to `into`, in the order of the files.
 *
 * Memory does not grow with them. read = evaluated + skipped, and bad rows fare as those of the input do, counted apart.
 */
export function validationReader(
  begun: BegunValidation,
  reading: Omit<SchemaReading, 'wanted' | 'keepBytes' | 'onBadRow' | 'memoryBytes'>,
  options: ResolvedOptions,
  into: HeldOutRows,
  quarantine: Quarantine | undefined,
): ValidationReader {
  const { onBadRow, memory: memoryBytes } = options
  const { flow, schema } = schemaRows(begun, {
    ...reading,
    wanted: 'all',
    keepBytes: false,
    onBadRow,
    memoryBytes,
  })
  const badRows = new BadRowAccount(reading.memory, schema, { ...options, schemaIsFixed: true }, quarantine)
  const rows = new EpochRows(badRows)
  return {
    async read() {
      const blocks = flow.blocks(1).pipe(
        // Async, so that what it throws fails the stream.
        concatMap(async (block) => {
          rows.open(block)
          into.addRows(block.slot.rows, block.rows)
          rows.trained(block.rows, 0, 0)
          block.release()
        }),
        unchangedFiles(begun.files),
      )
      await lastValueFrom(blocks, { defaultValue: undefined })
      rows.check()
      const { read, trained: evaluated, skipped } = rows.counts
      if (evaluated === 0) throw noRows(begun.file, skipped)
      return { read, evaluated, skipped, badRows: badRows.counts }
    },
  }
}

function noRows(file: string, skipped: number) {
  return runError(
    'NO_VALIDATION_ROWS',
    `expected rows to validate on, found none (${skipped} skipped)`,
    'give --validation a CSV that has rows, or a share of the input (0.1)',
    { file },
  )
}
