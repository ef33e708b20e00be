import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMetrics, metrics, type MetricTask } from '../../src/metric/index.js'
import { scoredRows, type Scores } from '../metric/rows.js'

/** One row a task: what it reports, in order; numbers of outputs; and how a prediction and a label are drawn. */
const tasks: Record<
  MetricTask,
  {
    reports: string[]
    outputs: number[]
    prediction: fc.Arbitrary<number>
    classes: (outputs: number) => number
  }
> = {
  number: {
    reports: ['loss', 'rmse', 'mae', 'r2'],
    outputs: [1],
    prediction: fc.float({ min: -100, max: 100, noNaN: true }),
    classes: () => 50,
  },
  quantile: {
    reports: ['loss', 'coverage', 'rmse', 'mae', 'r2'],
    outputs: [1],
    prediction: fc.float({ min: -100, max: 100, noNaN: true }),
    classes: () => 50,
  },
  score: {
    reports: ['loss', 'auc', 'accuracy', 'precision', 'recall', 'f1'],
    outputs: [1],
    prediction: fc.float({ min: -100, max: 100, noNaN: true }),
    classes: () => 2,
  },
  binary: {
    reports: ['loss', 'auc', 'accuracy', 'brier', 'precision', 'recall', 'f1'],
    outputs: [1, 2],
    prediction: fc.float({ min: 0, max: 1, noNaN: true }),
    classes: () => 2,
  },
  classes: {
    reports: ['loss', 'accuracy', 'precision', 'recall', 'f1'],
    outputs: [3, 10],
    prediction: fc.float({ min: 0, max: 1, noNaN: true }),
    classes: (outputs) => outputs,
  },
}
const cases = (Object.keys(metrics) as MetricTask[]).flatMap((task) =>
  tasks[task].outputs.map((outputs) => ({ task, outputs })),
)

function scores(task: MetricTask, outputs: number): fc.Arbitrary<Scores> {
  const { prediction, classes } = tasks[task]
  return fc.integer({ min: 2, max: 20 }).chain((count) => {
    const listOf = <Item>(item: fc.Arbitrary<Item>, length: number) =>
      fc.array(item, { minLength: length, maxLength: length })
    return fc.record({
      outputs: fc.constant(outputs),
      predictions: listOf(prediction, count * outputs),
      labels: listOf(fc.nat(classes(outputs) - 1), count),
      // Eighths below 8 add up exactly.
      weights: listOf(
        fc.nat(63).map((eighths) => eighths / 8),
        count,
      ),
    })
  })
}

function resultOf(task: MetricTask, outputs: number, given: Scores, cuts: readonly number[] = []) {
  const accumulator = createMetrics(task, outputs)
  const all = scoredRows(given)
  const edges = [0, ...cuts.map((cut) => cut % (all.count + 1)).sort((a, b) => a - b), all.count]
  for (let piece = 1; piece < edges.length; piece++) {
    const [from, to] = [edges[piece - 1]!, edges[piece]!]
    const firstWord = all.firstWord + from * all.strideWords
    const firstPrediction = all.firstPrediction + from * outputs
    accumulator.addRows({ ...all, firstWord, firstPrediction, count: to - from })
    accumulator.addLoss(to - from)
  }
  return accumulator.result()
}

describe.each(cases)('metrics of $task with $outputs outputs', ({ task, outputs }) => {
  it('reports its metrics in order, all NaN before the first row', () => {
    const result = createMetrics(task, outputs).result()
    expect(Object.keys(result)).toEqual(tasks[task].reports)
    expect(Object.values(result).every(Number.isNaN)).toBe(true)
  })

  it('gives the same bits however the rows are cut into runs', () => {
    fc.assert(
      fc.property(scores(task, outputs), fc.array(fc.nat(100), { maxLength: 4 }), (given, cuts) => {
        expect(resultOf(task, outputs, given, cuts)).toEqual(resultOf(task, outputs, given))
      }),
    )
  })

  it('divides the loss by the weights', () => {
    const predictions = new Array<number>(2 * outputs).fill(0.25)
    const accumulator = createMetrics(task, outputs)
    accumulator.addRows(scoredRows({ outputs, predictions, labels: [0, 1], weights: [0.5, 1.5] }))
    accumulator.addLoss(3)
    accumulator.addLoss(4)
    // By hand: (3 + 4) / (0.5 + 1.5).
    expect(accumulator.result().loss).toBe(3.5)
  })

  it('takes a row of weight 2 for two rows, and one of weight 0 for none', () => {
    fc.assert(
      fc.property(scores(task, outputs), (given) => {
        const predictionsOf = (r: number) => given.predictions.slice(r * outputs, (r + 1) * outputs)
        const weights = given.weights.map((weight) => Math.min(Math.floor(weight), 2))
        const copies = weights.flatMap((weight, r) => new Array<number>(weight).fill(r))
        const repeated = {
          outputs,
          predictions: copies.flatMap(predictionsOf),
          labels: copies.map((r) => given.labels[r]!),
          weights: copies.map(() => 1),
        }
        const weighted = resultOf(task, outputs, { ...given, weights })
        const unweighted = resultOf(task, outputs, repeated)
        for (const name of tasks[task].reports.slice(1)) {
          const [a, b] = [weighted[name]!, unweighted[name]!]
          if (Number.isNaN(a)) expect(b, name).toBeNaN()
          // At most 40 terms a sum, rounded at each; r2 is a difference from 1 that may be large: relative to that.
          else expect(Math.abs(a - b), name).toBeLessThanOrEqual(400 * 2 ** -53 * (1 + Math.abs(a)))
        }
      }),
    )
  })

  it('makes a prediction that is not a number visible', () => {
    const predictions = new Array<number>(2 * outputs).fill(NaN)
    const accumulator = createMetrics(task, outputs)
    accumulator.addRows(scoredRows({ outputs, predictions, labels: [0, 1], weights: [1, 1] }))
    accumulator.addLoss(NaN)
    expect(Object.values(accumulator.result()).every(Number.isNaN)).toBe(true)
  })
})
