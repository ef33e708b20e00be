/**
 * Runs random `train` commands on random, damaged files, and stops for none that goes wrong: its files and its command
 * are kept.
 *
 *     npx tsx scripts/fuzz-train.mts --count 20000 --seed 1 --jobs 2
 *
 * Case i has the seed `seed + i`, so that `--count 1 --seed <n>` runs one again. What may not happen is in
 * test/fuzz/run-case.ts. The cases run in child processes, bundled, because most of the time of a case is the start of a
 * thread; a child that is silent for too long hangs, and is ended.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { drawCase } from '../test/fuzz/case.js'
import type { CaseResult } from '../test/fuzz/run-case.js'

/** Milliseconds; a case that waits ends itself before. */
const SILENCE = 40_000

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    keep: { type: 'string', default: join(root, '.cache', 'fuzz') },
  },
})
const [count, firstSeed, jobs] = [values.count, values.seed, values.jobs].map(Number) as [
  number,
  number,
  number,
]
const folder = join(tmpdir(), `millrace-fuzz-${process.pid}`)
// Beside the bundled command, where the worker is looked for.
const child = join(root, 'dist', 'cli', `fuzz-${process.pid}.mjs`)
const started = performance.now()
const failures: number[] = []
/** Cases by exit code. */
const codes = new Map<number | undefined, number>()
let next = firstSeed
let done = 0

await build({
  entryPoints: [join(root, 'test/fuzz/child.ts')],
  outfile: child,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
})
await Promise.all(Array.from({ length: jobs }, (_, job) => runJob(job)))
rmSync(child)
rmSync(folder, { recursive: true, force: true })
report()
process.exitCode = failures.length > 0 ? 1 : 0

/** A child after the other, until no case is left. */
async function runJob(job: number): Promise<void> {
  while (next < firstSeed + count) await runChild(join(folder, String(job)))
}

/** Gives cases to one child until it is lost. */
function runChild(workFolder: string): Promise<void> {
  return new Promise((resolve) => {
    const process = fork(child, [workFolder], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    let seed: number | undefined
    let timer: NodeJS.Timeout | undefined
    const give = (): void => {
      clearTimeout(timer)
      seed = next < firstSeed + count ? next++ : undefined
      if (seed === undefined) {
        process.disconnect()
        return
      }
      process.send(seed)
      timer = setTimeout(() => end(process, seed!, 'silent: a loop without end?'), SILENCE)
    }
    process.on('message', ({ code, wrong }: CaseResult) => {
      done++
      codes.set(code, (codes.get(code) ?? 0) + 1)
      if (wrong !== undefined) keep(seed!, wrong)
      if (done % 1000 === 0) report()
      give()
    })
    process.on('exit', (code) => {
      clearTimeout(timer)
      if (seed !== undefined && code !== 0) keep(seed, `the process ended with ${code}`)
      resolve()
    })
    give()
  })
}

function end(process: ChildProcess, seed: number, why: string): void {
  keep(seed, why)
  process.kill('SIGKILL')
}

/** Keeps the files and the command of a case that went wrong. */
function keep(seed: number, wrong: string): void {
  if (failures.includes(seed)) return
  failures.push(seed)
  const kept = join(values.keep, String(seed))
  mkdirSync(kept, { recursive: true })
  const { files, args } = drawCase(seed)
  for (const { name, bytes } of files) writeFileSync(join(kept, name), bytes)
  const command = ['millrace', ...args].map((arg) =>
    /^[\w./:=-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`,
  )
  writeFileSync(join(kept, 'command.txt'), `${command.join(' ')}\n\n${wrong}\n`)
  console.log(`seed ${seed}: ${wrong.slice(0, 1500)}\n  kept in ${kept}`)
}

function report(): void {
  const seconds = (performance.now() - started) / 1000
  const ends = [...codes].map(([code, cases]) => `${cases} × exit ${code}`).join(', ')
  console.log(`${done} cases in ${seconds.toFixed(0)} s, ${(done / seconds).toFixed(1)} a second: ${ends}`)
  console.log(
    `${failures.length} went wrong${failures.length > 0 ? `: ${failures.slice(0, 20).join(' ')}` : ''}`,
  )
}
