/** Runs a scenario whole, and again with kills, and compares what both leave. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TrainOptions } from '../../src/options.js'
import type { Scenario } from './scenarios.js'

const child = fileURLToPath(new URL('run-once.mjs', import.meta.url))
const library = fileURLToPath(new URL('../../dist/src/index.js', import.meta.url))

/** How a process ended. */
export interface End {
  readonly code: number | null
  readonly killed: boolean
  readonly message: string
  readonly milliseconds: number
}

/** Trains in a process of its own, killed after so many milliseconds. */
export function trainOnce(
  { stdin }: Scenario,
  options: Partial<TrainOptions>,
  lines: string,
  killAfter?: number,
  environment: NodeJS.ProcessEnv = {},
): Promise<End> {
  return new Promise((resolve, reject) => {
    const task = JSON.stringify({ library, lines, options })
    const input = stdin === undefined ? 'ignore' : openSync(stdin, 'r')
    const started = performance.now()
    const run = spawn(process.execPath, [child, task], {
      stdio: [input, 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    })
    if (typeof input === 'number') closeSync(input)
    let message = ''
    run.stderr!.on('data', (text: Buffer) => (message += text.toString()))
    const timer = killAfter === undefined ? undefined : setTimeout(() => run.kill('SIGKILL'), killAfter)
    run.on('error', reject)
    run.on('close', (code, signal) => {
      clearTimeout(timer)
      const milliseconds = performance.now() - started
      resolve({ code, killed: signal === 'SIGKILL', message, milliseconds })
    })
  })
}

/** What a run leaves behind: the model and other files, and the lines of its steps and epochs. */
export interface Leftovers {
  readonly files: readonly Buffer[]
  readonly lines: readonly string[]
  readonly milliseconds: number
  /** Steps at which it went on from a checkpoint. */
  readonly resumedAt: readonly number[]
}

/** The run that nothing interrupts. */
export async function uninterrupted(scenario: Scenario, folder: string): Promise<Leftovers> {
  const [out, lines] = freshFolder(folder, scenario)
  const end = await trainOnce(scenario, { ...scenario.options, out }, lines)
  if (end.code !== 0) throw new Error(`${scenario.name}: ${end.message}`)
  return { ...leftovers(scenario, out, lines), milliseconds: end.milliseconds }
}

/** A kill, and the machine that the run goes on with after it. */
export interface Interruption {
  /** Milliseconds after the start of the process. */
  readonly after: number
  readonly machine: Partial<TrainOptions>
}

/** The same run killed at each of these moments, each time gone on with, and then left alone. */
export async function interrupted(
  scenario: Scenario,
  folder: string,
  interruptions: readonly Interruption[],
  checkpointEvery: number | string,
): Promise<Leftovers & { readonly kills: number }> {
  const [out, lines] = freshFolder(folder, scenario)
  const checkpoint = join(folder, 'checkpoints')
  const options = { ...scenario.options, out, checkpoint, checkpointEvery, resume: true }
  const started = performance.now()
  let kills = 0
  for (const { after, machine } of [...interruptions, { after: undefined, machine: {} }]) {
    const end = await trainOnce(scenario, { ...options, ...machine }, lines, after)
    if (end.killed) kills++
    else if (end.code !== 0) throw new Error(`${scenario.name}: ${end.message}`)
  }
  return { ...leftovers(scenario, out, lines), kills, milliseconds: performance.now() - started }
}

/** Empties the folder of a run, and takes away what another left; the paths of its model and of its lines. */
export function freshFolder(
  folder: string,
  { leaves = [], options }: Scenario,
): [out: string, lines: string] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const path of leaves) rmSync(path, { force: true })
  if (options.cache !== undefined) rmSync(options.cache, { recursive: true, force: true })
  return [join(folder, 'model.safetensors'), join(folder, 'lines.txt')]
}

/** Reads them. */
export function leftovers(
  { leaves = [] }: Scenario,
  out: string,
  lines: string,
): Omit<Leftovers, 'milliseconds'> {
  const files = [out, ...leaves].map((path) => readFileSync(path))
  const all = readFileSync(lines, 'utf8').trimEnd().split('\n')
  const resumed = all.filter((line) => line.startsWith('resumed at '))
  return {
    files,
    lines: all.filter((line) => !line.startsWith('resumed at ')),
    resumedAt: resumed.map((line) => Number(line.slice('resumed at '.length))),
  }
}

/**
 * How the two differ; undefined where they do not. A step that was taken again after a kill must have been taken as before: its
 * line is there twice, the same.
 */
export function difference(whole: Leftovers, other: Leftovers): string | undefined {
  const file = whole.files.findIndex((bytes, i) => !bytes.equals(other.files[i]!))
  if (file >= 0) return file === 0 ? 'another model file' : `another file ${file}`
  const [before, after] = [new Set(whole.lines), new Set(other.lines)]
  const missing = whole.lines.find((line) => !after.has(line))
  if (missing !== undefined) return `no line "${missing}"`
  const extra = other.lines.find((line) => !before.has(line))
  return extra === undefined ? undefined : `a line "${extra}"`
}
