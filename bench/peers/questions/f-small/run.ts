import type { Answer, Question } from '../../answer.js'
import { contenders } from '../../contenders.js'
import { numericFile, prefix } from '../../data.js'
import { race, raceTable, versionsOf } from '../../race.js'
import { numericJob } from '../a-numbers/run.js'

export const question: Question = {
  id: 'f',
  async answer(settings): Promise<Answer> {
    const file = numericFile(100_000)
    const options = { repeat: settings.repeat, agreedLoss: Infinity }
    const racers = await race(numericJob(prefix(file, 150), settings), contenders, options)
    const tiny = await race(numericJob(prefix(file, 1), settings), contenders.slice(0, 1), options)
    const own = racers.find(({ name }) => name === 'millrace')!.seconds!.median
    return {
      id: 'f',
      title: 'A handful of rows: what the tool itself costs',
      text: '150 rows × 28 numbers, one pass; whole processes.',
      tables: [raceTable(racers), { ...raceTable(tiny), title: 'One row' }],
      claims: [{ what: 'seconds for 150 rows', value: own, atMost: 0.6 }],
      notes: ['Of one row nobody can tell that there are two classes: millrace fits a number to it.'],
      versions: versionsOf(racers),
    }
  },
}
