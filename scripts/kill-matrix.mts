/**
 * Kills training runs with SIGKILL at random moments, lets each go on from its last checkpoint, and compares what it leaves in
 * the end with what an uninterrupted run does: model, quarantine, and the losses of all steps and epochs.
 *
 *     npm run build && npx tsx scripts/kill-matrix.mts --count 200 --seed 1
 *
 * Runs take turns (test/checkpoint/scenarios.ts). Each is killed once to three times, at moments drawn between the start of the
 * process and 1.1 times the duration of the uninterrupted run, and goes on with another number of workers.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { difference, interrupted, uninterrupted, type Leftovers } from '../test/checkpoint/interrupted.js'
import { scenarios } from '../test/checkpoint/scenarios.js'
import { Draw } from '../test/fuzz/draw.js'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    rows: { type: 'string', default: '60000' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'millrace-kills-'))
const matrix = scenarios(folder, Number(values.rows))
const wholes = new Map<number, Leftovers>()
const count = Number(values.count)
let kills = 0
let resumed = 0
let same = 0

for (let i = 0; i < count; i++) {
  const draw = new Draw(Number(values.seed) + i)
  const number = i % matrix.length
  const scenario = matrix[number]!
  const whole = wholes.get(number) ?? (await uninterrupted(scenario, join(folder, 'whole')))
  wholes.set(number, whole)
  const interruptions = Array.from({ length: 1 + draw.below(3) }, () => ({
    after: Math.round(whole.milliseconds * (0.25 + 0.85 * (draw.below(1000) / 1000))),
    machine: { workers: 1 + draw.below(3) },
  }))
  const every = draw.of([1, 7, 50, '0.02s', '0.1s'])
  const run = await interrupted(scenario, join(folder, 'killed'), interruptions, every)
  kills += run.kills
  resumed += run.resumedAt.length
  const wrong = difference(whole, run)
  if (wrong === undefined) same++
  const moments = interruptions.map(({ after }) => `${after} ms`).join(', ')
  const end = wrong === undefined ? 'same' : `WRONG: ${wrong}`
  console.log(
    `${i + 1}/${count} ${end}  ${scenario.name}; ${run.kills} kills at ${moments}; resumed at steps ${run.resumedAt.join(', ') || 'none'}`,
  )
}
console.log(`${same} of ${count} the same, after ${kills} kills; gone on from a checkpoint ${resumed} times`)
rmSync(folder, { recursive: true, force: true })
process.exitCode = same === count ? 0 : 1
