import { cacheContent, cachePath } from '../artifact/cache-key.js'
import { SHARE_OF_CACHE, type SharedMemory } from '../engine/memory.js'
import { RowCache } from '../engine/row-cache.js'
import { TemporaryCache } from '../engine/temporary-cache.js'
import { cachedFlow } from '../flow/cached-flow.js'
import { openCache } from '../flow/kept-cache.js'
import type { MillraceError } from '../errors.js'
import type { BadRowAccount } from '../flow/bad-row-account.js'
import type { OpenInput, RowFlow } from '../flow/row-flow.js'
import { conflict } from '../options/model.js'
import type { ResolvedOptions } from '../options.js'
import type { Encoding } from '../schema/program.js'
import type { Schema } from '../schema/schema.js'
import type { InputFile } from '../source/files.js'

/** What a cache of a run's rows is made for. */
export interface CacheRequest {
  readonly memory: SharedMemory
  readonly options: ResolvedOptions & { readonly epochs: number }
  readonly input: OpenInput
  /** That parses the input. */
  readonly flow: RowFlow
  readonly schema: Schema
  readonly encoding: Encoding
  /** What becomes of the bad rows: an earlier run has told them. */
  readonly badRows: BadRowAccount
}

/** The rows of a run, parsed once. */
export interface RunCache {
  /** Goes through the cache. */
  readonly flow: RowFlow
  /** Keeps the cache for later runs, where that was asked for; called when the first pass has ended. */
  keep(): Promise<void>
  readonly warning?: string | undefined
  close(): Promise<void>
}

/** A cache where the rows are needed more than once, in this run or in later ones. */
export async function openRunCache(request: CacheRequest): Promise<RunCache | undefined> {
  const { memory, options, flow, encoding } = request
  if (options.cache !== undefined) return keptCache(request, options.cache)
  if (options.epochs === 1) return undefined
  const file = new TemporaryCache()
  const bytes = options.memory * SHARE_OF_CACHE
  const cache = new RowCache(memory, encoding.layout.strideWords * 4, bytes, file)
  return {
    flow: cachedFlow(flow, cache, { ...options, filled: false }),
    keep: () => Promise.resolve(),
    close: () => cache.close(),
  }
}

async function keptCache(request: CacheRequest, folder: string): Promise<RunCache> {
  const { memory, options, input, flow, schema, encoding, badRows } = request
  const { layout, categoryIndices, vocabularies } = encoding
  const strideBytes = layout.strideWords * 4
  const { target } = schema
  const classes = target.kind === 'number' ? 0 : target.classes.length
  const opensInOrder = options.onBadRow !== 'fail' || (layout.categories > 0 && options.maxCategories > 0)
  const { cache, keep, filled, warning } = await openCache(memory, flow, {
    path: cachePath(folder, input.files, options, opensInOrder),
    content: cacheContent(input.files, schema, {
      strideBytes,
      lanes: flow.lanes,
      categoryIndices,
      room: vocabularies?.room ?? 0,
    }),
    strideBytes,
    memoryBytes: options.memory * SHARE_OF_CACHE,
    // Bad rows can be shown only while the input is parsed.
    accepts: ({ read, skipped }) => {
      const { rows, share } = options.maxBadRows
      return skipped === 0 || (options.onBadRow === 'skip' && skipped <= rows && skipped <= share * read)
    },
    badRows,
    grown: () => vocabularies?.snapshot() ?? { values: [], slots: [] },
    restore: (grown) => vocabularies?.restore(grown),
    checkRows: (rows, count, { grown }) => {
      const { denseWords, categories, labelWord } = layout
      const { kernel } = memory
      return (
        kernel.rowsWithin(
          rows,
          strideBytes,
          count,
          denseWords,
          categories,
          categoryIndices + grown.values.length,
          labelWord,
          classes,
        ) === 1
      )
    },
  })
  return {
    flow: cachedFlow(flow, cache, { ...options, filled }),
    keep,
    warning,
    close: () => cache.close(),
  }
}

/** Whether a later run can tell that the input is the same: what came from a URL is a new file each time. */
export function canBeKept(files: readonly InputFile[]): boolean {
  return files.length > 0 && files.every(({ path }) => !/^https?:\/\//.test(path))
}

/** Asked for before anything is read, where the input is known to be a stream. */
export function streamNotKept(): MillraceError {
  return conflict(
    'cache',
    'only files of this machine can be recognised in a later run',
    'leave cache out: within one run, rows are parsed once in any case',
  )
}
