import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const requireHere = createRequire(import.meta.url)

/** Installs the contenders as their lock file says, unless they are there. */
function install(): void {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return
  process.stderr.write('installing the contenders\n')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error(`npm ci failed in ${folder}`)
}

/** One package of this workspace, which the main install knows nothing of; `Module` is the part of it that is used. */
export function loadContender<Module>(name: string): Module {
  install()
  return requireHere(name) as Module
}
