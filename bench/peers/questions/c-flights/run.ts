import { alternate, spread } from '../../../measure.js'
import { formatSpread } from '../../../print.js'
import type { Answer, Question, Settings } from '../../answer.js'
import { csvParse, millrace, pyTorch, scikitLearn, vowpalWabbit } from '../../contenders.js'
import { flightColumns, flights, prefix, rowsOf } from '../../data.js'
import type { Contender, Job } from '../../job.js'

const GOAL = 0.479
/** Rows and passes that are tried, the quickest first. */
const RUNGS: readonly (readonly [share: number, epochs: number])[] = [
  [0.02, 1],
  [0.05, 1],
  [0.1, 1],
  [0.2, 1],
  [0.5, 1],
  [1, 1],
  [1, 3],
  [1, 10],
]

export function flightsJob(
  { train, heldOut }: { train: string; heldOut: string },
  { folder }: Settings,
  more: Partial<Job> = {},
): Job {
  return {
    train,
    heldOut,
    target: 'late',
    ...flightColumns,
    epochs: 1,
    batchSize: 1024,
    hidden: [],
    hashBits: null,
    folder,
    score: false,
    ...more,
  }
}

interface Reached {
  readonly job: Job
  readonly loss: number
}

/** The quickest job after which the goal is reached; undefined where none is enough. */
async function quickest(contender: Contender, jobs: readonly Job[]): Promise<Reached | undefined> {
  for (const job of jobs) {
    const { loss = Infinity } = await contender.run({ ...job, score: true })
    if (loss <= GOAL) return { job, loss }
  }
  return undefined
}

export const question: Question = {
  id: 'c',
  async answer(settings): Promise<Answer> {
    const files = flights('shuffled', settings.scale < 1 ? Math.round(3e6 * settings.scale) : Infinity)
    const all = rowsOf(files.train)
    const jobs = RUNGS.map(([share, epochs]) => {
      const train = share === 1 ? files.train : prefix(files.train, Math.round(all * share))
      return flightsJob({ ...files, train }, settings, { epochs })
    })
    const reached = new Map<Contender, Reached>()
    const rows: string[][] = []
    for (const contender of [millrace, scikitLearn, pyTorch, vowpalWabbit, csvParse]) {
      const missing = contender.missing()
      if (missing !== undefined) rows.push([contender.name, 'not run', '', '', missing])
      if (missing !== undefined) continue
      process.stderr.write(`  ${contender.name}\n`)
      const found = await quickest(contender, jobs)
      if (found === undefined)
        rows.push([contender.name, 'not reached', '', '', 'with ten passes over all rows'])
      else reached.set(contender, found)
    }
    const runners = [...reached].map(([contender, { job }]) => ({
      name: contender.name,
      run: async () => (await contender.run(job)).seconds,
    }))
    const measured = await alternate(runners, settings.repeat)
    const medians = new Map<string, number>()
    for (const [{ name }, { job, loss }] of reached) {
      const seconds = spread(measured.get(name)!)
      medians.set(name, seconds.median)
      const size = `${rowsOf(job.train).toLocaleString('en')} × ${job.epochs}`
      rows.unshift([name, formatSpread(seconds, 2), size, loss.toFixed(4), ''])
    }
    const own = medians.get(millrace.name) ?? Infinity
    const others = [...medians].filter(([name]) => name !== millrace.name).map(([, seconds]) => seconds)
    return {
      id: 'c',
      title: `Real flights: time to a held-out log loss of ${GOAL.toFixed(4)}`,
      text: `${all.toLocaleString('en')} flights in random order, 300,000 others held out; from the start of the process. Each is given the fewest rows and passes after which it reaches the goal: 2, 5, 10, 20, 50 and 100 % of the rows, then three and ten passes.`,
      tables: [{ head: ['', 'seconds', 'rows × passes', 'held-out log loss', ''], rows }],
      claims:
        others.length === 0
          ? []
          : [{ what: 'the fastest other / millrace', value: Math.min(...others) / own, atLeast: 2 }],
      notes: [],
      chart: {
        title: `Seconds to a held-out log loss of ${GOAL}`,
        unit: 's',
        bars: [...medians].map(([name, value]) => ({ name, value })),
      },
      versions: {},
    }
  },
}
