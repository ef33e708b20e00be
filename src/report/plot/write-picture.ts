import { dirname } from 'node:path'
import { causeOf } from '../../artifact/model-file.js'
import { replaceFile } from '../../artifact/replace-file.js'
import { runError, shownPath } from '../../errors.js'

/** Writes a picture whole or not at all. Throws PICTURE_NOT_WRITTEN. */
export async function writePicture(path: string, svg: string): Promise<void> {
  try {
    await replaceFile(path, (handle) => handle.writeFile(svg))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const hints: Record<string, string> = {
      ENOENT: `make the folder ${shownPath(dirname(path))} first`,
      EISDIR: 'name a file in it, such as loss.svg',
      ENOTREG: 'name a file, or - for standard output',
    }
    const message = `cannot write the picture to ${shownPath(path)}: ${causeOf(error)}`
    throw runError(
      'PICTURE_NOT_WRITTEN',
      message,
      hints[code] ?? 'check the path, its permissions and the disk',
      {},
      error,
    )
  }
}
