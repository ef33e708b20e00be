/** How many rows the model was trained on have each category, against a count by hand of the rows of the file. */
import { describe, expect, it } from 'vitest'
import { decodeModel, encodeModel } from '../../src/artifact/index.js'
import type { DoneEvent, TrainEvent } from '../../src/index.js'
import type { TrainOptions } from '../../src/options.js'
import { featureColumns, type CategorySlot } from '../../src/schema/schema.js'
import { train } from '../../src/train.js'
import { scattered, temporaryFolder } from './files.js'

const { write } = temporaryFolder()

/** Values that the first rows do not show are among the last, so that vocabularies have to grow. */
const records = Array.from({ length: 6000 }, (_, i) => {
  const city = i % 10 === 0 ? '' : `city ${Math.floor(scattered(i) * (i < 3000 ? 20 : 60))}`
  const color = ['red', 'green', '"blue, dark"', 'NA'][Math.floor(scattered(i, 0.7548776662466927) * 4)]!
  return { city, color, size: i % 7, late: scattered(i, 0.3819) > 0.6 ? 'yes' : 'no' }
})
const input = write(
  'rows.csv',
  ['city,color,size,late', ...records.map((record) => Object.values(record).join(','))].join('\n') + '\n',
)
const base: TrainOptions = {
  input,
  target: 'late',
  categorical: 'city,color',
  interactions: 'city:color,color:size',
  batchSize: 100,
  lanes: 1,
}

async function run(options: Partial<TrainOptions>): Promise<DoneEvent> {
  return new Promise((resolve, reject) => {
    const next = (event: TrainEvent): void => {
      if (event.type === 'done') resolve(event)
    }
    train({ ...base, epochs: 1, workers: 1, ...options }).subscribe({ next, error: reject })
  })
}

const slotsOf = ({ model }: DoneEvent): CategorySlot[] => featureColumns(model.schema).categories

/** What the model says of a slot, by value. */
const countsOf = ({ values, counts, missing, others }: CategorySlot) => ({
  rows: Object.fromEntries(values.map((value, i) => [value, counts![i]!])),
  missing,
  others,
})

/** What the file says. */
function expected(textOf: (record: (typeof records)[number]) => string | undefined) {
  const rows: Record<string, number> = {}
  let missing = 0
  for (const record of records) {
    const text = textOf(record)
    if (text === undefined) missing++
    else rows[text] = (rows[text] ?? 0) + 1
  }
  return { rows, missing, others: 0 }
}
const plain = (text: string): string | undefined =>
  text === '' || text === 'NA' ? undefined : text.replaceAll('"', '')

describe('the counts of categories', () => {
  it('are those of the rows', async () => {
    const [city, color, pair, slope] = slotsOf(await run({})).map(countsOf)
    expect(city).toEqual(expected((record) => plain(record.city)))
    expect(color).toEqual(expected((record) => plain(record.color)))
    expect(pair).toEqual(
      expected(({ city, color }) => {
        const both = [plain(city), plain(color)]
        return both.includes(undefined) ? undefined : both.join('\x1f')
      }),
    )
    expect(slope).toEqual(color)
  })

  it('are those of the first epoch, for any number of workers', async () => {
    const [one, ...others] = await Promise.all([
      run({}),
      run({ epochs: 3 }),
      run({ workers: 2, placement: 'pool' }),
      run({ workers: 3, epochs: 2 }),
    ])
    const all = (done: DoneEvent) =>
      slotsOf(done).map(({ values, counts, missing, others }) => [values, counts, missing, others])
    for (const other of others) expect(all(other)).toEqual(all(one))
  })

  it('leave held-out rows out, and add up to the rows that were trained on', async () => {
    const done = await run({ validation: 0.3 })
    expect(done.rows.trained).toBeLessThan(4500)
    for (const { counts, others, missing } of slotsOf(done)) {
      expect(counts!.reduce((sum, rows) => sum + rows, others! + missing!)).toBe(done.rows.trained)
    }
  })

  it('tell values beyond the vocabulary together', async () => {
    const [city] = slotsOf(await run({ maxCategories: 5 }))
    const whole = expected((record) => plain(record.city))
    expect(city!.values.length).toBeLessThanOrEqual(5)
    city!.values.forEach((value, i) => expect(city!.counts![i]).toBe(whole.rows[value]))
    const named = city!.counts!.reduce((sum, rows) => sum + rows, 0)
    expect([city!.others, city!.missing]).toEqual([6000 - named - whole.missing, whole.missing])
  })

  it('come back from the file', async () => {
    const { model } = await run({})
    expect(decodeModel(encodeModel(model)).schema).toEqual(model.schema)
  })

  it('are not made where no value has a name', async () => {
    for (const slot of slotsOf(await run({ hashBits: 8, interactions: 'city:color' }))) {
      expect(slot).not.toHaveProperty('counts')
    }
  })
})
