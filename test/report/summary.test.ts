import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { asModel } from '../../src/predicting/node-model.js'
import { describeTimes, summaryLines, summaryObject } from '../../src/report/summary.js'
import { doneEvent, weightsEvent } from './events.js'

const plain = pc.createColors(false)
const nothing = { out: undefined, quarantine: undefined, course: '', advice: undefined, weights: [] }

describe('summaryLines', () => {
  it('says what was read, learned and left, and how to predict', () => {
    // By hand, from the event in events.ts.
    expect(summaryLines(doneEvent, { ...nothing, out: 'flights.safetensors' }, 100, plain)).toEqual([
      'rows      3,000,000 read = 2,700,211 trained + 299,789 held out + 0 skipped',
      'steps     10,547 in 1 epoch, 2.1 s, 1.40 M rows/s',
      'train     progressive loss 0.4801',
      'held out  loss 0.4785  auc 0.6440  accuracy 0.8010  brier 0.1520',
      'time      parse 60 %, gradient 18 %, wait 15 %, read 5 %, average 2 %, update 1 %',
      'model     flights.safetensors',
      'predict   millrace predict flights.safetensors new.csv -o predictions.csv',
    ])
  })

  it('leaves out what there is not', () => {
    const times = { read: 0, parse: 0, wait: 0, gradient: 0, average: 0, update: 0 }
    const rows = { read: 2, trained: 2, validation: 0, skipped: 0 }
    const lines = summaryLines(
      { ...doneEvent, validation: undefined, times, rows, epochs: 3 },
      nothing,
      100,
      plain,
    )
    expect(lines).toEqual([
      'rows      2 read = 2 trained + 0 skipped',
      'steps     10,547 in 3 epochs, 2.1 s, 1.40 M rows/s',
      'train     progressive loss 0.4801, 0.4801 in the first epoch',
    ])
  })

  it('says why rows were skipped, the most frequent reason first, and where they are', () => {
    const rows = { read: 1214, trained: 2, validation: 0, skipped: 1212 }
    const badRows = { NOT_A_NUMBER: 5, RAGGED_ROW: 1207 }
    const lines = summaryLines(
      { ...doneEvent, rows, badRows },
      { ...nothing, quarantine: 'bad.csv' },
      100,
      plain,
    )
    expect(lines.slice(0, 2)).toEqual([
      'rows      1,214 read = 2 trained + 1,212 skipped',
      'skipped   1,207 ragged row, 5 not a number; kept in bad.csv',
    ])
  })

  it('quotes the path of the model for the shell', () => {
    const lines = summaryLines(doneEvent, { ...nothing, out: 'my model.safetensors' }, 20, plain)
    expect(lines.at(-1)).toBe("predict   millrace predict 'my model.safetensors' new.csv -o predictions.csv")
  })
})

describe('what was learned', () => {
  const weights = weightsEvent.weights

  it('is the heaviest weights, in the units of the data', () => {
    // By hand, from the event in events.ts: the deviation of `hour` is 4.25, and 0.5 / 4.25 = 0.118.
    const lines = summaryLines(doneEvent, { ...nothing, weights, advice: 'Read less.' }, 100, plain)
    expect(lines.slice(-5)).toEqual([
      'advice    Read less.',
      'learned   what adds most to the log-odds of late = 1',
      '          origin = ATL    −0.750',
      '          hour            +0.500  for 4.25 more, +0.118 for 1',
      '          hour (missing)  +0.250',
    ])
  })

  it.each([
    ['squared', { kind: 'number', name: 'price', mean: 3, scale: 2 }, 'the predicted price'],
    [
      'poisson',
      { kind: 'number', name: 'n', mean: 0, scale: 2, range: 'not negative' },
      'the logarithm of the predicted n',
    ],
    ['hinge', { kind: 'binary', name: 'late', classes: ['no', 'yes'] }, 'the score of late = yes'],
    ['softmax', { kind: 'classes', name: 'kind', classes: ['a', 'b', 'c'] }, 'the score of kind (→ class)'],
  ] as const)('of %s says what weights add to', (loss, target, name) => {
    const { model } = doneEvent
    const done = {
      ...doneEvent,
      model: Object.assign(asModel(model), { loss, schema: { ...model.schema, target } }),
    }
    expect(summaryLines(done, { ...nothing, weights }, 100, plain)).toContain(
      `learned   what adds most to ${name}`,
    )
  })

  it('names a part of a date, and a class', () => {
    const heavy = [{ column: 'day', part: 'weekday', class: 'x\u001b', weight: 2, weightPerUnit: 1 }]
    expect(summaryLines(doneEvent, { ...nothing, weights: heavy }, 100, plain).at(-1)).toBe(
      '          day (weekday) → x\\u001b  +2.00  for 2.00 more, +1.00 for 1',
    )
  })

  it('wraps sentences, between metrics first, and never a path', () => {
    const lines = summaryLines(
      doneEvent,
      { ...nothing, out: 'a-long-name.safetensors', advice: 'Read less, or less often.' },
      40,
      plain,
    )
    expect(lines).toEqual([
      'rows      3,000,000 read =',
      '          2,700,211 trained +',
      '          299,789 held out + 0 skipped',
      'steps     10,547 in 1 epoch, 2.1 s,',
      '          1.40 M rows/s',
      'train     progressive loss 0.4801',
      'held out  loss 0.4785  auc 0.6440',
      '          accuracy 0.8010  brier 0.1520',
      'time      parse 60 %, gradient 18 %,',
      '          wait 15 %, read 5 %, average',
      '          2 %, update 1 %',
      'advice    Read less, or less often.',
      'model     a-long-name.safetensors',
      'predict   millrace predict a-long-name.safetensors new.csv -o predictions.csv',
    ])
  })
})

describe('describeTimes', () => {
  it('leaves out parts below half a percent', () => {
    const times = { read: 0.1, parse: 99.2, wait: 0.7, gradient: 0, average: 0, update: 0 }
    expect(describeTimes(times)).toBe('parse 99 %, wait 1 %')
  })
})

describe('summaryObject', () => {
  it('rounds the clock to milliseconds and the rate to rows', () => {
    const object = summaryObject(
      { ...doneEvent, seconds: 0.9067639730000001, rowsPerSecond: 441128.4 },
      undefined,
    )
    expect(object).toMatchObject({ seconds: 0.907, rowsPerSecond: 441128, model: null })
  })

  it('has the keys of DESIGN.md section 7, in that order', () => {
    const object = summaryObject(doneEvent, 'model.safetensors')
    expect(Object.keys(object)).toEqual([
      'model',
      'loss',
      'epochs',
      'steps',
      'seconds',
      'rowsPerSecond',
      'rows',
      'badRows',
      'progressive',
      'train',
      'validation',
    ])
    expect(object).toMatchObject({
      model: 'model.safetensors',
      loss: 'logistic',
      steps: 10547,
      train: { loss: 0.4801 },
    })
  })

  it('has no validation where no rows were held out', () => {
    expect(summaryObject({ ...doneEvent, validation: undefined }, undefined)).not.toHaveProperty('validation')
  })
})
