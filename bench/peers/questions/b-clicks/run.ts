import type { Answer, Claim, Question } from '../../answer.js'
import { duckdb, millrace, pyTorch, scikitLearn, vowpalWabbit } from '../../contenders.js'
import { clickColumns, clickFile, rowsOf } from '../../data.js'
import { onePass } from '../../job.js'
import { bars, claims, race, raceNotes, raceTable, versionsOf, type Racer } from '../../race.js'

const ROWS = 2_000_000
const HASH_BITS = 18
/** Of always predicting the mean: 0.57 and more. */
const AGREED = 0.53

/** Of the rows before each was learned from: who learns faster than it learns well has won nothing. */
function progressiveClaim(racers: readonly Racer[]): Claim {
  const claim = { what: 'progressive log loss: millrace / Vowpal Wabbit', atMost: 1 }
  const [own, other] = ['millrace', 'Vowpal Wabbit'].map(
    (name) => racers.find((racer) => racer.name === name)?.progressiveLoss,
  )
  if (own === undefined || other === undefined) return { ...claim, void: 'not run' }
  return { ...claim, value: own / other }
}

export const question: Question = {
  id: 'b',
  async answer(settings): Promise<Answer> {
    const { repeat, scale, folder } = settings
    const file = clickFile(Math.round(ROWS * scale))
    const job = {
      train: file,
      heldOut: clickFile(100_000, 7),
      target: 'label',
      ...clickColumns,
      ...onePass,
      hashBits: HASH_BITS,
      folder,
    }
    const options = { repeat, mostRows: { PyTorch: 300_000, 'scikit-learn': 500_000 }, agreedLoss: AGREED }
    const racers = await race(job, [millrace, duckdb, scikitLearn, pyTorch, vowpalWabbit], options)
    const progressive = racers.flatMap(({ name, progressiveLoss }) =>
      progressiveLoss === undefined ? [] : [[name, progressiveLoss.toFixed(4)]],
    )
    return {
      id: 'b',
      title: 'A click log: counts and hashed categories',
      text: `${rowsOf(file).toLocaleString('en')} rows of 13 counts with gaps and 26 categories, all hashed to 2^${HASH_BITS} weights; one pass.`,
      tables: [raceTable(racers), { head: ['', 'progressive log loss'], rows: progressive }],
      claims: [...claims(racers, { 'Vowpal Wabbit': 6 }), progressiveClaim(racers)],
      notes: raceNotes(racers, AGREED),
      chart: { title: 'Seconds to learn from a click log', unit: 's', bars: bars(racers) },
      versions: versionsOf(racers),
    }
  },
}
