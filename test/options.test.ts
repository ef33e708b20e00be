import { describe, expect, it } from 'vitest'
import { MillraceError } from '../src/errors.js'
import { resolveOptions, trainOptionNames } from '../src/options/check.js'
import { resolveModelOptions } from '../src/options/model.js'
import { parseSize, splitNames } from '../src/options/rules.js'
import { defaults, type TrainOptions } from '../src/options.js'
import { interactionName } from '../src/schema/interactions.js'

const needed = { input: 'flights.csv', target: 'late' }

/** The error of a call that must throw one. */
function errorOf(call: () => unknown): MillraceError {
  try {
    call()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function refusal(options: Record<string, unknown>): MillraceError {
  return errorOf(() => resolveOptions({ ...needed, ...options }))
}

// Every option wrong at least once; what is wrong follows from its documented range.
const wrongValues: Record<keyof TrainOptions, readonly unknown[]> = {
  initModel: ['', 3, {}, true],
  freezePreprocessing: ['yes', 1],
  hidden: ['', 0, [], 'a', '8,', 1.5, [16385], Array(17).fill(1), true],
  activation: ['linear', 1],
  layerNorm: ['yes', 1],
  embedding: [NaN, -1, 257, 1.5, '4'],
  dropout: [NaN, -0.1, 1, '0.5'],
  init: ['zero', 3],
  input: [undefined, '', [], [''], 3],
  target: [undefined, '', 3, ['late']],
  features: ['', 'a,,b', [''], 3],
  ignore: ['', 3],
  numeric: [',', 3],
  categorical: [true],
  dates: ['', 3],
  interactions: ['', 3, 'a', 'a:', 'a:a', 'a:b,', 'a:b:c', 'a:b,b:a', 'a:"b', [''], ['a:b', 'a']],
  maxCategories: [NaN, -1, 2 ** 20 + 1, 1.5, '10'],
  minCount: [NaN, 0, 1.5, '2'],
  weight: ['', 3],
  classWeight: [
    '',
    'yes',
    'yes:',
    'yes:-1',
    'yes:x',
    'yes:1,yes:2',
    ':1',
    'a:"b":1',
    {},
    { yes: NaN },
    { yes: '1' },
    3,
  ],
  hashBits: [NaN, -1, 25, 1.5, '10', Infinity],
  na: ['', [3]],
  standardize: ['yes', 1],
  delimiter: ['', ';;', '\n', 'ä', '\u0000', 3],
  quote: ['""', '\r', 3],
  header: ['no', 0],
  comment: ['', '//', '\n'],
  onBadRow: ['ignore', 'Skip', true],
  encoding: ['utf8', 'ascii', 3],
  decimal: ['', ';', 3],
  quarantine: ['', 3],
  maxBadRows: [NaN, -1, 1.5, '3', '101%', '%', '-1%'],
  loss: ['logistik', '', 3, 'constructor'],
  huberDelta: [NaN, 0, -1, Infinity, '1'],
  quantile: [NaN, 0, 1, -0.5, 90, '0.5'],
  tweediePower: [NaN, 1, 2, 3, '1.5'],
  batchSize: [NaN, 0, -1, 1.5, 2 ** 24 + 1, Infinity, '256'],
  epochs: [NaN, 0, -1, 0.5],
  optimizer: ['adagard', 'toString'],
  learningRate: [NaN, 0, -0.1, Infinity, '0.1'],
  schedule: ['inverse', 'constants'],
  optimizerSettings: ['', 'beta1', 'epsilon=', 'epsilon=x', 'epsilon=1,epsilon=2', { epsilon: '1' }, 3],
  scheduleSettings: ['', 'power', 'power=x', { power: null }, 3],
  warmup: [NaN, -1, 1.5],
  l1: [NaN, -1e-9, Infinity],
  l2: [NaN, -1e-9, Infinity],
  weightDecay: [NaN, -1e-9, Infinity],
  penalizeBias: ['yes', 1],
  penalizeCategories: ['yes', 1],
  clipNorm: [NaN, 0, -1, Infinity],
  clipValue: [NaN, 0, -1, Infinity],
  averageWeights: ['yes', 1],
  lanes: [NaN, 0, 4097, 2.5],
  shuffleBuffer: [NaN, 0, -1, 'many', '5GiB', '1 XB'],
  shuffle: ['no'],
  cache: ['', 3],
  validation: [NaN, -0.1, 1, 1.5, '0.1', '', '-', '100%', [], ['a.csv', '-'], [0.1]],
  patience: [NaN, 0, -1, 1.5, '3'],
  minImprovement: [NaN, -0.1, 1, '0.1'],
  maxWorkerFailures: [0, 1.5, '8', NaN],
  workers: [NaN, 0, -1, 1.5, 1025],
  shards: [NaN, 0, -8, 3, 6, 512, 0.5],
  seed: [NaN, -1, 2 ** 32, 0.5],
  placement: ['poll', ''],
  backend: ['gpu'],
  memory: [NaN, 0, '1MB', '5GiB', '64 megabytes'],
  blockBytes: [NaN, 63, '1GiB', -64],
  out: ['', 3],
  checkpoint: ['', 3],
  checkpointEvery: [NaN, 0, -1, 1.5, '', '10x', '0s', '-5s', 's'],
  resume: ['yes', 1],
  control: [{}, true],
  signal: [{}, true],
  events: ['', 1],
  history: ['', '-', 1],
  dashboard: ['', 'x', -1, 65536, 1.5, NaN, [], { port: 'x' }, { stays: 1 }, { other: 1 }],
  tensorboard: ['', 1],
}

describe('resolveOptions', () => {
  it('has a wrong value for every option', () => {
    expect(Object.keys(wrongValues).sort()).toEqual([...trainOptionNames].sort())
  })

  for (const [option, values] of Object.entries(wrongValues)) {
    it.each(values.map((value) => [value]))(`refuses ${option} %j`, (value) => {
      const error = refusal({ [option]: value })
      expect(error.kind).toBe('usage')
      expect(error.place.option).toBe(option)
      expect(error.message).toMatch(new RegExp(`^${option}: expected .+, got .+`))
      expect(error.hint).not.toBe('')
    })
  }

  it('fills in the defaults, and leaves open what the data decides', () => {
    const options = resolveOptions(needed)
    expect(options).toMatchObject({ ...defaults, input: ['flights.csv'], target: 'late' })
    expect(options.workers).toBeGreaterThanOrEqual(1)
    const open = [
      'loss',
      'epochs',
      'learningRate',
      'lanes',
      'delimiter',
      'features',
      'out',
      'blockBytes',
    ] as const
    for (const name of open) expect(options[name]).toBeUndefined()
  })

  it('takes undefined as left out', () => {
    const options = resolveOptions({ ...needed, shards: undefined, seed: undefined, workers: undefined })
    expect(options.shards).toBe(defaults.shards)
    expect(options.seed).toBe(defaults.seed)
    expect(options.workers).toBeGreaterThanOrEqual(1)
  })

  // The ends of each documented range.
  it.each<Partial<TrainOptions>>([
    { batchSize: 1 },
    { batchSize: 2 ** 24 },
    { shards: 1 },
    { shards: 256 },
    { seed: 0 },
    { seed: 2 ** 32 - 1 },
    { lanes: 1 },
    { lanes: 4096 },
    { hashBits: 0 },
    { validation: 0 },
    { validation: 0.999 },
    { l2: 0 },
    { learningRate: Number.MIN_VALUE },
    { quote: '' },
    { memory: '4MiB' },
    { memory: '4GiB' },
    { blockBytes: 64 },
    { maxCategories: 0 },
    { maxCategories: 2 ** 20 },
    { minCount: 1 },
  ])('takes %j', (given) => {
    const resolved = resolveOptions({ ...needed, ...given })
    for (const [name, value] of Object.entries(given)) {
      const expected = typeof value === 'string' && name === 'memory' ? parseSize(value) : value
      expect(resolved[name as keyof typeof resolved]).toBe(expected)
    }
  })

  it('hashes all values where --hash-bits stands alone', () => {
    const maxCategories = (given: Partial<TrainOptions>) =>
      resolveOptions({ ...needed, ...given }).maxCategories
    expect(maxCategories({ hashBits: 18 })).toBe(0)
    expect(maxCategories({ hashBits: 18, maxCategories: 100 })).toBe(100)
    expect(maxCategories({ hashBits: 18, minCount: 2 })).toBe(defaults.maxCategories)
    expect(maxCategories({})).toBe(defaults.maxCategories)
  })

  it.each([
    [0, { rows: 0, share: 1 }],
    [12, { rows: 12, share: 1 }],
    [0.01, { rows: Infinity, share: 0.01 }],
    ['1%', { rows: Infinity, share: 0.01 }],
    ['100 %', { rows: Infinity, share: 1 }],
    [Infinity, { rows: Infinity, share: 1 }],
  ])('reads the limit of bad rows %j', (maxBadRows, limit) => {
    expect(resolveOptions({ ...needed, maxBadRows, onBadRow: 'skip' }).maxBadRows).toEqual(limit)
  })

  it('reads lists, sizes and the tab', () => {
    const options = resolveOptions({
      input: ['a.csv', 'b.csv'],
      target: 'y',
      features: 'a, b',
      numeric: ['x,1'],
      memory: '64MB',
      delimiter: 'tab',
      comment: '#',
    })
    expect(options).toMatchObject({
      input: ['a.csv', 'b.csv'],
      features: ['a', 'b'],
      numeric: ['x,1'],
      memory: 64_000_000,
      delimiter: '\t',
      comment: '#',
    })
  })

  it.each([
    [
      'origin:destination, hour : origin',
      [
        ['origin', 'destination'],
        ['hour', 'origin'],
      ],
    ],
    ['"a:b":c', [['a:b', 'c']]],
    [
      ['a:b,c:d', '"x,""y""":z'],
      [
        ['a', 'b'],
        ['c', 'd'],
        ['x,"y"', 'z'],
      ],
    ],
  ])('reads interactions %j', (interactions, pairs) => {
    const resolved = resolveOptions({ ...needed, interactions }).interactions
    expect(resolved).toEqual(pairs)
    // And writes them so that they read back.
    const written = resolved.map(interactionName)
    expect(resolveOptions({ ...needed, interactions: written }).interactions).toEqual(pairs)
  })

  it('says what to name where there is no default', () => {
    expect(refusal({ target: undefined }).hint).toBe('name the column to predict')
    expect(refusal({ input: [] }).hint).toBe('name a file, or - for standard input')
  })

  it('names the nearest right option and value', () => {
    const option = refusal({ batchsize: 3 })
    expect([option.kind, option.message, option.hint]).toEqual([
      'usage',
      'there is no option "batchsize"',
      'did you mean "batchSize"?',
    ])
    expect(refusal({ loss: 'logistik' }).hint).toBe('did you mean "logistic"?')
    expect(refusal({ optimizer: 'adagard' }).hint).toBe('did you mean "adagrad"?')
    expect(refusal({ schedule: 'inverse_scaling' }).hint).toBe('did you mean "inverse-scaling"?')
    expect(refusal({ backend: 'gpu' }).hint).toBe('choose from "wasm", "reference"')
  })

  it.each([
    [{ maxBadRows: 3 }, 'maxBadRows'],
    [{ shuffle: false, lanes: 2 }, 'lanes'],
    [{ delimiter: '"' }, 'quote'],
    [{ quote: ',' }, 'quote'],
    [{ comment: ',' }, 'comment'],
    [{ comment: '"' }, 'comment'],
    [{ scheduleSettings: 'final=0.1' }, 'scheduleSettings'],
    [{ ignore: 'late' }, 'ignore'],
    [{ features: ['late', 'hour'] }, 'features'],
    [{ features: 'hour', ignore: 'hour' }, 'features'],
    [{ weight: 'late' }, 'weight'],
    [{ weight: 'w', ignore: 'w' }, 'ignore'],
    [{ weight: 'w', features: 'w' }, 'features'],
    [{ numeric: 'hour', categorical: 'hour' }, 'categorical'],
  ])('refuses %j together', (options, option) => {
    const error = refusal(options)
    expect([error.kind, error.code, error.place.option]).toEqual(['usage', 'OPTION_CONFLICT', option])
  })

  it.each([
    { shuffle: false, lanes: 1 },
    { numeric: 'late' },
    { quote: '', delimiter: '"' },
    { features: 'hour', categorical: 'hour' },
  ])('takes %j together', (options) => {
    expect(resolveOptions({ ...needed, ...options })).toMatchObject({ target: 'late' })
  })

  it('refuses what is no object', () => {
    for (const options of [null, undefined, 3, 'flights.csv']) {
      expect(errorOf(() => resolveOptions(options as unknown as TrainOptions)).kind).toBe('usage')
    }
  })
})

describe('resolveModelOptions', () => {
  const given = { model: 'm.safetensors', input: 'new.csv' }

  it('fills in the defaults and leaves the dialect to the model', () => {
    const options = resolveModelOptions(given)
    expect(options).toMatchObject({ model: 'm.safetensors', input: ['new.csv'], keep: [], onBadRow: 'fail' })
    expect(options.memory).toBe(defaults.memory)
    for (const name of ['delimiter', 'quote', 'header', 'comment', 'out'] as const) {
      expect(options[name]).toBeUndefined()
    }
  })

  it('reads lists, sizes and characters', () => {
    const options = {
      ...given,
      keep: 'id,name',
      memory: '8MiB',
      delimiter: '\\t',
      quote: '',
      comment: '#',
      workers: 3,
    }
    expect(resolveModelOptions(options)).toMatchObject({
      keep: ['id', 'name'],
      memory: 8 * 2 ** 20,
      delimiter: '\t',
      quote: '',
      comment: '#',
      workers: 3,
    })
  })

  it.each([
    ['model', ''],
    ['input', []],
    ['out', ''],
    ['keep', 'a,,b'],
    ['delimiter', ''],
    ['onBadRow', 'skpi'],
    ['maxBadRows', NaN],
    ['workers', 0],
    ['memory', '1kB'],
    ['header', 1],
  ])('refuses %s %j', (option, value) => {
    const error = errorOf(() => resolveModelOptions({ ...given, [option]: value }))
    expect([error.kind, error.place.option]).toEqual(['usage', option])
  })

  it('needs a model and an input, and knows its options', () => {
    expect(errorOf(() => resolveModelOptions({ input: 'a' } as never)).place.option).toBe('model')
    expect(errorOf(() => resolveModelOptions({ model: 'a' } as never)).place.option).toBe('input')
    expect(errorOf(() => resolveModelOptions({ ...given, keeep: 'a' } as never)).hint).toBe(
      'did you mean "keep"?',
    )
    expect(errorOf(() => resolveModelOptions({ ...given, maxBadRows: 3 })).code).toBe('OPTION_CONFLICT')
  })
})

describe('parseSize', () => {
  // By hand: SI units are powers of 1000, IEC units powers of 1024; parts of a byte are dropped.
  it.each([
    ['0', 0],
    ['4096', 4096],
    [4096, 4096],
    [4096.7, 4096],
    ['64MB', 64e6],
    ['64M', 64e6],
    ['64mib', 64 * 1024 * 1024],
    ['1.5 GiB', 1.5 * 1024 ** 3],
    ['1 kB', 1000],
    ['0.0015kB', 1],
    ['2TiB', 2 * 1024 ** 4],
  ])('%j is %i bytes', (size, bytes) => {
    expect(parseSize(size)).toBe(bytes)
  })

  it.each(['', 'MB', '-1', '1e6', '1 XB', '1..5MB', NaN, -1, Infinity, null, 'constructor', '1constructor'])(
    '%j is no size',
    (size) => {
      expect(parseSize(size)).toBeNaN()
    },
  )
})

describe('splitNames', () => {
  it.each<[string, string[]]>([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a , b ', ['a', 'b']],
    ['a,', ['a', '']],
    [',a', ['', 'a']],
    ['a,,b', ['a', '', 'b']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""x""",c', ['say "x"', 'c']],
  ])('%j', (text, names) => {
    expect(splitNames(text)).toEqual(names)
  })
})
