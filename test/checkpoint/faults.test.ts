/**
 * Faults by name at every hand-off of a run with checkpoints: the run ends as one without the fault, or it ends with an error and
 * then goes on from its checkpoint and ends so. The oracle is the run that nothing disturbs.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../train/files.js'
import { difference, freshFolder, leftovers, trainOnce, uninterrupted } from './interrupted.js'
import { scenarios } from './scenarios.js'

const { folder } = temporaryFolder()
const all = scenarios(folder, 3000)
const find = (name: string) => all.find((scenario) => scenario.name.startsWith(name))!

/** Where it goes wrong, how, and whether on a worker, whose death alone must not end the run. */
const onWorkers = ['before parse', 'after parse']
const inSteps = [
  'before gradient',
  'after gradient',
  'before average',
  'after average',
  'before update',
  'after update',
]
const onDisk = ['before fsync', 'after fsync', 'before rename', 'after rename']

const every = [
  ...onWorkers.flatMap((point) => ['throw', 'exit', 'kill', 'trap'].map((action) => [point, action, '@2'])),
  ...inSteps.flatMap((point) => ['throw', 'exit', 'kill', 'trap'].map((action) => [point, action, '@20'])),
  ...onDisk.flatMap((point) =>
    ['throw', 'exit', 'kill', 'ENOSPC', 'EIO', 'EACCES'].map((action) => [point, action, '@3']),
  ),
] as [string, string, string][]

/** All of them with MILLRACE_THOROUGH=1; else every fifth, so that each point and each action is met. */
const cases = process.env['MILLRACE_THOROUGH'] === '1' ? every : every.filter((_, i) => i % 5 === 0)

describe.each(['one pass over files', 'a network with dropout'])('%s', (name) => {
  const scenario = find(name)
  const whole = uninterrupted(scenario, join(folder, `whole ${name}`))

  it.each(cases)('%s: %s%s', { timeout: 60_000 }, async (point, action, when) => {
    const place = join(folder, `${name} ${point} ${action}`)
    const [out, lines] = freshFolder(place, scenario)
    const checkpoint = join(place, 'checkpoints')
    const options = { ...scenario.options, out, checkpoint, checkpointEvery: 7, resume: true, workers: 2 }
    const fault = { MILLRACE_FAIL: `${point}=${action}${when}` }
    const first = await trainOnce(scenario, options, lines, undefined, fault)
    if (first.code === 1) expect(first.message).not.toBe('')
    const second = await trainOnce(scenario, options, lines)
    expect([second.code, second.message]).toEqual([0, ''])
    expect(difference(await whole, { ...leftovers(scenario, out, lines), milliseconds: 0 })).toBeUndefined()
  })
})
