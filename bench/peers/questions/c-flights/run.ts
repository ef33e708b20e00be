import { alternate, spread } from '../../../measure.js'
import { formatSpread } from '../../../print.js'
import type { Answer, Claim, Question, Settings, Table } from '../../answer.js'
import { csvParse, millrace, pyTorch, scikitLearn, vowpalWabbit } from '../../contenders.js'
import { flightColumns, flights, rowsOf } from '../../data.js'
import { onePass, type Contender, type Job } from '../../job.js'

const GOAL = 0.479
/** Passes over all rows that are tried. */
const PASSES = [1, 3]

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
    ...onePass,
    folder,
    ...more,
  }
}

interface Reached {
  readonly job: Job
  readonly loss: number
}

/** The first job after which the goal is reached; the last loss where none is enough. */
async function quickest(contender: Contender, jobs: readonly Job[]): Promise<Reached | number> {
  let loss = Infinity
  for (const job of jobs) {
    loss = (await contender.run({ ...job, score: true })).loss ?? Infinity
    if (loss <= GOAL) return { job, loss }
  }
  return loss
}

/** Everybody on the same file, with as few passes as reach the goal. */
async function timeToGoal(
  files: { train: string; heldOut: string },
  settings: Settings,
): Promise<{ table: Table; medians: Map<string, number> }> {
  const jobs = PASSES.map((epochs) => flightsJob(files, settings, { epochs }))
  const reached = new Map<Contender, Reached>()
  const failed: string[][] = []
  for (const contender of [millrace, scikitLearn, pyTorch, vowpalWabbit, csvParse]) {
    const missing = contender.missing()
    if (missing !== undefined) {
      failed.push([contender.name, 'not run', '', missing])
      continue
    }
    process.stderr.write(`  ${contender.name}\n`)
    const found = await quickest(contender, jobs)
    if (typeof found === 'number')
      failed.push([contender.name, 'not reached', '', `${found.toFixed(4)} after ${PASSES.at(-1)} passes`])
    else reached.set(contender, found)
  }
  const runners = [...reached].map(([contender, { job }]) => ({
    name: contender.name,
    run: async () => (await contender.run(job)).seconds,
  }))
  const measured = await alternate(runners, settings.repeat)
  const medians = new Map<string, number>()
  const rows = [...reached].map(([{ name }, { job, loss }]) => {
    const seconds = spread(measured.get(name)!)
    medians.set(name, seconds.median)
    return [name, formatSpread(seconds, 2), `${job.epochs}`, loss.toFixed(4)]
  })
  return {
    table: { head: ['', 'seconds', 'passes', 'held-out log loss'], rows: [...rows, ...failed] },
    medians,
  }
}

/** How many times as long as millrace the fastest other took; undefined where no other got there. */
function lead(medians: ReadonlyMap<string, number>): number | undefined {
  const others = [...medians].filter(([name]) => name !== millrace.name).map(([, seconds]) => seconds)
  return others.length === 0 ? undefined : Math.min(...others) / medians.get(millrace.name)!
}

export const question: Question = {
  id: 'c',
  async answer(settings): Promise<Answer> {
    const most = settings.scale < 1 ? Math.round(3e6 * settings.scale) : Infinity
    const asTheyAre = flights('time', most)
    const inOrder = await timeToGoal(asTheyAre, settings)
    const shuffled = await timeToGoal(flights('shuffled', most), settings)
    const leads = [
      ['as they are', lead(inOrder.medians)],
      ['in random order', lead(shuffled.medians)],
    ] as const
    return {
      id: 'c',
      title: `Real flights: time to a held-out log loss of ${GOAL.toFixed(4)}`,
      text: `${rowsOf(asTheyAre.train).toLocaleString('en')} flights, 300,000 others, drawn from the whole file, held out; from the start of the process, with as few whole passes as reach the goal (${PASSES.join(' or ')}).`,
      tables: [
        { ...inOrder.table, title: 'The file as it is, sorted by time' },
        { ...shuffled.table, title: 'In random order' },
      ],
      claims: leads.map(([order, value]): Claim => {
        const claim = { what: `${order}: the fastest other that gets there / millrace`, atLeast: 2 }
        return value === undefined ? { ...claim, void: 'no other gets there' } : { ...claim, value }
      }),
      notes: [],
      chart: {
        title: `Seconds to a held-out log loss of ${GOAL}, random order`,
        unit: 's',
        bars: [...shuffled.medians].map(([name, value]) => ({ name, value })),
      },
      versions: {},
    }
  },
}
