import { alternate, spread } from '../../../measure.js'
import { formatSpread } from '../../../print.js'
import type { Answer, Question } from '../../answer.js'
import { millraceWith } from '../../contenders.js'
import { numericFile, rowsOf } from '../../data.js'
import { numericJob } from '../a-numbers/run.js'

const ROWS = 1_000_000
const BATCHES = [1, 8, 32, 256, 4096, 65_536]

export const question: Question = {
  id: 'i',
  async answer(settings): Promise<Answer> {
    const file = numericFile(Math.round(ROWS * settings.scale))
    const job = numericJob(file, settings)
    const losses: string[] = []
    const contenders = BATCHES.map((rows) => millraceWith(`${rows}`, '--batch-size', `${rows}`))
    for (const contender of contenders) {
      const { loss } = await contender.run({ ...job, score: true })
      losses.push(loss!.toFixed(4))
    }
    const runners = contenders.map((contender) => ({
      name: contender.name,
      run: async () => (await contender.run(job)).seconds,
    }))
    const measured = await alternate(runners, settings.repeat)
    return {
      id: 'i',
      title: 'The size of a mini-batch',
      text: `${rowsOf(file).toLocaleString('en')} rows × 28 numbers, one pass, whole processes.`,
      tables: [
        {
          head: ['rows', 'steps', 'seconds', 'held-out log loss'],
          rows: BATCHES.map((batch, i) => [
            batch.toLocaleString('en'),
            Math.ceil(rowsOf(file) / batch).toLocaleString('en'),
            formatSpread(spread(measured.get(`${batch}`)!), 2),
            losses[i]!,
          ]),
        },
      ],
      claims: [],
      notes: [],
      chart: {
        title: 'Seconds by rows of a mini-batch',
        unit: 's',
        bars: BATCHES.map((batch) => ({
          name: batch.toLocaleString('en'),
          value: spread(measured.get(`${batch}`)!).median,
        })),
        sorted: false,
      },
      versions: {},
    }
  },
}
