import { describe, expect, it } from 'vitest'
import type { ModelInspection } from '../../../src/inspect.js'
import { lossChart } from '../../../src/report/plot/loss-chart.js'
import { RunCurves } from '../../../src/report/plot/run-curves.js'
import { weightChart } from '../../../src/report/plot/weight-chart.js'
import { eventRecord, type EventRecord } from '../../../src/report/event-record.js'
import { schema, startEvent, stepEvent, validationEvent, weightsEvent } from '../events.js'
import { all, parseXml, type XmlElement } from './xml.js'

const size = { width: 600, height: 400, log: false }

function curves(
  losses: readonly number[],
  validation: readonly number[] = [],
  name = 'run.ndjson',
): RunCurves {
  const run = new RunCurves(name)
  run.add(eventRecord(startEvent(), undefined))
  losses.forEach((loss, i) =>
    run.add(eventRecord(stepEvent({ step: i + 1, loss, progressiveLoss: loss }), undefined)),
  )
  validation.forEach((loss, i) => run.add({ ...validationEvent, step: i + 1, metrics: { loss } }))
  run.finish()
  return run
}

const draw = (...args: Parameters<typeof lossChart>): XmlElement => parseXml(lossChart(...args))
const texts = (svg: XmlElement): string[] => all(svg, 'text').map(({ text }) => text)
/** Coordinates of a path. */
const points = ({ attributes }: XmlElement): number[][] =>
  [...attributes['d']!.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])

describe('lossChart', () => {
  it('draws raw, progressive and smoothed losses, validation as dots, and says what they are', () => {
    const svg = draw([curves([4, 3, 2, 1], [2])], size)
    const [, raw, progressive, smooth] = [undefined, ...all(svg, 'path')]
    // Two extremes a step; they are the same while nothing is thinned.
    expect(points(raw!)).toHaveLength(8)
    expect(points(progressive!)).toHaveLength(4)
    // A straight line down: x and y go in equal steps.
    const line = points(smooth!)
    const falls = line.slice(1).map(([x, y], i) => [x! - line[i]![0]!, y! - line[i]![1]!])
    for (const [across, down] of falls) {
      expect(across).toBeCloseTo(falls[0]![0]!, 1)
      expect(down).toBeCloseTo(falls[0]![1]!, 1)
      expect(down).toBeGreaterThan(0)
    }
    // The dot of loss 2 is at the height of the third of the losses 4, 3, 2, 1; one more is in the legend.
    const dots = all(svg, 'circle').map(({ attributes }) => Number(attributes['cy']))
    expect(dots).toHaveLength(2)
    expect(dots[1]).toBeCloseTo(line[2]![1]!, 1)
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        'Loss of late, flights.csv',
        'train, smoothed',
        'progressive',
        'held out',
        'loss',
        'step',
      ]),
    )
    expect(all(svg, 'title')[0]!.text).toBe('Loss of late, flights.csv')
    expect(all(svg, 'desc')[0]!.text).toBe(
      'Losses by step. run.ndjson: 4 steps; the last loss, on held-out rows, is 2.0000.',
    )
  })

  it('lays several runs side by side, each in its colour, by name', () => {
    const svg = draw([curves([4, 3], [3], 'a.ndjson'), curves([5, 1], [], 'b.ndjson')], size)
    expect(texts(svg)).toEqual(
      expect.arrayContaining(['Losses of 2 runs', 'a.ndjson  3.0000', 'b.ndjson  1.0000']),
    )
    expect(all(svg, 'path').map(({ attributes }) => attributes['class'])).toEqual(['c0', 'c0', 'c1', 'c1'])
  })

  it('breaks the legend into lines where it is long, and the picture begins below it', () => {
    const runs = Array.from({ length: 7 }, (_, i) => curves([2, 1], [], `${'long'.repeat(20)}${i}`))
    const svg = draw(runs, { ...size, width: 400 })
    const names = all(svg, 'text').filter(({ text }) => text.startsWith('long'))
    expect(new Set(names.map(({ attributes }) => attributes['y'])).size).toBe(7)
    expect(names.every(({ text }) => text.length < 60)).toBe(true)
    const top = Math.min(...all(svg, 'path').flatMap((path) => points(path).map(([, y]) => y!)))
    expect(top).toBeGreaterThan(Math.max(...names.map(({ attributes }) => Number(attributes['y']))))
  })

  it('leaves a gap where a loss is not finite', () => {
    const svg = draw([curves([3, NaN, 2, 1])], size)
    const progressive = all(svg, 'path')[1]!
    expect(progressive.attributes['d']!.match(/M/g)).toHaveLength(2)
    expect(lossChart([curves([3, NaN, 2, 1])], size)).not.toMatch(/NaN|Infinity/)
  })

  it.each([
    ['one step', [0.5]],
    ['the same loss', [0.5, 0.5]],
    ['losses of 0', [0, 0]],
    ['no finite loss', [NaN, NaN]],
    ['losses below 0', [-3, -2]],
  ])('draws %s, with and without log', (_what, losses) => {
    for (const log of [false, true]) {
      const text = lossChart([curves(losses)], { ...size, log })
      expect(text).not.toMatch(/NaN|Infinity|undefined/)
      parseXml(text)
    }
  })

  it('draws equal ratios as equal lengths with log, and nothing of losses of 0 and less', () => {
    const svg = draw([curves([1000, 100, 10, 0, 1])], { ...size, log: true })
    const line = points(all(svg, 'path')[1]!)
    expect(line).toHaveLength(4)
    expect(line[1]![1]! - line[0]![1]!).toBeCloseTo(line[2]![1]! - line[1]![1]!, 1)
    expect(line[3]![1]! - line[2]![1]!).toBeCloseTo(line[2]![1]! - line[1]![1]!, 1)
  })

  it('shows names as text, whatever they are', () => {
    const evil = '<script>alert("1")</script>&amp;\u0000\u202e\ud800'
    const run = curves([2, 1], [], evil)
    const started = startEvent({ input: `x/${evil}`.replace('</', '<') })
    run.add({
      ...eventRecord(started, undefined),
      schema: {
        target: { kind: 'binary', name: evil, classes: [] },
        columns: [],
        interactions: [],
        sharedBuckets: 0,
      },
    } as EventRecord)
    for (const runs of [[run], [run, run]]) {
      const svg = draw(runs, size)
      expect(all(svg, 'script')).toEqual([])
    }
    expect(texts(draw([run], size))[0]).toContain(
      'Loss of <script>alert("1")</script>&amp;\\u0000\\u202e\\ud800',
    )
  })
})

describe('weightChart', () => {
  const model = {
    kind: 'model',
    loss: 'logistic',
    target: schema.target,
    heaviest: weightsEvent.weights,
    strengths: [],
  } as unknown as ModelInspection

  it('draws a bar for each weight, to the left where it is below 0, with its units', () => {
    const svg = parseXml(weightChart(model, 600))
    expect(texts(svg)).toEqual([
      'What adds most to the log-odds of late = 1',
      expect.stringMatching(/^Of a number: what one deviation/),
      'origin = ATL',
      '−0.750',
      'hour',
      '+0.500  (+0.118 for 1)',
      'hour (missing)',
      '+0.250',
    ])
    const zero = Number(all(svg, 'line')[0]!.attributes['x1'])
    const bars = all(svg, 'rect')
      .slice(1)
      .map(({ attributes: { x, width } }) => ({ x: Number(x), width: Number(width) }))
    // −0.75, 0.5 and 0.25: lengths as 3 : 2 : 1.
    expect(bars[0]!.x + bars[0]!.width).toBeCloseTo(zero, 1)
    expect(bars.slice(1).map(({ x }) => x)).toEqual([zero, zero])
    expect(bars[0]!.width / bars[2]!.width).toBeCloseTo(3, 1)
    expect(bars[1]!.width / bars[2]!.width).toBeCloseTo(2, 1)
  })

  it('draws what a network reads', () => {
    const network = { hidden: [4], activation: 'relu', layerNorm: false, embedding: 0 }
    const strengths = [
      { column: '<script>', strength: 2 },
      { column: 'b', strength: 1 },
    ]
    const svg = parseXml(weightChart({ ...model, network, strengths } as unknown as ModelInspection, 600))
    expect(texts(svg).slice(2)).toEqual(['<script>', '2.00', 'b', '1.00'])
  })

  it('says so where there is nothing', () => {
    expect(texts(parseXml(weightChart({ ...model, heaviest: [] }, 600)))).toContain('All weights are 0.')
  })
})
