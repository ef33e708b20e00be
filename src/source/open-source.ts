import { usageError } from '../errors.js'
import type { EncodingName, InputSource } from '../options.js'
import { filePart, StandardInput, type ByteStream, type StreamPart } from './byte-stream.js'
import { CONTENT_BYTES, contentOf, type Content } from './content.js'
import { DecodedStream, isPlain } from './decoded-stream.js'
import { closeFiles, oneAfterTheOther, openFile, readAt, type InputFile, type OpenedFile } from './files.js'
import { download } from './download.js'
import { openGiven } from './given-source.js'
import { MOST_AHEAD_BYTES } from './gunzip.js'
import { resolveInput } from './input.js'
import { parquetParts } from './parquet.js'
import type { Source, StreamSource } from './source.js'
import { isUrl } from './url.js'

const LEAST_AHEAD_BYTES = 512 << 10

export interface OpenSourceOptions {
  /** Undefined: by the byte order mark, else UTF-8. */
  readonly encoding: EncodingName | undefined
  /** Ends every wait for bytes that do not come: streams then read as ended. */
  readonly stopped: AbortSignal
}

/** Opens an input: files that can be read as they are as files, everything else as streams. The caller closes it. */
export async function openSource(
  input: readonly string[] | InputSource,
  options: OpenSourceOptions,
): Promise<Source> {
  if (!isNames(input)) {
    const { part, readOnce, canonical } = await openGiven(input, options.encoding, options.stopped)
    return streams([part], { readOnce, canonical }, options.stopped, () => undefined)
  }
  const resolved = resolveInput(input)
  if (resolved.kind === 'files') return openNamed(resolved.paths, options)
  const { encoding, stopped } = options
  const part = { name: resolved.name, open: () => new DecodedStream(new StandardInput(), encoding) }
  return streams([part], { readOnce: true, canonical: false }, stopped, () => undefined)
}

function isNames(input: readonly string[] | InputSource): input is readonly string[] {
  return Array.isArray(input) && typeof input[0] === 'string'
}

async function openNamed(
  paths: readonly string[],
  { encoding, stopped }: OpenSourceOptions,
): Promise<Source> {
  const opened: OpenedFile[] = []
  try {
    for (const path of paths) opened.push(isUrl(path) ? await download(path, stopped) : openFile(path))
    const files = oneAfterTheOther(opened)
    const close = (): void => closeFiles(files)
    const contents = files.map(contentOfFile)
    if (contents.every((content) => isPlain(content, encoding))) return { kind: 'files', files, close }
    const canonical = areParquet(files, contents)
    const parts = canonical
      ? await parquetParts(files)
      : files.map((file) => decodedPart(file, encoding, aheadBytes(files.length)))
    return streams(parts, { readOnce: false, canonical, files }, stopped, close)
  } catch (error) {
    closeFiles(opened)
    throw error
  }
}

/** Parquet and text are not read together: they would have to share a dialect. */
function areParquet(files: readonly InputFile[], contents: readonly Content[]): boolean {
  const parquet = contents.findIndex((content) => content === 'parquet')
  const other = contents.findIndex((content) => content !== 'parquet')
  if (parquet < 0 || other < 0) return parquet >= 0
  throw usageError(
    'INPUT_MIXED',
    `${files[parquet]!.path} is Parquet, ${files[other]!.path} is not`,
    'give files of one kind',
  )
}

function contentOfFile(file: InputFile): Content {
  const first = new Uint8Array(CONTENT_BYTES)
  return contentOf(first.subarray(0, readAt(file, first, first.length, 0)))
}

/** Several streams may be open at once: together they take what one would. */
function aheadBytes(streams: number): number {
  let bytes = MOST_AHEAD_BYTES
  while (bytes > LEAST_AHEAD_BYTES && bytes * streams > MOST_AHEAD_BYTES) bytes /= 2
  return bytes
}

function decodedPart(file: InputFile, encoding: EncodingName | undefined, ahead: number): StreamPart {
  const part = filePart(file)
  return { ...part, open: () => new DecodedStream(part.open(), encoding, ahead) }
}

/** Parts whose open streams are closed with the source, or when the run is stopped. */
function streams(
  parts: readonly StreamPart[],
  traits: Pick<StreamSource, 'readOnce' | 'canonical' | 'files'>,
  stopped: AbortSignal,
  release: () => void,
): StreamSource {
  const open = new Set<ByteStream>()
  const closeAll = (): void => {
    for (const stream of open) stream.close()
    open.clear()
  }
  stopped.addEventListener('abort', closeAll)
  const track = (part: StreamPart): StreamPart => ({
    ...part,
    open() {
      const stream = part.open()
      open.add(stream)
      // Opened too late: it reads as ended.
      if (stopped.aborted) closeAll()
      const close = (): void => {
        open.delete(stream)
        stream.close()
      }
      return { name: part.name, read: (into) => stream.read(into), close }
    },
  })
  return {
    kind: 'streams',
    ...traits,
    parts: parts.map(track),
    close() {
      stopped.removeEventListener('abort', closeAll)
      closeAll()
      release()
    },
  }
}
