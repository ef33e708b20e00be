import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { saveModel } from '../src/artifact/index.js'
import type { DoneEvent } from '../src/events.js'
import { evaluate, train } from '../src/index.js'
import type { TrainedModel } from '../src/model/index.js'
import { positionHash } from '../src/numeric/murmur3.js'
import type { TrainOptions } from '../src/options.js'
import type { TargetColumn } from '../src/schema/index.js'
import { ROUNDING, temporaryFolder } from './model-use.js'
import { commas } from './dialect.js'

const path = temporaryFolder()
const penguins = fileURLToPath(new URL('../data/penguins.csv', import.meta.url))

/** A model of one number x as it is: z = weight·x + bias. */
function oneWeight(target: TargetColumn, weight: number, bias: number): TrainedModel {
  return {
    kind: 'linear',
    schema: {
      dialect: { ...commas, missingTokens: ['NA'] },
      columns: [
        { kind: 'number', name: 'x', mean: 0, scale: 1, fill: 0, indicator: false, limit: null },
        { kind: 'target', name: target.name },
        { kind: 'weight', name: 'w' },
      ],
      interactions: [],
      target,
    },
    loss: target.kind === 'number' ? 'squared' : 'logistic',
    lossSettings: {},
    outputs: 1,
    weights: Float32Array.of(weight),
    bias: Float32Array.of(bias),
    categoryWeights: new Float32Array(0),
    provenance: {
      version: '0.1.0',
      seed: 0,
      options: {},
      epochs: 1,
      steps: 1,
      rows: { read: 1, trained: 1, validation: 0, skipped: 0 },
      train: { loss: 0 },
      validation: undefined,
    },
  }
}

const model = path('model.safetensors')
const input = path('rows.csv')

describe('the metrics', () => {
  it('of two classes are those computed by hand', async () => {
    await saveModel(model, oneWeight({ kind: 'binary', name: 'y', classes: ['no', 'yes'] }, 1, 0.5))
    writeFileSync(input, 'w,y,x\n1,yes,1\n2,no,-1\n1,no,0.25\n0,yes,-9\n')
    const { rows, metrics } = await evaluate({ model, input, workers: 1 })
    expect(rows).toEqual({ read: 4, evaluated: 4, skipped: 0 })
    // By hand: z = 1.5, −0.5, 0.75; labels 1, 0, 0; weights 1, 2, 1, and a row of weight 0 that counts for nothing.
    const p = [1.5, -0.5, 0.75].map((z) => 1 / (1 + Math.exp(-z))) as [number, number, number]
    const loss = -(Math.log(p[0]) + 2 * Math.log(1 - p[1]) + Math.log(1 - p[2])) / 4
    const brier = ((1 - p[0]) ** 2 + 2 * p[1] ** 2 + p[2] ** 2) / 4
    // Losses and probabilities are f32 with errors of a few units in the last place (workers/kernel/math.ts).
    expect(Math.abs(metrics.loss - loss)).toBeLessThan(8 * ROUNDING)
    expect(Math.abs(metrics['brier']! - brier)).toBeLessThan(8 * ROUNDING)
    // Right: the first row and the second, 3 of 4. Every pair of a yes and a no is in order.
    expect(metrics['accuracy']).toBe(3 / 4)
    expect(metrics['auc']).toBe(1)
  })

  it('of numbers are those computed by hand, in the units of the data', async () => {
    await saveModel(model, oneWeight({ kind: 'number', name: 'y', mean: 10, scale: 4 }, 0.5, 0))
    // ŷ = 4·(0.5·x) + 10 = 12, 14, 10; errors −2, 2, 0. All of it is exact in f32.
    writeFileSync(input, 'x,y,w\n1,14,1\n2,12,1\n0,10,1\n')
    const { metrics } = await evaluate({ model, input, workers: 1 })
    expect(metrics).toMatchObject({ loss: 8 / 3, mae: 4 / 3 })
    expect(metrics['rmse']).toBeCloseTo(Math.sqrt(8 / 3), 14)
    // 1 − Σe² / Σ(y − 12)² = 1 − 8/8.
    expect(metrics['r2']).toBeCloseTo(0, 14)
  })

  it('come with tables of the same rows', async () => {
    await saveModel(model, oneWeight({ kind: 'binary', name: 'y', classes: ['no', 'yes'] }, 1, 0))
    writeFileSync(input, 'x,y,w\n1.5,yes,1\n-0.5,no,2\n0.75,no,1\n9,yes,0\n')
    const { metrics, tables } = await evaluate({ model, input, workers: 1 })
    // By hand: the rows above; the row of weight 0 counts for nothing.
    expect(tables.confusion).toEqual({
      classes: ['no', 'yes'],
      counts: [
        [2, 1],
        [0, 1],
      ],
    })
    expect(metrics['accuracy']).toBe(3 / 4)
    const { bins } = tables.calibration!
    expect(bins.flatMap(({ from, rows, observed }) => (rows > 0 ? [[from, rows, observed]] : []))).toEqual([
      [0.3, 2, 0],
      [0.6, 1, 0],
      [0.8, 1, 1],
    ])
    const deciles = tables.deciles!
    expect(deciles.map(({ observed }) => observed)).toEqual([
      1,
      1,
      expect.closeTo(0.5, 12),
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ])
    expect(deciles.map(({ captured }) => captured).slice(0, 3)).toEqual([
      expect.closeTo(0.4, 12),
      expect.closeTo(0.8, 12),
      expect.closeTo(1, 12),
    ])
    const above = await evaluate({ model, input, workers: 1, threshold: 0.7 })
    expect(above.tables.confusion!.counts).toEqual([
      [3, 0],
      [0, 1],
    ])
    expect(above.metrics['accuracy']).toBe(1)
  })

  /** Trains with rows held out, writes those rows to a file of their own, and evaluates the model on it. */
  async function onHeldOutRows(options: Omit<TrainOptions, 'input' | 'out'>) {
    const seed = 7
    const validation = 0.3
    const training = { ...options, input: penguins, seed, validation, out: model, workers: 1, epochs: 2 }
    const done = (await lastValueFrom(train(training))) as DoneEvent
    // Which rows they are: the hash of the offset of their first byte says so (the design's definition).
    const [header, ...lines] = readFileSync(penguins, 'latin1').split('\n')
    let position = header!.length + 1
    const heldOut = lines.filter((line) => {
      const hash = positionHash(seed, position)
      position += line.length + 1
      return line !== '' && hash < Math.round(validation * 2 ** 32)
    })
    writeFileSync(input, [header, ...heldOut].join('\n'), 'latin1')
    const onBadRow = options.onBadRow ?? 'fail'
    return { done, heldOut, result: await evaluate({ model, input, workers: 2, onBadRow }) }
  }

  it.each([
    { target: 'Species', onBadRow: undefined },
    { target: 'Body Mass (g)', onBadRow: 'skip' as const },
  ])('are those of the validation rows of training ($target)', async ({ target, onBadRow }) => {
    const { done, heldOut, result } = await onHeldOutRows({ target, onBadRow })
    expect(result.rows.read).toBe(heldOut.length)
    expect(result.rows.evaluated).toBe(done.rows.validation)
    expect(heldOut.length).toBeGreaterThan(70)
    // The same f32 losses and predictions of each row, added up in f64 in another order: at most n roundings.
    for (const [name, value] of Object.entries(done.validation!)) {
      const difference = Math.abs(result.metrics[name]! - value) / Math.abs(value)
      expect(difference).toBeLessThan(2 * heldOut.length * 2 ** -53)
    }
  })
})

describe('rows', () => {
  it('without a target are bad, and left out where that is allowed', async () => {
    await saveModel(model, oneWeight({ kind: 'binary', name: 'y', classes: ['no', 'yes'] }, 1, 0))
    writeFileSync(input, 'x,y,w\n1,yes,1\n1,,1\n1,perhaps,1\n1,no,-1\n1,no,1\n')
    await expect(evaluate({ model, input, workers: 1 })).rejects.toMatchObject({
      code: 'MISSING_TARGET',
      place: { line: 3, column: 'y' },
    })
    const { rows } = await evaluate({ model, input, workers: 1, onBadRow: 'skip' })
    expect(rows).toEqual({ read: 5, evaluated: 2, skipped: 3 })
  })

  it('need the columns of target and weight, and there must be some', async () => {
    await saveModel(model, oneWeight({ kind: 'binary', name: 'y', classes: ['no', 'yes'] }, 1, 0))
    writeFileSync(input, 'x,Y,w\n1,yes,1\n')
    await expect(evaluate({ model, input, workers: 1 })).rejects.toMatchObject({
      code: 'MISSING_COLUMN',
      message: 'there is no column "y", the target of the model',
      hint: 'did you mean "Y"?',
    })
    writeFileSync(input, 'x,y\n1,yes\n')
    await expect(evaluate({ model, input, workers: 1 })).rejects.toMatchObject({
      message: 'there is no column "w", the weight of the model',
    })
    writeFileSync(input, 'x,y,w\n')
    await expect(evaluate({ model, input, workers: 1 })).rejects.toMatchObject({ code: 'NO_ROWS' })
  })

  it('come from a model and files that are there, with options that exist', async () => {
    const nothing = evaluate({ model: path('nothing'), input, workers: 1 })
    await expect(nothing).rejects.toMatchObject({ code: 'MODEL_NOT_READ' })
    const noInput = evaluate({ model, input: path('nothing.csv'), workers: 1 })
    await expect(noInput).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    const misspelt = { model, input, worker: 1 }
    await expect(evaluate(misspelt)).rejects.toMatchObject({ kind: 'usage', hint: 'did you mean "workers"?' })
  })
})
