/**
 * Whether millrace has become slower: ratios inside one run against bounds.json, which says of each what was measured
 * when its bound was set. Ends with 1 where one is worse.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { machine } from '../machine.js'
import { printTable } from '../print.js'
import { checkBuild } from '../program.js'
import { parseRatio, trainRatios } from './ratios.js'

interface Bound {
  readonly ratio: string
  readonly atMost: number
  /** The median on the day the bound was set. */
  readonly measured: number
  readonly set: string
}

const { values } = parseArgs({ options: { repeat: { type: 'string', default: '7' } } })
const repeat = Number(values.repeat)
if (!Number.isInteger(repeat) || repeat < 1)
  throw new Error(`--repeat: expected a whole number of at least 1, got ${values.repeat}`)
checkBuild()
const bounds = JSON.parse(readFileSync(new URL('bounds.json', import.meta.url), 'utf8')) as Bound[]
const found = { ...(await parseRatio(repeat)), ...(await trainRatios(repeat)) }

/** A bound without a ratio, or the other way round, would guard nothing. */
function ratioOf({ ratio }: Bound): number {
  const value = found[ratio]
  if (value === undefined)
    throw new Error(`bounds.json: expected ${Object.keys(found).join(', ')}; got ${ratio}`)
  return value
}

const worse = bounds.filter((bound) => !(ratioOf(bound) <= bound.atMost))
const unguarded = Object.keys(found).filter((name) => !bounds.some(({ ratio }) => ratio === name))
if (unguarded.length > 0) throw new Error(`bounds.json has no bound for ${unguarded.join(', ')}`)
process.stdout.write(`${machine()}\n\n`)
printTable(
  ['', 'now', 'at most', 'when set', 'set'],
  bounds.map((bound) => [
    bound.ratio,
    ratioOf(bound).toFixed(2),
    bound.atMost.toFixed(2),
    bound.measured.toFixed(2),
    bound.set,
  ]),
)
for (const bound of worse)
  process.stderr.write(
    `slower than its bound: ${bound.ratio} is ${ratioOf(bound).toFixed(2)}, expected at most ${bound.atMost}\n`,
  )
if (worse.length > 0) process.exitCode = 1
