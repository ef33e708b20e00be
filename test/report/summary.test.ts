import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { describeTimes, summaryLines, summaryObject } from '../../src/report/summary.js'
import { doneEvent } from './events.js'

const plain = pc.createColors(false)

describe('summaryLines', () => {
  it('says what was read, learned and left, and how to predict', () => {
    // By hand, from the event in events.ts.
    expect(summaryLines(doneEvent, 'flights.safetensors', undefined, plain)).toEqual([
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
      undefined,
      undefined,
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
    const lines = summaryLines({ ...doneEvent, rows, badRows }, undefined, 'bad.csv', plain)
    expect(lines.slice(0, 2)).toEqual([
      'rows      1,214 read = 2 trained + 1,212 skipped',
      'skipped   1,207 ragged row, 5 not a number; kept in bad.csv',
    ])
  })

  it('quotes the path of the model for the shell', () => {
    const lines = summaryLines(doneEvent, 'my model.safetensors', undefined, plain)
    expect(lines.at(-1)).toBe("predict   millrace predict 'my model.safetensors' new.csv -o predictions.csv")
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
