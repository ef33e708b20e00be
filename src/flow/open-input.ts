import type { Source } from '../source/source.js'
import { dialectOf } from './heads.js'
import { openFileInput } from './open-files.js'
import { openStreamInput } from './open-stream.js'
import type { OpenContext, OpenInput } from './row-flow.js'

/** Reads the heads and the sample of a source, which belongs to the input from then on, or is closed where that fails. */
export async function openInput(source: Source, given: OpenContext): Promise<OpenInput> {
  const context = { ...given, dialect: dialectOf(source, given.dialect) }
  try {
    return source.kind === 'files' ? openFileInput(source, context) : await openStreamInput(source, context)
  } catch (error) {
    source.close()
    throw error
  }
}
