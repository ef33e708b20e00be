/**
 * Patience and the best epoch. The oracles: a run of exactly that many epochs, which must give the same weights bit for
 * bit, and `evaluate` on the held-out rows.
 */
import { join } from 'node:path'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { encodeModel, saveModel } from '../../src/artifact/index.js'
import type { DoneEvent, EpochEvent } from '../../src/events.js'
import { evaluate } from '../../src/evaluate.js'
import type { LinearModel as Model } from '../../src/model/index.js'
import { positionHash } from '../../src/numeric/murmur3.js'
import type { TrainOptions } from '../../src/options.js'
import { train } from '../../src/train.js'
import { fit, linear } from '../linear.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

/** Few rows, many columns that say nothing: after some epochs the model learns the rows by heart. */
const COLUMNS = 30
const HEADER = `${Array.from({ length: COLUMNS }, (_, c) => `x${c}`).join(',')},y\n`
const lines = Array.from({ length: 160 }, (_, i) => {
  const numbers = Array.from({ length: COLUMNS }, (_n, c) =>
    scattered(i * COLUMNS + c + 1, 0.7548776662 + c / 977),
  )
  return `${numbers.map((x) => x.toFixed(3)).join(',')},${numbers[0]! + scattered(i, 0.31) > 1 ? 'b' : 'a'}\n`
})
const input = write('few.csv', HEADER + lines.join(''))
const SEED = 5
const overfitting = {
  input,
  target: 'y',
  validation: 0.4,
  seed: SEED,
  batchSize: 16,
  optimizer: 'sgd',
  learningRate: 0.1,
  workers: 1,
} satisfies TrainOptions

async function eventsOf(options: TrainOptions) {
  const events = await lastValueFrom(train(options).pipe(toArray()))
  const epochs = events.filter((event) => event.type === 'epoch')
  return { epochs, done: events.at(-1) as DoneEvent }
}

const bytes = (model: Model): Buffer => Buffer.from(encodeModel(model))
const lossOf = (epoch: EpochEvent): number => epoch.validation!.loss

describe('patience', () => {
  it('stops after so many epochs without a better validation loss, and keeps the best one', async () => {
    const patience = 3
    const { epochs, done } = await eventsOf({ ...overfitting, patience })
    const losses = epochs.map(lossOf)
    const best = losses.indexOf(Math.min(...losses)) + 1
    expect(epochs.length).toBe(best + patience)
    expect(best).toBeGreaterThan(1)
    expect(done).toMatchObject({
      epochs: best + patience,
      bestEpoch: best,
      validation: epochs[best - 1]!.validation,
    })
    expect(done.train.loss).toBe(epochs[best - 1]!.loss)
    expect(done.progressive.loss).toBe(epochs[0]!.loss)
    expect(done.model.provenance).toMatchObject({
      epochs: best,
      steps: (done.steps * best) / (best + patience),
    })
    // The loss goes down and then up: the last weights are others.
    const sameLength = await fit({ ...overfitting, schedule: 'constant', epochs: best })
    expect(linear(done.model).weights).toEqual(sameLength.weights)
    expect(linear(done.model).bias).toEqual(sameLength.bias)
    const lastWeights = await fit({ ...overfitting, schedule: 'constant', epochs: best + patience })
    expect(linear(done.model).weights).not.toEqual(lastWeights.weights)
  })

  it('saves weights whose loss on the held-out rows is the one that it reports', async () => {
    const { done } = await eventsOf({ ...overfitting, patience: 2 })
    const model = join(folder, 'best.safetensors')
    await saveModel(model, done.model)
    let position = HEADER.length
    const heldOut = lines.filter((line) => {
      const hash = positionHash(SEED, position)
      position += line.length
      return hash < Math.round(overfitting.validation * 2 ** 32)
    })
    const file = write('held-out.csv', HEADER + heldOut.join(''))
    const { metrics, rows } = await evaluate({ model, input: file, workers: 1 })
    expect(rows.evaluated).toBe(done.rows.validation)
    // The same f32 losses, added up in f64 in another order.
    expect(Math.abs(metrics.loss / done.validation!.loss - 1)).toBeLessThan(2 * heldOut.length * 2 ** -53)
  })

  it('stops at the limit of epochs where that comes first', async () => {
    const { epochs, done } = await eventsOf({ ...overfitting, patience: 50, epochs: 2 })
    expect(epochs.length).toBe(2)
    expect(done.bestEpoch).toBe(epochs.at(-1)!.bestEpoch)
  })

  it('wants the improvement that it is told', async () => {
    const { epochs, done } = await eventsOf({ ...overfitting, patience: 2, minImprovement: 0.5 })
    // No epoch halves the loss of the first.
    expect(Math.min(...epochs.map(lossOf))).toBeGreaterThan(lossOf(epochs[0]!) / 2)
    expect(done).toMatchObject({ epochs: 3, bestEpoch: 1 })
  })

  it('gives the same model for 1, 2 and 5 workers, inline and pool, from a file and from a stream', async () => {
    async function* text() {
      yield Buffer.from(HEADER + lines.join(''))
      await Promise.resolve()
    }
    for (const source of [() => input, text]) {
      const options = () => ({
        ...overfitting,
        input: source(),
        patience: 2,
        minImprovement: 0.001,
        blockBytes: 700,
      })
      const first = bytes(await fit({ ...options(), workers: 1, placement: 'inline' }))
      for (const workers of [2, 5]) {
        expect(first.equals(bytes(await fit({ ...options(), workers, placement: 'pool' })))).toBe(true)
      }
    }
  })

  it('needs rows to tell by', async () => {
    await expect(fit({ ...overfitting, validation: 0, patience: 1 })).rejects.toMatchObject({
      code: 'OPTION_CONFLICT',
      kind: 'usage',
      message: expect.stringContaining('patience') as string,
    })
    await expect(fit({ ...overfitting, validation: 1e-6, patience: 1 })).rejects.toMatchObject({
      code: 'NO_VALIDATION_ROWS',
      kind: 'run',
    })
    await expect(fit({ ...overfitting, minImprovement: 0.1 })).rejects.toMatchObject({
      code: 'OPTION_CONFLICT',
    })
  })
})

describe('the schedule plateau', () => {
  it.each<[string, number, (epoch: EpochEvent) => number]>([
    ['validation loss', 0.4, lossOf],
    ['progressive loss, where there is no other', 0, ({ loss }) => loss],
  ])('hears of the %s at the end of every epoch', async (_name, validation, loss) => {
    const scheduleSettings = { factor: 0.5, patience: 0, threshold: 0 }
    const rate = validation > 0 ? 0.1 : 6
    const options = {
      ...overfitting,
      validation,
      learningRate: rate,
      schedule: 'plateau',
      scheduleSettings,
    } as const
    const events = await lastValueFrom(train({ ...options, epochs: 8 }).pipe(toArray()))
    const epochs = events.filter((event) => event.type === 'epoch')
    const rates = epochs.map(({ epoch }) => {
      const steps = events.filter((event) => event.type === 'step').filter((step) => step.epoch === epoch)
      expect(new Set(steps.map(({ learningRate }) => learningRate)).size).toBe(1)
      return steps[0]!.learningRate
    })
    // By hand: half after every epoch whose loss is not below all before it.
    let expected = rate
    let best = Infinity
    for (const [i, epoch] of epochs.entries()) {
      expect(rates[i]).toBe(expected)
      if (loss(epoch) < best) best = loss(epoch)
      else expected /= 2
    }
    expect(expected).toBeLessThan(rate)
  })
})
