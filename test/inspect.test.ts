import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { saveModel } from '../src/artifact/index.js'
import { inspect } from '../src/index.js'
import { fit } from './linear.js'
import type { CsvInspection, ModelInspection } from '../src/inspect.js'
import type { LinearModel as Model } from '../src/model/index.js'
import { inspectionLines } from '../src/report/inspection.js'
import { colorsOf } from '../src/report/terminal.js'
import { temporaryFolder } from './model-use.js'
import { commas } from './dialect.js'

const path = temporaryFolder()
const penguins = fileURLToPath(new URL('../data/penguins.csv', import.meta.url))
const plain = colorsOf({ write: () => true }, { NO_COLOR: '1' })

async function inspectCsv(text: string, options = {}): Promise<CsvInspection> {
  writeFileSync(path('rows.csv'), text)
  return (await inspect(path('rows.csv'), options)) as CsvInspection
}

describe('inspecting a CSV', () => {
  it('tells kinds, statistics and missing shares', async () => {
    const found = await inspectCsv('n,c,e\n1,a,\n3,b,NA\nNA,b,\nx,"b",\n5,,\n4,a,\n')
    // By hand: of 1, 3, 5, 4 the mean is 13/4 and the mean square 51/4.
    expect(found).toMatchObject({ kind: 'csv', sampledRows: 6, estimatedRows: 6 })
    expect(found.columns).toEqual([
      {
        name: 'n',
        kind: 'number',
        missing: 1 / 6,
        mean: 13 / 4,
        deviation: Math.sqrt(51 / 4 - (13 / 4) ** 2),
        minimum: 1,
        maximum: 5,
        texts: 1,
      },
      { name: 'c', kind: 'category', missing: 1 / 6, values: 2, frequent: ['b', 'a'] },
      { name: 'e', kind: 'empty', missing: 1 },
    ])
  })

  it('takes columns for what training takes them for', async () => {
    const found = (await inspect(penguins)) as CsvInspection
    const { schema } = await fit({ input: penguins, target: 'Species', epochs: 1, workers: 1 })
    for (const [i, column] of schema.columns.entries()) {
      if (column.kind === 'target') continue
      const other = found.columns[i]!
      expect([other.name, other.kind]).toEqual([column.name, column.kind])
      if (column.kind === 'number' && other.kind === 'number') {
        expect([other.mean, other.deviation]).toEqual([column.mean, column.scale])
      }
      if (column.kind === 'category' && other.kind === 'category') {
        expect(other.values).toBe(column.values.length)
      }
    }
  })

  it('tells booleans and their share', async () => {
    const found = await inspectCsv('b,m,o,f\nyes,1,t,f\nNO,true,f,f\nTrue,0,maybe,f\nNA,F,t,f\n')
    // By hand: of yes, NO, True two in three are true, of 1, true, 0, F two in four.
    expect(found.columns.slice(0, 2)).toEqual([
      { name: 'b', kind: 'boolean', missing: 1 / 4, share: 2 / 3 },
      { name: 'm', kind: 'boolean', missing: 0, share: 1 / 2 },
    ])
    // Another word, or one truth value only, makes a column texts.
    expect(found.columns.slice(2).map(({ kind }) => kind)).toEqual(['category', 'category'])
    const lines = inspectionLines({ ...found, file: 'rows.csv' }, 60, plain)
    expect(lines[4]).toBe('  b       boolean   25 %     67 % true')
  })

  it('tells texts that look like dates, or like numbers that training refuses', async () => {
    const found = await inspectCsv('d,p,t\n2001-01-31,"1,234",a\n2001-02,"12,000",2001-01-31\n')
    expect(found.columns.map((column) => column.kind === 'category' && column.looksLike)).toEqual([
      'dates',
      'numbers with separators',
      undefined,
    ])
    const lines = inspectionLines({ ...found, file: 'rows.csv' }, 60, plain)
    expect(lines[4]).toBe('  d       category           dates? 2: 2001-01-31, 2001-02')
  })

  it('reads the dialect that is asked for', async () => {
    const { columns } = await inspectCsv("#c\n1;'a;b'\n2;'c'\n", {
      delimiter: ';',
      quote: "'",
      comment: '#',
      header: false,
    })
    expect(columns.map(({ kind }) => kind)).toEqual(['number', 'category'])
    expect(columns[1]).toMatchObject({ values: 2, frequent: ['a;b', 'c'] })
  })

  it('refuses what it cannot read', async () => {
    await expect(inspectCsv('a,b\n')).rejects.toMatchObject({ code: 'NO_ROWS' })
    await expect(inspect(path('nothing.csv'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await expect(inspectCsv('a\n1\n', { delimiter: '"' })).rejects.toMatchObject({ code: 'OPTION_CONFLICT' })
    await expect(inspectCsv('a\n1\n', { delimiter: 'ab' })).rejects.toMatchObject({ code: 'OPTION_VALUE' })
    await expect(inspectCsv('a\n1\n', { delimeter: ';' })).rejects.toMatchObject({
      hint: 'did you mean "delimiter"?',
    })
  })

  it('is shown as a table', async () => {
    const found = await inspectCsv(`n,c\n${'1,a\n2,\u001b[31m\n'.repeat(100)}3,\n`)
    const lines = inspectionLines({ ...found, file: 'rows.csv' }, 60, plain)
    expect(lines[0]).toBe('rows.csv')
    expect(lines[1]).toContain('2 columns separated by commas; the values are those of a sample of 201 rows')
    // Deviation of a hundred 1s, a hundred 2s and a 3: √(509/201 − (303/201)²) = 0.5098. A share above 0 is not 0 %,
    // and control characters from the file stay harmless.
    expect(lines.slice(3)).toEqual([
      '  column  type      missing  values',
      '  n       number             mean 1.5075, deviation 0.5098,…',
      '  c       category  < 1 %    2: \\u001b[31m, a',
    ])
  })
})

/** A model with a weight of every kind. */
const model: Model = {
  kind: 'linear',
  schema: {
    dialect: commas,
    columns: [
      { kind: 'number', name: 'size', mean: 5, scale: 2, fill: 0, indicator: true, limit: null },
      { kind: 'category', name: 'color', values: ['blue', 'red'], buckets: 2 },
      { kind: 'ignored', name: 'id' },
      { kind: 'target', name: 'price' },
    ],
    interactions: [],
    target: { kind: 'number', name: 'price', mean: 100, scale: 10 },
  },
  loss: 'squared',
  lossSettings: {},
  outputs: 1,
  weights: Float32Array.of(0.5, -0.25),
  bias: Float32Array.of(0),
  categoryWeights: Float32Array.of(0.125, -1, 0, 2, 0.0625),
  provenance: {
    version: '9.9.9',
    seed: 3,
    options: { batchSize: 256, learningRate: null },
    epochs: 2,
    steps: 8,
    rows: { read: 12, trained: 9, validation: 2, skipped: 1 },
    train: { loss: 4 },
    validation: { loss: 5, rmse: 2.236 },
  },
}

describe('inspecting a model', () => {
  let found: ModelInspection
  beforeAll(async () => {
    // No name tells that it is a model: its bytes do.
    await saveModel(path('model'), model)
    found = (await inspect(path('model'))) as ModelInspection
  })

  it('tells its parts', () => {
    expect(found).toMatchObject({ kind: 'model', loss: 'squared', parameters: 8, ...model.provenance })
    expect(found.target).toEqual(model.schema.target)
    expect(found.columns[1]).toEqual({ kind: 'category', name: 'color', values: 2, buckets: 2 })
  })

  it('lists its weights by size, in the units of the target; those of 0 are left out', () => {
    // By hand: each weight times the target's scale of 10; a number's is for 2 units of it, half of that for one.
    expect(found.heaviest).toEqual([
      { column: 'color', value: '(others, bucket 1)', weight: 20 },
      { column: 'color', value: 'red', weight: -10 },
      { column: 'size', weight: 5, weightPerUnit: 2.5 },
      { column: 'size', value: '(missing)', weight: -2.5 },
      { column: 'color', value: 'blue', weight: 1.25 },
      { column: 'color', value: '(missing)', weight: 0.625 },
    ])
  })

  it('names the class of a weight where there are several, and lists no more than 20', async () => {
    const trained = await fit({ input: penguins, target: 'Species', epochs: 2, workers: 1 })
    await saveModel(path('species.safetensors'), trained)
    const { heaviest } = (await inspect(path('species.safetensors'))) as ModelInspection
    expect(heaviest).toHaveLength(20)
    const sizes = heaviest.map(({ weight }) => Math.abs(weight))
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    expect(sizes[0]).toBe(Math.max(...[...trained.weights, ...trained.categoryWeights].map(Math.abs)))
    expect(new Set(heaviest.map((weight) => weight.class))).toEqual(
      new Set(['Adelie', 'Chinstrap', 'Gentoo']),
    )
  })

  it('is shown in lines', () => {
    const lines = inspectionLines({ ...found, file: 'model' }, 60, plain)
    expect(lines).toContain('model     linear, squared loss, 8 parameters')
    expect(lines).toContain('target    price, a number: mean 100.00, scale 10.000')
    expect(lines).toContain('rows      12 read = 9 trained + 2 held out + 1 skipped')
    expect(lines).toContain('options   batchSize 256')
    expect(lines).toContain('  … and 1 ignored')
    // By hand: the target's scale of 10 times each weight, of the number's 2 units its half; the mean of 5 taken off and given back.
    expect(lines.slice(lines.indexOf('adds to the predicted price, from +87.500'))).toEqual([
      'adds to the predicted price, from +87.500',
      '  effect  column  coefficient  rows  of',
      '  10.802  color   +20.000            (others, bucket 1)',
      '                  −10.000            red',
      '                  +1.2500            blue',
      '                  +0.6250            (missing)',
      '  5.0000  size    +2.5000            1',
      '                  +10.000            (missing)',
    ])
    const counted = inspectionLines({ ...found, file: 'model' }, 60, plain, 1)
    expect(counted.slice(-5)).toEqual([
      '  effect  column  coefficient  rows  of',
      '  10.802  color   +20.000            (others, bucket 1)',
      '                                     … and 3 more',
      '  5.0000  size    +2.5000            1',
      '                  +10.000            (missing)',
    ])
  })

  it('tells the numbers of a date by their names', async () => {
    const { target } = model.schema
    const parts = [1, 2, 4, 8, 16].map((scale) => ({ mean: 0, scale, fill: 0 }))
    const flag = {
      kind: 'boolean',
      name: 'flag',
      mean: 0.5,
      scale: 0.5,
      fill: 0,
      indicator: false,
      limit: null,
    } as const
    const date = { kind: 'date', name: 'when', parts, indicator: true, limit: null } as const
    const columns = [flag, date, { kind: 'target', name: target.name } as const]
    const schema = { ...model.schema, columns }
    const weights = Float32Array.of(7, 6, 5, 4, 3, 2, 1)
    await saveModel(path('dates'), { ...model, schema, weights, categoryWeights: new Float32Array() })
    const dated = (await inspect(path('dates'))) as ModelInspection
    // By hand: each weight times the target's scale of 10, and that divided by the number's own scale.
    expect(dated.heaviest).toEqual([
      { column: 'flag', weight: 70, weightPerUnit: 140 },
      { column: 'when', part: 'year', weight: 60, weightPerUnit: 60 },
      { column: 'when', part: 'month', weight: 50, weightPerUnit: 25 },
      { column: 'when', part: 'weekday', weight: 40, weightPerUnit: 10 },
      { column: 'when', part: 'hour', weight: 30, weightPerUnit: 3.75 },
      { column: 'when', part: 'epoch', weight: 20, weightPerUnit: 1.25 },
      { column: 'when', value: '(missing)', weight: 10 },
    ])
    const lines = inspectionLines({ ...dated, file: 'dates' }, 70, plain)
    expect(lines).toContain('  flag    boolean  mean 0.5000, scale 0.5000')
    expect(lines).toContain('  when    date     → year, month, weekday, hour, epoch, missing')
    expect(lines.join('\n')).toMatch(/ when +\+60\.000 +1 of year\n +\+25\.000 +1 of month\n/)
    expect(lines.at(-2)).toMatch(/^ +\+10\.000 +\(missing\)$/)
  })

  it('refuses a damaged one, and does not take it for a CSV', async () => {
    writeFileSync(path('damaged.safetensors'), 'a,b\n1,2\n')
    await expect(inspect(path('damaged.safetensors'))).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })
})
