import type { Answer, Question } from '../../answer.js'
import { millrace, scikitLearn, vowpalWabbit } from '../../contenders.js'
import { numericFile, rowsOf } from '../../data.js'
import { bars, claims, race, raceNotes, raceTable, versionsOf } from '../../race.js'
import { numericJob } from '../a-numbers/run.js'

const ROWS = 2_000_000
const EPOCHS = 10
const AGREED = 0.463

export const question: Question = {
  id: 'e',
  async answer(settings): Promise<Answer> {
    const file = numericFile(Math.round(ROWS * settings.scale))
    const job = numericJob(file, settings, { epochs: EPOCHS })
    const options = { repeat: settings.repeat, mostRows: { 'scikit-learn': 400_000 }, agreedLoss: AGREED }
    const racers = await race(job, [millrace, scikitLearn, vowpalWabbit], options)
    return {
      id: 'e',
      title: 'Ten epochs',
      text: `${rowsOf(file).toLocaleString('en')} rows × 28 numbers, ten passes. millrace keeps encoded rows in memory, Vowpal Wabbit a cache file; scikit-learn reads the CSV ten times.`,
      tables: [raceTable(racers)],
      claims: claims(racers, { 'Vowpal Wabbit': 10 }),
      notes: raceNotes(racers, AGREED),
      chart: { title: 'Seconds for ten epochs', unit: 's', bars: bars(racers) },
      versions: versionsOf(racers),
    }
  },
}
