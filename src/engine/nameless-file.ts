import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Opens a temporary file that has no name (in TMPDIR), to write and read: it is gone however the process ends. */
export function openNameless(purpose: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  try {
    return openSync(join(folder, purpose), 'w+')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
