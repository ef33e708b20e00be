import { promisify } from 'node:util'
import { read } from 'node:fs'
import type * as hyparquet from 'hyparquet'
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet'
import { MillraceError, runError, usageError } from '../errors.js'
import type { StreamPart } from './byte-stream.js'
import { ChunkStream } from './chunk-stream.js'
import type { InputFile } from './files.js'
import type { RowObject } from '../schema/value-text.js'
import { RowWriter } from './row-objects.js'

const readDescriptor = promisify(read)

interface Hyparquet extends Pick<typeof hyparquet, 'parquetMetadataAsync' | 'parquetRead'> {
  readonly compressors: Compressors
}

/** Parquet files as CSVs that are written while they are read, one row group in memory at a time. */
export async function parquetParts(files: readonly InputFile[]): Promise<StreamPart[]> {
  const reader = await loadReader()
  return files.map((file) => ({
    name: file.path,
    bytes: file.size,
    open: () => new ChunkStream(file.path, csvOfParquet(file, reader), (cause) => unreadable(file, cause)),
  }))
}

/** An optional peer: only who has Parquet needs it. */
async function loadReader(): Promise<Hyparquet> {
  try {
    const [{ parquetMetadataAsync, parquetRead }, { compressors }] = await Promise.all([
      import('hyparquet'),
      import('hyparquet-compressors'),
    ])
    return { parquetMetadataAsync, parquetRead, compressors }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw usageError(
      'PARQUET_READER_MISSING',
      'the input is Parquet, and the packages that read it are not installed',
      'npm install hyparquet hyparquet-compressors',
    )
  }
}

async function* csvOfParquet(file: InputFile, reader: Hyparquet): AsyncGenerator<Uint8Array> {
  const buffer = bufferOf(file)
  const metadata = await reader.parquetMetadataAsync(buffer)
  const writer = new RowWriter()
  let start = 0
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows)
    const columns = await readColumns(reader, buffer, metadata, start, end)
    yield* writer.write(rowsOf(columns, end - start))
    start = end
  }
  yield* writer.end()
}

/** The values of some rows, column by column. */
async function readColumns(
  { parquetRead, compressors }: Hyparquet,
  file: AsyncBuffer,
  metadata: FileMetaData,
  rowStart: number,
  rowEnd: number,
): Promise<Map<string, unknown[]>> {
  // Columns arrive in any order.
  const columns = new Map(
    topLevelNames(metadata).map((name) => [name, new Array<unknown>(rowEnd - rowStart)]),
  )
  await parquetRead({
    file,
    metadata,
    compressors,
    rowStart,
    rowEnd,
    onChunk: ({ columnName, columnData, rowStart: first }) => {
      const column = columns.get(columnName)!
      for (let row = 0; row < columnData.length; row++) column[first - rowStart + row] = columnData[row]
    },
  })
  return columns
}

/** The schema is a tree, written down from its root; a group is followed by its children. */
function topLevelNames({ schema }: FileMetaData): string[] {
  const skip = (at: number): number => {
    let next = at + 1
    for (let child = 0; child < (schema[at]!.num_children ?? 0); child++) next = skip(next)
    return next
  }
  const names: string[] = []
  for (let at = 1; at < schema.length; at = skip(at)) names.push(schema[at]!.name)
  return names
}

/** The same object over and over, with the values of one row after the other: it is written as text at once. */
function* rowsOf(columns: ReadonlyMap<string, readonly unknown[]>, rows: number): Generator<RowObject> {
  const entries = [...columns]
  // Without a prototype, or a column `__proto__` would become it.
  const current = Object.create(null) as Record<string, unknown>
  for (let row = 0; row < rows; row++) {
    for (const [name, values] of entries) current[name] = values[row]
    yield current
  }
}

function bufferOf({ descriptor, size }: InputFile): AsyncBuffer {
  return {
    byteLength: size,
    async slice(start, end = size) {
      const from = start < 0 ? Math.max(0, size + start) : start
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - from))
      for (let done = 0; done < bytes.length;) {
        const { bytesRead } = await readDescriptor(descriptor, bytes, done, bytes.length - done, from + done)
        if (bytesRead === 0) throw new Error('the file was cut short')
        done += bytesRead
      }
      return bytes.buffer
    },
  }
}

function unreadable({ path }: InputFile, cause: unknown): unknown {
  if (cause instanceof MillraceError) return cause
  return runError(
    'PARQUET_UNREADABLE',
    `${path} could not be read as Parquet: ${(cause as Error).message}`,
    'was it copied or downloaded whole?',
    { file: path },
    cause,
  )
}
