import { dirname } from 'node:path'
import { causeOf } from '../artifact/model-file.js'
import { replaceFile } from '../artifact/replace-file.js'
import { runError, shownPath } from '../errors.js'

/** Writes an exported model whole or not at all. Throws EXPORT_NOT_WRITTEN. */
export async function writeExport(path: string, exported: string | Uint8Array): Promise<void> {
  try {
    await replaceFile(path, (handle) => handle.writeFile(exported))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const hints: Record<string, string> = {
      ENOENT: `make the folder ${shownPath(dirname(path))} first`,
      EISDIR: 'name a file in it, such as model.onnx',
      ENOTREG: 'name a file, or - for standard output',
    }
    const message = `cannot write the exported model to ${shownPath(path)}: ${causeOf(error)}`
    const hint = hints[code] ?? 'check the path, its permissions and the disk'
    throw runError('EXPORT_NOT_WRITTEN', message, hint, {}, error)
  }
}
