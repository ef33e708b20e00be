import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runError } from '../../src/errors.js'
import type { EvaluateOptions, InspectOptions, PredictOptions } from '../../src/options.js'
import { expectHandlers, interrupt, removeHandlers, run } from './harness.js'

// The commands are tested against stand-ins for the library; what the library does has its own tests.
const { predict, evaluate, inspect } = vi.hoisted(() => ({
  predict: vi.fn(),
  evaluate: vi.fn(),
  inspect: vi.fn(),
}))
vi.mock('../../src/predict.js', () => ({ predict }))
vi.mock('../../src/evaluate.js', () => ({ evaluate }))
vi.mock('../../src/inspect.js', () => ({ inspect }))

beforeEach(() => {
  for (const standIn of [predict, evaluate, inspect]) standIn.mockReset()
})

afterEach(removeHandlers)

describe('millrace predict', () => {
  it('hands over what was typed, and tells the counts', async () => {
    predict.mockResolvedValue({
      rows: { read: 1003, predicted: 1000, skipped: 3 },
      badRows: { RAGGED_ROW: 1, NOT_A_NUMBER: 2 },
    })
    const { code, out, err } = await run(
      'predict',
      'm',
      'a.csv',
      '-o',
      'p.csv',
      '--keep',
      'id,name',
      '--on-bad-row',
      'skip',
    )
    const { signal, ...options } = predict.mock.calls[0]![0] as PredictOptions
    expect(options).toEqual({
      model: 'm',
      input: ['a.csv'],
      out: 'p.csv',
      keep: ['id', 'name'],
      onBadRow: 'skip',
    })
    expect(signal).toBeInstanceOf(AbortSignal)
    expect([code, out, err]).toEqual([
      0,
      '',
      'rows: 1,003 read, 1,000 predicted, 3 skipped → p.csv\nskipped: 2 not a number, 1 ragged row\n',
    ])
  })

  it('says nothing with --quiet', async () => {
    predict.mockResolvedValue({ rows: { read: 1, predicted: 1, skipped: 0 }, badRows: {} })
    expect(await run('predict', 'm', '-', '--quiet')).toEqual({ code: 0, out: '', err: '' })
  })

  it('ends with 1 where it fails and with 130 where it is interrupted', async () => {
    predict.mockRejectedValue(runError('no-file', 'there is no file "m"', 'look at the path'))
    expect((await run('predict', 'm', 'a.csv')).code).toBe(1)
    predict.mockImplementation(async ({ signal }: PredictOptions) => {
      await new Promise((_resolve, reject) => {
        signal!.addEventListener('abort', () => {
          reject(new Error('aborted'))
        })
      })
    })
    const running = run('predict', 'm', 'a.csv')
    await vi.waitFor(expectHandlers)
    interrupt()
    expect(await running).toEqual({ code: 130, out: '', err: 'interrupted\n' })
  })
})

describe('millrace evaluate', () => {
  const result = {
    rows: { read: 10, evaluated: 9, skipped: 1 },
    badRows: { BAD_WEIGHT: 1 },
    metrics: { loss: 0.4785, auc: 0.644 },
    tables: {
      confusion: {
        classes: ['no', 'yes'],
        counts: [
          [5, 1],
          [2, 1],
        ],
      },
    },
  }

  it('prints the metrics on standard output', async () => {
    evaluate.mockResolvedValue(result)
    const { code, out, err } = await run('evaluate', 'm', 'a.csv', '--workers', '3')
    expect(evaluate.mock.calls[0]![0] as EvaluateOptions).toMatchObject({
      model: 'm',
      input: ['a.csv'],
      workers: 3,
    })
    expect([code, out, err]).toEqual([
      0,
      'loss      0.4785\nauc       0.6440\n\nconfusion\n  is ↓, predicted →  no  yes\n  no                 5   1\n  yes                2   1\n',
      'rows: 10 read, 9 evaluated, 1 skipped\nskipped: 1 bad weight\n',
    ])
  })

  it('prints one JSON object with --json', async () => {
    evaluate.mockResolvedValue(result)
    const { out, err } = await run('evaluate', 'm', 'a.csv', '--json')
    expect(err).toBe('')
    expect(JSON.parse(out)).toEqual(result)
  })
})

describe('millrace inspect', () => {
  it('prints a table, and with --json what was found', async () => {
    const found = {
      kind: 'csv',
      file: 'a.csv',
      dialect: { delimiter: ';' },
      sampledRows: 9,
      columns: [{ kind: 'empty', name: 'late', missing: 1 }],
    }
    inspect.mockResolvedValue(found)
    const { code, out, err } = await run('inspect', 'a.csv', '--delimiter', ';')
    expect(out).toContain('late    empty  100 %')
    expect([code, err]).toEqual([0, ''])
    expect(inspect.mock.calls[0]).toEqual(['a.csv', { delimiter: ';' } satisfies InspectOptions])
    expect(JSON.parse((await run('inspect', 'a.csv', '--json')).out)).toEqual(found)
  })
})
