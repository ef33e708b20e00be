import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Job, Outcome } from './job.js'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** A program of contenders/. */
export function contenderProgram(name: string): string {
  return path.join(folder, 'contenders', name)
}

/** Installs the packages of this workspace as its lock file says, unless they are there. brain.js would compile a binding for graphics cards. */
export function installPeers(): void {
  if (existsSync(path.join(folder, 'node_modules/.package-lock.json'))) return
  process.stderr.write('installing the contenders\n')
  const install = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status } = spawnSync('npm', install, { cwd: folder, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`npm ci failed in ${folder}`)
}

interface Said {
  readonly trained?: true
  readonly progressiveLoss?: number
  /** null: NaN, in JSON. */
  readonly heldOutLoss?: number | null
  readonly versions?: Record<string, string>
}

/**
 * Runs a program with the job as its argument. It says { trained: true } as soon as it has learned from all rows, which is when
 * the clock stops, and then { heldOutLoss, versions }.
 */
export async function runProgram(command: readonly string[], job: Job): Promise<Outcome> {
  const [file = '', ...parameters] = command
  const jobFile = path.join(job.folder, 'job.json')
  writeFileSync(jobFile, JSON.stringify(job))
  const started = performance.now()
  const child = spawn(file, [...parameters.slice(0, 1), jobFile, ...parameters.slice(1)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  let seconds: number | undefined
  let said: Said = {}
  const ended = once(child, 'close')
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue
    const words = JSON.parse(line) as Said
    if (words.trained) seconds = (performance.now() - started) / 1000
    said = { ...said, ...words }
  }
  const [code] = (await ended) as [number | null]
  if (code !== 0 || seconds === undefined)
    throw new Error(`${command.join(' ')} ended with ${code}:\n${complaints}`)
  const { heldOutLoss, progressiveLoss, versions = {} } = said
  // A model that diverged has reached nothing: null would count as 0 in a comparison.
  const loss = heldOutLoss === null ? Infinity : heldOutLoss
  return { seconds, loss, progressiveLoss, versions }
}
