/** A process that trains while a subscriber sleeps 50 ms after each event: file, target, rows of a step, steps, folder. Prints JSON. */
import { tap } from 'rxjs'
import { paced } from '../../src/run/paced.js'
import { allSinks, watchedRun } from './all-watchers.js'

export interface Memory {
  /** Resident bytes: the least that was seen in the second tenth of the steps, and in the last. */
  readonly early: number
  readonly late: number
  /** Events that the subscriber was given. */
  readonly seen: number
}

const [input, target, batchRows, steps, folder] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
]
/** Steps between two looks at the memory. */
const LOOKS = 2000
const wanted = Number(steps)

const least = [Infinity, Infinity]
let step = 0
const events = watchedRun({ input, target, batchSize: Number(batchRows), epochs: 1 }, allSinks(folder)).pipe(
  tap((event) => {
    if (event.type !== 'step' || ++step % LOOKS !== 0) return
    const tenth = Math.floor((10 * step) / wanted)
    if (tenth !== 1 && tenth < 9) return
    // What is garbage is none of the subscriber's.
    globalThis.gc?.()
    const which = tenth === 1 ? 0 : 1
    least[which] = Math.min(least[which]!, process.memoryUsage.rss())
  }),
)
let seen = 0
for await (const _ of paced(events)) {
  seen++
  await new Promise((resolve) => setTimeout(resolve, 50))
}
const memory: Memory = { early: least[0]!, late: least[1]!, seen }
process.stdout.write(JSON.stringify(memory))
