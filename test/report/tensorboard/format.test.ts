import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { modelShape } from '../../../src/model/model-shape.js'
import { networkTensors, linearTensors } from '../../../src/model/tensors.js'
import { weightParts } from '../../../src/model/weight-parts.js'
import { crc32c, maskedCrc32c } from '../../../src/report/tensorboard/crc32c.js'
import { startEvent, summaryEvent, versionEvent } from '../../../src/report/tensorboard/event.js'
import { tensorHistogram, weightHistogram } from '../../../src/report/tensorboard/histogram.js'
import { record } from '../../../src/report/tensorboard/record.js'
import type { RowLayout } from '../../../src/step/rows.js'
import { decodeEvents } from './decode.js'

const bytesFrom = (length: number, byte: (i: number) => number) =>
  Uint8Array.from({ length }, (_, i) => byte(i))

describe('CRC-32C', () => {
  // RFC 3720, B.4, and the check value of the catalogues of CRCs.
  it.each([
    ['"123456789"', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros', bytesFrom(32, () => 0), 0x8a9136aa],
    ['32 ones', bytesFrom(32, () => 0xff), 0x62a8ab43],
    ['0 … 31', bytesFrom(32, (i) => i), 0x46dd794e],
    ['31 … 0', bytesFrom(32, (i) => 31 - i), 0x113fdb5c],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s', (_what, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc)
  })

  it('masked, is that of a record that TensorFlow has written', () => {
    // Source: the tests of tensorboard/data/server/masked_crc.rs.
    expect(maskedCrc32c(Buffer.from('\x1a\x11CRC test, one two', 'latin1'))).toBe(0x5794d08a)
  })
})

describe('records', () => {
  it('are framed as TFRecords, byte for byte', () => {
    // By hand, but for the CRC of the data, which is that above; that of the length from TensorBoard's masked_crc32c.
    const data = Buffer.from('\x1a\x11CRC test, one two', 'latin1')
    const bytes = record(data)
    expect(bytes.length).toBe(8 + 4 + 19 + 4)
    expect(bytes.subarray(0, 8).toString('hex')).toBe('1300000000000000')
    expect(bytes.subarray(8, 12).toString('hex')).toBe('0c91321b')
    expect(bytes.subarray(12, 31).equals(data)).toBe(true)
    expect(bytes.subarray(31).toString('hex')).toBe('8ad09457')
  })
})

const decoded = (data: Buffer) => decodeEvents(record(data))[0]!

describe('events', () => {
  it('begin with the version', () => {
    expect(decoded(versionEvent())).toMatchObject({
      file_version: 'brain.Event:2',
      source_metadata: { writer: 'millrace' },
    })
  })

  it('of a start carry the step and the checkpoint', () => {
    expect(decoded(startEvent(2 ** 40 + 1, 'kept/ä.checkpoint'))).toMatchObject({
      step: 2 ** 40 + 1,
      session_log: { status: 'START', checkpoint_path: 'kept/ä.checkpoint' },
    })
  })

  it('carry scalars by their tags, as f32', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((tag) => tag !== '__proto__'),
          fc.float({ noNaN: true, noDefaultInfinity: true }),
          { minKeys: 1 },
        ),
        (step, values) => {
          const event = decoded(summaryEvent(step, values)!)
          expect(event.step).toBe(step)
          expect(event.summary!.value.map(({ tag, simple_value }) => [tag, simple_value])).toEqual(
            Object.entries(values),
          )
          expect(Math.abs(event.wall_time - Date.now() / 1000)).toBeLessThan(60)
        },
      ),
    )
  })

  it('leave out what no curve can show', () => {
    expect(summaryEvent(1, { a: NaN, b: Infinity, c: undefined })).toBeUndefined()
    expect(decoded(summaryEvent(1, { a: NaN, b: 2 })!).summary!.value).toEqual([
      { tag: 'b', simple_value: 2 },
    ])
  })
})

/** The bucket of TensorFlow, in plain steps: the first of its limits that is above the value. */
function limitAbove(value: number): number {
  if (value >= 0) {
    let limit = 1e-12
    while (limit <= value && limit < 1e20) limit *= 1.1
    return limit < 1e20 ? limit : Number.MAX_VALUE
  }
  let limit = 1e-12
  if (-limit > value) {
    while (limit * 1.1 < 1e20 && -(limit * 1.1) > value) limit *= 1.1
    return -limit
  }
  return 0
}

const weight = fc.float({ noNaN: true, noDefaultInfinity: true })

describe('histograms', () => {
  it('count every weight below the limit above it, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 50 }), (weights) => {
        const histogram = tensorHistogram(Float32Array.from(weights))!
        const expected = new Map<number, number>()
        for (const value of weights) {
          const limit = limitAbove(value)
          expected.set(limit, (expected.get(limit) ?? 0) + 1)
        }
        const counted = histogram.limits
          .map((limit, i): [number, number] => [limit, histogram.counts[i]!])
          .filter(([, count]) => count > 0)
        expect(new Map(counted)).toEqual(expected)
        expect(histogram.limits).toEqual([...new Set(histogram.limits)].sort((a, b) => a - b))
        expect(histogram.num).toBe(weights.length)
        expect([histogram.min, histogram.max]).toEqual([Math.min(...weights), Math.max(...weights)])
        expect(histogram.sum).toBe(weights.reduce((sum, value) => sum + value, 0))
        expect(histogram.sumSquares).toBe(weights.reduce((sum, value) => sum + value * value, 0))
      }),
    )
  })

  it('pass over numbers that are none, and there is none of nothing', () => {
    expect(tensorHistogram(Float32Array.of(NaN, 1, Infinity))).toMatchObject({ num: 1, sum: 1 })
    expect(tensorHistogram(new Float32Array(0))).toBeUndefined()
    expect(tensorHistogram(Float32Array.of(NaN))).toBeUndefined()
  })

  it('count some of many, evenly spaced', () => {
    const { num, sum } = tensorHistogram(Float32Array.from({ length: 3 << 17 }, (_, i) => i % 3))!
    // Every third, from the first on: all are 0.
    expect([num, sum]).toEqual([1 << 17, 0])
  })
})

const layout = (dense: number, categories: number): RowLayout =>
  ({
    dense,
    denseWords: Math.ceil(dense / 4) * 4,
    categories,
    strideWords: 0,
  }) as unknown as RowLayout

describe('weightParts', () => {
  /** A vector whose words that are no padding are their own numbers; the tensors are those that the model file has. */
  it.each([
    ['a linear model', 5, 2, 3, undefined],
    ['categories alone', 0, 1, 1, undefined],
    ['numbers alone', 3, 0, 1, undefined],
    ['a network', 5, 2, 3, { hidden: [6, 4], activation: 'relu', layerNorm: true, embedding: 4 }],
    [
      'a network without embeddings',
      5,
      2,
      1,
      { hidden: [3], activation: 'relu', layerNorm: false, embedding: 0 },
    ],
    ['a network of numbers', 4, 0, 2, { hidden: [64], activation: 'relu', layerNorm: false, embedding: 0 }],
  ] as const)('are the tensors of %s', (_what, dense, categories, outputs, network) => {
    const count = categories * 7
    const shape = modelShape(layout(dense, categories), outputs, count, network)
    const vector = Float32Array.from({ length: shape.words }, (_, i) => i + 1)
    const tensors = new Map<string, Float32Array>()
    if (shape.kind === 'linear') {
      const { weights, bias, categoryWeights } = linearTensors(shape, vector, count)
      tensors.set('weights', weights).set('bias', bias).set('category_weights', categoryWeights)
    } else {
      const { layers, categoryWeights } = networkTensors(shape, vector, count)
      layers.forEach((layer, i) => {
        for (const [part, values] of Object.entries(layer))
          tensors.set(`layer_${i}.${part}`, values as Float32Array)
      })
      tensors.set('category_weights', categoryWeights)
    }
    const there = [...tensors].filter(([, tensor]) => tensor.length > 0)
    // Without the padding behind the last row of the categories.
    const used = vector.subarray(0, shape.v + count * shape.categoryWidth)
    const parts = weightParts(shape)
    expect(parts.map(({ name }) => name).sort()).toEqual(there.map(([name]) => name).sort())
    for (const part of parts) {
      const { num, sum, sumSquares } = weightHistogram(part, used)!
      const tensor = tensors.get(part.name)!
      expect([part.name, num]).toEqual([part.name, tensor.length])
      // Whole numbers: sums are exact.
      expect(sum).toBe(tensor.reduce((total, value) => total + value, 0))
      expect(sumSquares).toBe(tensor.reduce((total, value) => total + value * value, 0))
    }
  })
})
