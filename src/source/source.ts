import type { StreamPart } from './byte-stream.js'
import type { InputFile } from './files.js'

/** Where the bytes of an input come from. */
export type Source = FileSource | StreamSource

/** Files of UTF-8 text: they can be read anywhere, by several threads. */
export interface FileSource {
  readonly kind: 'files'
  readonly files: readonly InputFile[]
  close(): void
}

/** CSVs that can be read only from front to back: standard input, compressed files, files in another encoding. */
export interface StreamSource {
  readonly kind: 'streams'
  /** In the order of the input; each has its own header. */
  readonly parts: readonly StreamPart[]
  /** Whether parts can be opened once only. */
  readonly readOnce: boolean
  /**
   * Whether the CSV was written here, from row objects or Parquet: UTF-8, comma, double quotes, a header, decimal points.
   * The user's dialect is not that of these bytes.
   */
  readonly canonical?: boolean
  /** The files behind all of the parts, where every one is a file: they tell whether the input has changed. */
  readonly files?: readonly InputFile[]
  close(): void
}
