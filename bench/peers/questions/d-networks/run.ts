import type { Answer, Question } from '../../answer.js'
import { millrace, pyTorch, scikitLearn, tensorFlow } from '../../contenders.js'
import { numericFile, rowsOf } from '../../data.js'
import { bars, claims, race, raceNotes, raceTable, versionsOf } from '../../race.js'
import { numericJob } from '../a-numbers/run.js'

const ROWS = 2_000_000
const AGREED = 0.463
const networks = [
  [64, 32],
  [256, 128],
]

const inTheWay = {
  PyTorch:
    'WebAssembly has vectors of 128 bits, and no fused multiply-add whose bits are the same on every machine: our products reach 20 to 35 GFLOP/s a thread, those of OpenBLAS with AVX-512 150 (DECISIONS.md, 51)',
}

export const question: Question = {
  id: 'd',
  async answer(settings): Promise<Answer> {
    const file = numericFile(Math.round(ROWS * settings.scale))
    const mostRows = { 'TensorFlow.js': 60_000, 'scikit-learn': 200_000 }
    const answers = []
    for (const hidden of networks) {
      const title = [28, ...hidden, 1].join(' → ')
      const job = numericJob(file, settings, { hidden })
      const options = { repeat: settings.repeat, mostRows, agreedLoss: AGREED }
      const racers = await race(job, [millrace, pyTorch, scikitLearn, tensorFlow], options)
      answers.push({ title, racers })
    }
    return {
      id: 'd',
      title: 'Networks, from CSV',
      text: `${rowsOf(file).toLocaleString('en')} rows × 28 numbers, one pass, mini-batches of 1024 rows, relu, Adam.`,
      tables: answers.map(({ title, racers }) => ({ title, ...raceTable(racers) })),
      claims: answers.flatMap(({ title, racers }) =>
        claims(racers, { PyTorch: 3, 'TensorFlow.js': 10 }, inTheWay).map((claim) => ({
          ...claim,
          what: `${title}: ${claim.what}`,
        })),
      ),
      notes: raceNotes(answers[0]!.racers, AGREED),
      chart: { title: 'Seconds to train 28 → 64 → 32 → 1', unit: 's', bars: bars(answers[0]!.racers) },
      versions: versionsOf(answers[0]!.racers),
    }
  },
}
