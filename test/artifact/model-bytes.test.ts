import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeModel, encodeModel } from '../../src/artifact/index.js'
import { MillraceError } from '../../src/errors.js'
import type { LossName } from '../../src/loss/index.js'
import type { LinearModel as Model, TrainedModel as AnyModel } from '../../src/model/model.js'
import type { NumberTarget } from '../../src/schema/schema.js'
import { exampleModel } from './example.js'
import { dataOf, errorOf, fileOf, headerOf } from './files.js'
import { models } from './models.js'

const thorough = process.env['MILLRACE_THOROUGH'] === '1'
const runs = thorough ? 2000 : 150
const mutations = thorough ? 10_000 : 500

/** The same value with the fields of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).reverse().map(([key, inner]) => [key, reversed(inner)])) // prettier-ignore
}

describe('encodeModel and decodeModel', () => {
  it('give back any model', () => {
    fc.assert(
      fc.property(models, (model) => {
        expect(decodeModel(encodeModel(model))).toEqual(model)
      }),
      { numRuns: runs },
    )
  })

  it('give equal models equal bytes, whatever the order of their fields and the memory they lie in', () => {
    fc.assert(
      fc.property(models, (model) => {
        const shared = new Float32Array(new SharedArrayBuffer(4 * (model.weights.length + 3))).subarray(3)
        shared.set(model.weights)
        const other = { ...(reversed(model) as Model), weights: shared }
        expect(Buffer.compare(encodeModel(model), encodeModel(other))).toBe(0)
      }),
      { numRuns: runs },
    )
  })

  it('are the file that docs/model-file.md describes', () => {
    // Shapes by hand: 3 classes; hour, its indicator, distance; 2 values + 4 buckets + missing.
    const header = headerOf(encodeModel(exampleModel()))
    expect(Object.keys(header)).toEqual(['__metadata__', 'weights', 'bias', 'category_weights'])
    expect(header).toMatchObject({
      __metadata__: { millrace: '1', kind: 'linear', loss: 'softmax' },
      weights: { dtype: 'F32', shape: [3, 3], data_offsets: [0, 36] },
      bias: { dtype: 'F32', shape: [3], data_offsets: [36, 48] },
      category_weights: { dtype: 'F32', shape: [7, 3], data_offsets: [48, 132] },
    })
  })

  it('write what is not a number in the metrics as null', () => {
    const model = exampleModel()
    const validation = { loss: 1, auc: NaN, r2: -Infinity }
    model.provenance = { ...model.provenance, train: { loss: NaN }, validation }
    const { provenance } = decodeModel(encodeModel(model))
    expect(provenance.train.loss).toBeNaN()
    expect(provenance.validation).toEqual({ loss: 1, auc: NaN, r2: NaN })
  })
})

describe('encodeModel', () => {
  const schema = exampleModel().schema
  const delays = { kind: 'category' as const, name: 'delay', values: [], buckets: 0 }
  const columns = schema.columns.map((column) => (column.name === 'delay' ? delays : column))
  const twoCategories = { ...schema, columns }
  const slopes = { ...delays, kind: 'interaction' as const, columns: ['hour', 'delay'] as const }
  const pairs = (values: string[]) => ({ ...slopes, columns: ['origin', 'delay'] as const, values })
  const wrong: [string, Partial<Model>, RegExp][] = [
    ['too few weights', { weights: new Float32Array(8) }, /weights: expected 9 values, got 8/],
    ['outputs that are not the classes', { outputs: 2 }, /outputs: expected 3, got 2/],
    [
      'a loss for another target',
      { loss: 'squared' },
      /target.kind: expected "number" by the loss, got "classes"/,
    ],
    ['no columns', { schema: { ...schema, columns: [] } }, /columns: expected 1 or more entries, got 0/],
    [
      'a pair that is one value',
      { schema: { ...twoCategories, interactions: [pairs(['a\x1fb', 'Orly'])] } },
      /interactions\[0\].values: expected pairs of values, got "Orly"/,
    ],
    [
      'slopes before pairs',
      { schema: { ...twoCategories, interactions: [slopes, pairs([])] } },
      /interactions: expected those of two categories first/,
    ],
  ]
  it.each(wrong)('refuses %s, which could not be read back', (_, change, message) => {
    const error = errorOf(() => encodeModel({ ...exampleModel(), ...change }))
    expect([error.code, error.message]).toEqual(['MODEL_INVALID', expect.stringMatching(message)])
  })

  it.each([NaN, Infinity])('refuses a bias of %s: the training diverged', (value) => {
    const model = exampleModel()
    model.bias[1] = value
    const error = errorOf(() => encodeModel(model))
    expect([error.code, error.hint]).toEqual(['MODEL_NOT_FINITE', expect.stringMatching(/learning-rate/)])
  })
})

type Path = (string | number)[]

/** The example's file with one value of its metadata replaced; `undefined` takes the field out. */
function changed(part: 'schema' | 'provenance', path: Path, value: unknown): Uint8Array {
  const bytes = encodeModel(exampleModel())
  const header = headerOf(bytes) as { __metadata__: Record<string, string> }
  const root = { [part]: JSON.parse(header.__metadata__[part]!) as unknown }
  let at: Record<string | number, unknown> = root
  const whole = [part, ...path]
  for (const key of whole.slice(0, -1)) at = at[key] as Record<string | number, unknown>
  at[whole.at(-1)!] = value
  header.__metadata__[part] = JSON.stringify(root[part])
  return fileOf(JSON.stringify(header), dataOf(bytes))
}

describe('the settings of a loss', () => {
  const target = { kind: 'number' as const, name: 'class', mean: 1, scale: 2 }
  const columns = exampleModel().schema.columns

  /** A model of a number that has this loss; the weights of the example's first class. */
  function numberModel(
    loss: LossName,
    lossSettings: Model['lossSettings'],
    range?: NumberTarget['range'],
  ): Model {
    const example = exampleModel()
    const name = example.schema.target.name
    const schema = {
      ...example.schema,
      columns,
      target: { ...target, name, ...(range === undefined ? {} : { range }) },
    }
    const [weights, bias] = [example.weights.slice(0, 3), example.bias.slice(0, 1)]
    const categoryWeights = example.categoryWeights.slice(0, example.categoryWeights.length / 3)
    return { ...example, schema, loss, lossSettings, outputs: 1, weights, bias, categoryWeights }
  }

  it('come back, and are no entry where there are none', () => {
    const huber = numberModel('huber', { huberDelta: 0.1 })
    expect(decodeModel(encodeModel(huber))).toEqual(huber)
    const metadata = (model: Model) =>
      (headerOf(encodeModel(model)) as { __metadata__: Record<string, string> }).__metadata__
    expect(metadata(huber)['loss_settings']).toBe('{"huberDelta":0.1}')
    expect(metadata(numberModel('squared', {}))['loss_settings']).toBeUndefined()
  })

  it.each<[Model, RegExp]>([
    [numberModel('huber', {}), /metadata: expected an entry "loss_settings", got none/],
    [
      numberModel('huber', { huberDelta: 0 }),
      /loss_settings: expected settings within .*huberDelta: .* got 0/,
    ],
    [
      numberModel('huber', { huberDelta: NaN }),
      /loss_settings.huberDelta: expected a finite number, got null/,
    ],
    [
      numberModel('quantile', { quantile: 1 }),
      /loss_settings: .*quantile: expected a number above 0 and below 1/,
    ],
    [
      numberModel('tweedie', { power: 1.5 }, 'not negative'),
      /loss_settings: expected a field "tweediePower"/,
    ],
    [numberModel('squared', { huberDelta: 1 }), /loss_settings: expected only the fields .*"huberDelta"/],
    [numberModel('poisson', {}), /target.range: expected "not negative" by the loss, got "any"/],
    [numberModel('gamma', {}, 'not negative'), /target.range: expected "positive" by the loss, got "not neg/],
    [numberModel('squared', {}, 'positive'), /target.range: expected "any" by the loss, got "positive"/],
  ])('are refused where they are wrong, and so is the range of the target: %#', (model, message) => {
    const error = errorOf(() => encodeModel(model))
    expect([error.code, error.message]).toEqual(['MODEL_INVALID', expect.stringMatching(message)])
  })
})

describe('decodeModel', () => {
  const wrong: ['schema' | 'provenance', Path, unknown, RegExp][] = [
    ['schema', ['dialect', 'delimiter'], ',,', /dialect.delimiter: expected one ASCII character.* got ",,"/],
    ['schema', ['dialect', 'delimiter'], '\n', /dialect.delimiter/],
    ['schema', ['dialect', 'quote'], ';', /delimiter, quote and comment to differ, got ";", ";", "#"/],
    ['schema', ['dialect', 'quote'], undefined, /dialect: expected a field "quote", got none/],
    ['schema', ['dialect', 'header'], 1, /dialect.header: expected true or false, got 1/],
    ['schema', ['dialect', 'missingTokens', 1], null, /missingTokens\[1\]: expected a text, got null/],
    ['schema', ['dialect', 'escape'], '\\', /expected only the fields .* got "escape"/],
    ['schema', ['columns'], {}, /columns: expected a list, got an object/],
    ['schema', ['columns', 0, 'kind'], 'numeric', /columns\[0\].kind: expected "ignored" or "number"/],
    ['schema', ['columns', 0, 'mean'], null, /columns\[0\].mean: expected a finite number, got null/],
    ['schema', ['columns', 0, 'scale'], 0, /columns\[0\].scale: expected a finite number > 0, got 0/],
    ['schema', ['columns', 0, 'fill'], '0', /columns\[0\].fill: expected a finite number, got "0"/],
    ['schema', ['columns', 0, 'limit'], -1, /columns\[0\].limit: expected a finite number > 0, got -1/],
    ['schema', ['columns', 0, 'indicator'], false, /"weights": expected shape \[3, 2\] .* got \[3, 3\]/],
    ['schema', ['columns', 1, 'mean'], 0, /columns\[1\]: expected only the fields kind, name, got "mean"/],
    [
      'schema',
      ['columns', 1, 'name'],
      'hour',
      /names of schema.columns: expected different texts, got "hour" twice/,
    ],
    ['schema', ['columns', 1, 'kind'], 'weight', /expected at most one weight, got 2/],
    [
      'schema',
      ['columns', 1, 'kind'],
      'target',
      /expected "size" as the one target, got \["delay", "size"\]/,
    ],
    ['schema', ['columns', 2, 'buckets'], 3, /buckets: expected 0 or a power of two up to 2\^24, got 3/],
    ['schema', ['columns', 2, 'buckets'], 2 ** 25, /buckets/],
    ['schema', ['columns', 2, 'buckets'], 8, /"category_weights": expected shape \[11, 3\] .* got \[7, 3\]/],
    ['schema', ['sharedBuckets'], 4, /sharedBuckets: expected 0, as "origin" has buckets, got 4/],
    ['schema', ['sharedBuckets'], 5, /sharedBuckets: expected 0 or a power of two up to 2\^24, got 5/],
    ['schema', ['interactions'], {}, /interactions: expected a list, got an object/],
    [
      'schema',
      ['interactions'],
      [{ columns: ['hour', 'origin'], buckets: 2, values: ['Orly'] }],
      /"category_weights": expected shape \[11, 3\] .* got \[7, 3\]/,
    ],
    ...[
      ['hour', 'distance'],
      ['origin', 'size'],
      ['origin', 'origin'],
      ['origin', 'delay'],
      ['origin', ''],
    ].map((columns): (typeof wrong)[0] => [
      'schema',
      ['interactions'],
      [{ columns, buckets: 2, values: [] }],
      /interactions\[0\].columns: expected two categories, or a category and a number/,
    ]),
    [
      'schema',
      ['interactions'],
      [{ columns: ['origin', 'hour', 'size'], buckets: 2, values: [] }],
      /interactions\[0\].columns: expected two names, got 3/,
    ],
    ['schema', ['columns', 2, 'values', 1], 'Orly', /values: expected different texts, got "Orly" twice/],
    ['schema', ['target', 'name'], 'hour', /expected "hour" as the one target, got \["size"\]/],
    ['schema', ['target', 'kind'], 'binary', /target.classes: expected two classes, got 3/],
    ['schema', ['target', 'classes'], ['1'], /classes: expected 2 or more entries, got 1/],
    ['schema', ['target', 'classes'], ['1', '2'], /expected shape \[2, 3\]/],
    ['provenance', ['seed'], 2 ** 32, /seed: expected a whole number from 0 to 2\^32 − 1, got 4294967296/],
    ['provenance', ['steps'], 0.5, /steps: expected a whole number/],
    ['provenance', ['rows', 'read'], 99, /rows: expected read = 100, the sum of the others, got 99/],
    ['provenance', ['options', 'l2'], [0], /options.l2: expected a finite number, got \[0\]/],
    ['provenance', ['options', 'a b'], 1, /names of letters and digits, got "a b"/],
    ['provenance', ['train', 'loss'], 'low', /train.loss: expected a finite number, got "low"/],
    ['provenance', ['validation', 'loss'], undefined, /validation: expected a field "loss", got none/],
    ['provenance', ['time'], 'today', /expected only the fields .* got "time"/],
  ]
  it.each(wrong)('refuses %s %j = %j', (part, path, value, message) => {
    const error = errorOf(() => decodeModel(changed(part, path, value)))
    expect([error.code, error.message]).toEqual(['MODEL_INVALID', expect.stringMatching(message)])
  })

  it.each(['millrace', 'kind', 'loss', 'schema', 'provenance'])(
    'refuses metadata without %s, or another',
    (key) => {
      const bytes = encodeModel(exampleModel())
      const header = headerOf(bytes) as { __metadata__: Record<string, string> }
      header.__metadata__[key] = 'nothing'
      const other = errorOf(() => decodeModel(fileOf(JSON.stringify(header), dataOf(bytes))))
      delete header.__metadata__[key]
      const none = errorOf(() => decodeModel(fileOf(JSON.stringify(header), dataOf(bytes))))
      for (const error of [other, none]) expect([error.code, error.message]).toEqual(['MODEL_INVALID', expect.stringContaining(key)]) // prettier-ignore
    },
  )

  it('passes over metadata of other tools, and refuses tensors that are not ours', () => {
    const bytes = encodeModel(exampleModel())
    const header = headerOf(bytes) as { __metadata__: Record<string, string> }
    header.__metadata__['format'] = 'pt'
    expect(decodeModel(fileOf(JSON.stringify(header), dataOf(bytes)))).toEqual(exampleModel())
    const more = { ...header, more: { dtype: 'F32', shape: [0], data_offsets: [0, 0] } }
    expect(errorOf(() => decodeModel(fileOf(JSON.stringify(more), dataOf(bytes)))).message).toMatch(
      /also "more"/,
    )
  })

  it('refuses a key that would reach a prototype, and leaves prototypes alone', () => {
    const text = headerOf(encodeModel(exampleModel()))
    const metadata = text['__metadata__'] as Record<string, string>
    metadata['provenance'] = metadata['provenance']!.replace('"batchSize"', '"__proto__"')
    expect(metadata['provenance']).toContain('"__proto__":256')
    const bytes = fileOf(JSON.stringify(text), dataOf(encodeModel(exampleModel())))
    expect(errorOf(() => decodeModel(bytes)).message).toMatch(/letters and digits, got "__proto__"/)
  })
})

const json = fc.oneof(
  fc.constantFrom(null, true, -1, 0, 1e300, 2 ** 53, '', [], {}, '__proto__'),
  fc.jsonValue(),
)

/** Replaces one value, chosen by `choice`, somewhere inside. */
function replaceOne(value: unknown, choice: number, replacement: unknown): unknown {
  if (typeof value !== 'object' || value === null || choice % 5 === 0) return replacement
  const entries: [string, unknown][] = Object.entries(value)
  if (entries.length === 0) return replacement
  const at = choice % entries.length
  entries[at]![1] = replaceOne(entries[at]![1], Math.floor(choice / entries.length), replacement)
  return Array.isArray(value) ? entries.map(([, entry]) => entry) : Object.fromEntries(entries)
}

const changedBytes = fc
  .array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
  .map((changes) => {
    const bytes = encodeModel(exampleModel())
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte
    return bytes
  })
/** The last 132 bytes of the example are its weights. */
const changedWeights = fc.tuple(fc.nat(131), fc.nat(255)).map(([at, byte]) => {
  const bytes = encodeModel(exampleModel())
  bytes[bytes.length - 1 - at] = byte
  return bytes
})
const cutOrGrown = fc.tuple(fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 9 })).map(([a, b, middle]) => {
  const bytes = encodeModel(exampleModel())
  return new Uint8Array(
    Buffer.concat([bytes.subarray(0, a % bytes.length), middle, bytes.subarray(b % bytes.length)]),
  )
})
const changedFields = fc
  .tuple(fc.constantFrom('header', 'schema', 'provenance'), fc.nat(), json)
  .map(([part, choice, replacement]) => {
    const bytes = encodeModel(exampleModel())
    const header = headerOf(bytes) as { __metadata__: Record<string, string> }
    if (part === 'header')
      return fileOf(JSON.stringify(replaceOne(header, choice, replacement)), dataOf(bytes))
    const inner = replaceOne(JSON.parse(header.__metadata__[part]!) as unknown, choice, replacement)
    header.__metadata__[part] = JSON.stringify(inner)
    return fileOf(JSON.stringify(header), dataOf(bytes))
  })

describe('a damaged model file', () => {
  it('is refused with a message, or is a valid model that can be written and read again', () => {
    const seen = { refused: 0, read: 0 }
    fc.assert(
      fc.property(fc.oneof(changedBytes, changedWeights, cutOrGrown, changedFields), (bytes) => {
        let model: AnyModel
        try {
          model = decodeModel(bytes)
        } catch (error) {
          if (!(error instanceof MillraceError)) throw error
          expect(error.code).toBe('MODEL_INVALID')
          expect(error.message).toMatch(/^model file: .*: expected .*, got /s)
          seen.refused++
          return
        }
        seen.read++
        const again = encodeModel(model)
        expect(Buffer.compare(encodeModel(decodeModel(again)), again)).toBe(0)
      }),
      { numRuns: mutations },
    )
    // Both ways must have been met, or the property says nothing: about a quarter is changedWeights, nearly always read
    // (few bytes make an f32 infinite or NaN): 125 ± 10 of 500, so that 50 is seven deviations away.
    expect(seen.read).toBeGreaterThan(mutations / 10)
    expect(seen.refused).toBeGreaterThan(mutations / 10)
  })
})
