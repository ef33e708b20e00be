/** What the events of a run say, held against what they are about: the weights, the model, the quarantine, the rows. */
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { lastValueFrom, tap, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../src/events.js'
import { heaviestWeights } from '../../src/inspect/heaviest-weights.js'
import type { LinearModel } from '../../src/model/index.js'
import type { TrainOptions } from '../../src/options.js'
import { train } from '../../src/train.js'
import { readCsv } from '../model-use.js'
import { cornersCsv, scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const corners = write('corners.csv', cornersCsv(3000))
const usual = { input: corners, target: 'late', workers: 2, epochs: 2, batchSize: 100 } satisfies TrainOptions

async function eventsOf(options: TrainOptions): Promise<TrainEvent[]> {
  return lastValueFrom(train(options).pipe(toArray()))
}

function ofType<Type extends TrainEvent['type']>(
  events: readonly TrainEvent[],
  type: Type,
): Extract<TrainEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<TrainEvent, { type: Type }> => event.type === type)
}

describe('a step', () => {
  it('tells the norm of the gradient: of plain descent, the way that the weights have gone, by the learning rate', async () => {
    // Oracle: w' = w − rate · g. Both w are rounded to f32, so a difference is off by up to 2⁻²⁴ of a weight (here below 1).
    let before: Float64Array | undefined
    let compared = 0
    const plain = { optimizer: 'sgd', schedule: 'constant', learningRate: 0.5, epochs: 1 } as const
    await lastValueFrom(
      train({ ...usual, ...plain }).pipe(
        tap((event) => {
          if (event.type !== 'step') return
          const { parameters, gradientNorm, learningRate } = event
          const now = Float64Array.from(parameters)
          if (before?.length === now.length) {
            const way = Math.sqrt(now.reduce((sum, w, i) => sum + (w - before![i]!) ** 2, 0))
            const rounding = (Math.sqrt(now.length) * 2 ** -23) / learningRate
            expect(Math.abs(way / learningRate - gradientNorm)).toBeLessThan(rounding + 1e-6 * gradientNorm)
            compared++
          }
          before = now
        }),
      ),
    )
    expect(compared).toBeGreaterThan(10)
  })

  it('tells the clipped norm where it is clipped', async () => {
    const steps = ofType(await eventsOf({ ...usual, clipNorm: 0.01 }), 'step')
    // Each of the entries is rounded to f32 once more: 2⁻²⁴ of it.
    for (const { gradientNorm } of steps) expect(gradientNorm).toBeLessThanOrEqual(0.01 * (1 + 2 ** -20))
    expect(Math.max(...steps.map(({ gradientNorm }) => gradientNorm))).toBeCloseTo(0.01, 7)
  })

  it('tells the progressive loss: the mean of those of the rows so far, beginning anew with each epoch', async () => {
    const steps = ofType(await eventsOf(usual), 'step')
    let sum = 0
    for (const { epoch, step, loss, progressiveLoss, batchRows, rows } of steps) {
      if (step > 1 && rows === batchRows) sum = 0
      sum += loss * batchRows
      expect(progressiveLoss).toBeCloseTo(sum / rows, 12)
      expect(epoch).toBe(step <= steps.length / 2 ? 1 : 2)
    }
  })

  it('tells bytes and seconds that never go back within an epoch', async () => {
    const steps = ofType(await eventsOf(usual), 'step')
    for (const [i, { epoch, bytes, seconds }] of steps.entries()) {
      const last = steps[i - 1]
      if (last === undefined) continue
      expect(seconds).toBeGreaterThanOrEqual(last.seconds)
      if (last.epoch === epoch) expect(bytes).toBeGreaterThanOrEqual(last.bytes)
    }
    expect(steps.at(-1)!.bytes).toBe(readFileSync(corners).length - corners_header.length)
  })
})

const corners_header = 'x,"te,xt",z,w,amount,late,kind\r\n'

describe('validation', () => {
  it('comes before the end of its epoch, with the same metrics and the rows that were scored', async () => {
    const events = await eventsOf({ ...usual, validation: 0.2 })
    const scored = events.filter(({ type }) => type === 'validation' || type === 'epoch')
    expect(scored.map(({ type }) => type)).toEqual(['validation', 'epoch', 'validation', 'epoch'])
    const epochs = ofType(events, 'epoch')
    for (const [i, { metrics, rows, step, epoch }] of ofType(events, 'validation').entries()) {
      const of = epochs[i]!
      expect({ metrics, rows, step, epoch }).toEqual({
        metrics: of.validation,
        rows: of.rows.validation,
        step: of.step,
        epoch: of.epoch,
      })
    }
  })

  it('does not come where no rows are held out', async () => {
    expect(ofType(await eventsOf(usual), 'validation')).toEqual([])
  })
})

describe('the end of a run', () => {
  it('tells the weights of the model, and where the time went, before it is done', async () => {
    const events = await eventsOf(usual)
    const [weights, bottleneck, done] = events.slice(-3)
    if (weights?.type !== 'weights' || bottleneck?.type !== 'bottleneck' || done?.type !== 'done') {
      throw new Error(
        `other events: ${events
          .map(({ type }) => type)
          .slice(-3)
          .join()}`,
      )
    }
    expect(weights.weights).toEqual(heaviestWeights(done.model as LinearModel))
    expect(weights.step).toBe(done.steps)
    // Six shares in f64: each rounded once.
    expect(Object.values<number>({ ...bottleneck.shares }).reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    expect(bottleneck.workers).toHaveLength(2)
    for (const busy of bottleneck.workers) expect(busy >= 0 && busy <= 1).toBe(true)
    expect(Math.max(...bottleneck.workers)).toBeGreaterThan(0)
    expect(bottleneck.advice).toMatch(/^.+\.$/)
  })

  it('of a network tells no weights', async () => {
    expect(ofType(await eventsOf({ ...usual, hidden: '4' }), 'weights')).toEqual([])
  })
})

describe('workers', () => {
  it('are ready, each once', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${scattered(i)},${i % 2}`)
    const input = write('many.csv', `x,y\n${rows.join('\n')}\n`)
    const events = ofType(await eventsOf({ input, target: 'y', workers: 3, blockBytes: 1024 }), 'worker')
    expect(events.map(({ state }) => state)).toEqual(events.map(() => 'ready'))
    const numbers = events.map(({ worker }) => worker)
    expect(numbers).toEqual(Array.from(numbers, (_, i) => i + 1))
    expect(numbers.length).toBeGreaterThan(0)
  })
})

describe('bad rows', () => {
  const rows = Array.from({ length: 3000 }, (_, i) =>
    i % 20 === 7 ? (i % 40 === 7 ? 'oops,1' : '1,2,3') : `${scattered(i)},${i % 2}`,
  )
  const input = write('bad.csv', `x,y\n${rows.join('\n')}\n`)
  const bad = rows.filter((_, i) => i % 20 === 7).length

  it('are told one by one, with where they are and why', async () => {
    // Oracle: the quarantine of the same run, which has tests of its own.
    const quarantine = join(folder, 'kept.csv')
    const onBadRow = 'quarantine'
    const events = ofType(await eventsOf({ ...usual, input, target: 'y', onBadRow, quarantine }), 'bad-row')
    const kept = await readCsv(readFileSync(quarantine, 'utf8'))
    const told = events.map(({ file, line, byte, column = '', reason }) => [
      file,
      String(line),
      String(byte),
      column,
      reason,
    ])
    const expected = kept.map(({ file, line, byte, column, reason }) => [file, line, byte, column, reason])
    expect(told.slice(0, 100)).toEqual(expected.slice(0, 100))
    expect(events.slice(0, 100).map(({ skipped }) => skipped)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
    expect(events[0]!.message).toMatch(/^expected .+, found/)
    // More than a hundred are bad; later ones are told only now and then.
    expect(bad).toBe(150)
    expect(events.length).toBeLessThan(bad)
  })

  it('are told where they are left out, and nowhere twice', async () => {
    const events = ofType(await eventsOf({ ...usual, input, target: 'y', onBadRow: 'skip' }), 'bad-row')
    expect(events.length).toBeGreaterThanOrEqual(100)
    expect(new Set(events.map(({ byte }) => byte)).size).toBe(events.length)
    const text = readFileSync(input, 'utf8')
    for (const { byte, line, reason, policy } of events) {
      expect(policy).toBe('skip')
      expect(text.slice(0, byte).split('\n')).toHaveLength(line!)
      // The target of 1,2,3 is 2, which is met before the third field.
      const [found] = text.slice(byte).split('\n')
      expect([reason, found]).toEqual(found === 'oops,1' ? ['NOT_A_NUMBER', found] : ['UNKNOWN_CLASS', '2,3'])
    }
  })

  it('far inside a large file have no line, which would have to be counted', async () => {
    const long = `${'1'.repeat(100)},1\n`
    const text = Buffer.concat([
      Buffer.from(`x,y\n2,0\noops,1\n`),
      Buffer.from(long.repeat(Math.ceil((17 * 2 ** 20) / long.length))),
      Buffer.from('oops,1\n'),
    ])
    const large = write('large.csv', text)
    const machine = { workers: 2, epochs: 1, batchSize: 5000 }
    const events = ofType(
      await eventsOf({ input: large, target: 'y', onBadRow: 'skip', ...machine }),
      'bad-row',
    )
    const places = events.map(({ line, byte }) => ({ line, byte })).sort((a, b) => a.byte - b.byte)
    expect(places).toEqual([
      { line: 3, byte: 8 },
      { line: undefined, byte: text.length - 7 },
    ])
  })
})
