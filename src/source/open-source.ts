import type { EncodingName, InputSource } from '../options.js'
import { StandardInput } from './byte-stream.js'
import { closeFiles, openFiles } from './files.js'
import { resolveInput } from './input.js'
import type { Source } from './source.js'

/** How bytes are turned into UTF-8, and what ends the wait for them. */
export interface OpenSourceOptions {
  /** Undefined: by the byte order mark, else UTF-8. */
  readonly encoding: EncodingName | undefined
  readonly stopped: AbortSignal
}

/** Opens what the user named. An abort of `stopped` ends the wait for bytes that do not come. */
export async function openSource(
  input: readonly string[] | InputSource,
  { stopped }: OpenSourceOptions,
): Promise<Source> {
  const found = resolveInput(input as readonly string[])
  if (found.kind === 'files') {
    const files = openFiles(found.paths)
    return { kind: 'files', files, close: () => closeFiles(files) }
  }
  const stream = new StandardInput()
  const close = (): void => stream.close()
  stopped.addEventListener('abort', close, { once: true })
  return {
    kind: 'streams',
    parts: [{ name: stream.name, open: () => stream }],
    readOnce: true,
    close,
  }
}
