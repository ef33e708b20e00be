import type { Source } from '../source/source.js'
import { openFileInput } from './open-files.js'
import { openStreamInput } from './open-stream.js'
import type { OpenContext, OpenInput } from './row-flow.js'

/** Reads the heads and the sample of a source, which belongs to the input from then on, or is closed where that fails. */
export async function openInput(source: Source, context: OpenContext): Promise<OpenInput> {
  try {
    return source.kind === 'files' ? openFileInput(source, context) : await openStreamInput(source, context)
  } catch (error) {
    source.close()
    throw error
  }
}
