import type { Answer, Question } from '../../answer.js'
import { csvParse, millrace, pyTorch, scikitLearn, vowpalWabbit } from '../../contenders.js'
import { flights } from '../../data.js'
import { flightsJob } from '../c-flights/run.js'

const ROWS = 1_000_000
const orders = ['shuffled', 'time', 'distance', 'late'] as const

export const question: Question = {
  id: 'j',
  async answer(settings): Promise<Answer> {
    const rows: string[][] = []
    for (const contender of [millrace, scikitLearn, pyTorch, vowpalWabbit, csvParse]) {
      const missing = contender.missing()
      if (missing !== undefined) {
        rows.push([contender.name, 'not run', missing, '', ''])
        continue
      }
      process.stderr.write(`  ${contender.name}\n`)
      const losses: string[] = []
      for (const order of orders) {
        const job = flightsJob(flights(order, Math.round(ROWS * settings.scale)), settings, { score: true })
        const { loss } = await contender.run(job)
        losses.push(loss!.toFixed(4))
      }
      rows.push([contender.name, ...losses])
    }
    return {
      id: 'j',
      title: 'Sorted files',
      text: 'Held-out log loss after one pass over a million flights, in random order, and sorted by time, by a column, by the target. Predicting the mean for all has 0.4966. Everybody is given the same file and takes its rows in the order that it chooses by itself: millrace from 256 places at once, partial_fit of scikit-learn at random within a chunk of 100,000 rows, the others as they come.',
      tables: [{ head: ['', 'random', 'by time', 'by distance', 'by the target'], rows }],
      claims: [],
      notes: [],
      versions: {},
    }
  },
}
