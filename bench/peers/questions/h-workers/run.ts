import { readFileSync } from 'node:fs'
import path from 'node:path'
import { alternate, spread } from '../../../measure.js'
import { millrace, runNode } from '../../../program.js'
import type { Answer, Question } from '../../answer.js'
import { millraceOptions } from '../../contenders.js'
import { numericFile, prefix, rowsOf } from '../../data.js'
import { numericJob } from '../a-numbers/run.js'

const ROWS = 5_000_000
const WORKERS = [1, 2, 4, 8, 16, 32, 64]

/** Seconds of a run: what its threads did. */
interface Costs {
  /** Of the main thread, while it did not wait. */
  readonly main: number
  /** Of all workers together. */
  readonly workers: number
}

interface Bottleneck {
  readonly type: string
  readonly seconds: number
  readonly shares: Record<'read' | 'parse' | 'wait', number>
  readonly workers: readonly number[]
}

/** From the last bottleneck event, which is of the whole run: workers read and parse, the main thread waits or works. */
function costsOf(events: string): Costs {
  const records = readFileSync(events, 'utf8').trimEnd().split('\n')
  const last = records
    .map((line) => JSON.parse(line) as Bottleneck)
    .findLast(({ type }) => type === 'bottleneck')!
  const workers = last.seconds * last.workers.reduce((sum, share) => sum + share, 0)
  const all = workers / (last.shares.read + last.shares.parse)
  return { main: last.seconds - all * last.shares.wait, workers }
}

/** A run is as long as its longest part: the main thread, the workers side by side, or all of them on the cores there are. */
function simulate({ main, workers }: Costs, count: number, cores: number): number {
  return Math.max(main, workers / count, (main + workers) / cores)
}

export const question: Question = {
  id: 'h',
  async answer(settings): Promise<Answer> {
    const { repeat, scale, folder } = settings
    const file = numericFile(Math.round(ROWS * scale))
    const run = (input: string, workers: number, events?: string) => {
      const out = ['-o', path.join(folder, 'workers.safetensors'), '--workers', `${workers}`]
      const more = events === undefined ? out : [...out, '--events', events]
      return runNode([millrace, ...millraceOptions(numericJob(input, settings)), ...more])
    }
    const events = path.join(folder, 'workers.ndjson')
    const costs: Costs[] = []
    const few = prefix(file, 150)
    const runners = [1, 2].flatMap((workers) => [
      { name: `${workers}`, run: async () => (await run(file, workers)).seconds },
      { name: `start ${workers}`, run: async () => (await run(few, workers)).seconds },
    ])
    const measured = await alternate(runners, repeat)
    for (let i = 0; i < repeat; i++) {
      await run(file, 1, events)
      costs.push(costsOf(events))
    }
    const median = (of: (cost: Costs) => number): number => spread(costs.map(of)).median
    const cost = { main: median(({ main }) => main), workers: median(({ workers }) => workers) }
    const start = spread(measured.get('start 2')!).median
    const rows = WORKERS.map((workers) => {
      const found = measured.get(`${workers}`)
      const seconds = start + simulate(cost, workers, Math.max(2, workers + 1))
      const here = start + simulate(cost, workers, 2)
      return { workers, found: found && spread(found).median, seconds, here }
    })
    return {
      id: 'h',
      title: 'Workers, here and simulated',
      text: `${rowsOf(file).toLocaleString('en')} rows × 28 numbers. In a run with one worker the workers were busy for ${cost.workers.toFixed(2)} s and the main thread for ${cost.main.toFixed(2)} s. Simulated: the longest of the main thread, the workers' work divided among them, and all work divided among the cores; on as many cores as threads, and on the two cores of this machine.`,
      tables: [
        {
          head: ['workers', 'measured, 2 cores', 'simulated, 2 cores', 'simulated, a core for each thread'],
          rows: rows.map(({ workers, found, seconds, here }) => [
            `${workers}`,
            found === undefined ? '' : `${found.toFixed(2)} s`,
            workers > 2 ? '' : `${here.toFixed(2)} s`,
            `${seconds.toFixed(2)} s`,
          ]),
        },
      ],
      claims: rows
        .filter(({ found }) => found !== undefined)
        .map(({ workers, found, here }) => ({
          what: `simulated / measured, ${workers} worker${workers === 1 ? '' : 's'}`,
          value: here / found!,
        })),
      notes: [
        'A simulation of more cores than were there is a hope with numbers: memory and frequency set limits that it does not know.',
      ],
      chart: {
        title: 'Seconds by workers, simulated, a core for each thread',
        unit: 's',
        bars: rows.map(({ workers, seconds }) => ({ name: `${workers}`, value: seconds })),
        sorted: false,
      },
      versions: {},
    }
  },
}
