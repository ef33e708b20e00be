import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)

/** Runs one of scripts/ as a user does; rejects where it ends with a code other than 0. */
export function runScript(name: string, parameters: string[], environment: NodeJS.ProcessEnv = {}) {
  return execute(process.execPath, [path.join(root, 'scripts', name), ...parameters], {
    env: { ...process.env, ...environment },
    maxBuffer: 64 << 20,
  })
}

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): (name: string) => string {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-data-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => path.join(folder, name)
}
