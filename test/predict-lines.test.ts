/** What is written of a row: kept fields of any text, both formats, thresholds, explanations. Lines are read by fast-csv and JSON.parse. */
import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { writeToString } from 'fast-csv'
import { beforeAll, describe, expect, it } from 'vitest'
import { evaluate, fit, loadModel, predict } from '../src/index.js'
import type { PredictOptions } from '../src/options.js'
import { readCsv, temporaryFolder } from './model-use.js'

const path = temporaryFolder()
const thorough = process.env['MILLRACE_THOROUGH'] === '1'

const colors = ['red', 'green', 'blue', 'it\'s "white", or\nnot']
const rows = Array.from({ length: 400 }, (_, i) => ({
  size: i % 17 === 3 ? '' : String(((i * 37) % 101) / 4 - 9),
  color: colors[(i * 3) % 4]!,
  late: (i * 37) % 101 > 60 ? 'yes, "late"' : 'no',
  band: ['low', 'middle', 'high'][(i * 7) % 3]!,
  minutes: String((i * 37) % 101),
}))
const targets = ['late', 'band', 'minutes']

async function csvOf(
  records: readonly object[],
  dialect: { delimiter?: string; quote?: string } = {},
): Promise<string> {
  return writeToString([...records], { headers: true, includeEndRowDelimiter: true, ...dialect })
}

async function train(name: string, target: string, options: object = {}): Promise<void> {
  const ignore = targets.filter((other) => other !== target)
  const given = { input: path('rows.csv'), target, ignore, epochs: 3, workers: 1, ...options }
  await fit({ ...given, out: path(`${name}.safetensors`) })
}

beforeAll(async () => {
  writeFileSync(path('rows.csv'), await csvOf(rows))
  await train('late', 'late', { interactions: 'color:size' })
  await train('hinge', 'late', { loss: 'hinge' })
  await train('band', 'band')
  await train('squared', 'minutes', { loss: 'squared' })
  await train('poisson', 'minutes', { loss: 'poisson' })
  await train('network', 'late', { hidden: '3' })
}, 60_000)

/** The text of the predictions. */
async function written(model: string, options: Partial<PredictOptions> = {}): Promise<string> {
  const out = path('predictions')
  const defaults = { input: path('rows.csv'), workers: 1, model: path(`${model}.safetensors`) }
  await predict({ ...defaults, out, ...options })
  return readFileSync(options.out ?? out, 'utf8')
}

function parsed(ndjson: string): Record<string, unknown>[] {
  expect(ndjson.endsWith('\n')).toBe(true)
  return ndjson
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Texts that the dialects of CSV and JSON treat in some way of their own. */
const fieldText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        '""',
        "'",
        ',',
        ';',
        '\t',
        '\n',
        '\r\n',
        '\\',
        ' ',
        '\ufeff',
        'é',
        '\u2028',
        '😀',
        '=1',
      ),
      fc.integer({ min: 1, max: 31 }).map((code) => String.fromCharCode(code)),
      fc.string({ maxLength: 20 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))
  // Where it is not in quotes, fast-csv takes white space of any kind around a field away.
  .filter((text) => !/^[^\S \t\r\n\ufeff]|[^\S \t\r\n]$/.test(text))

describe('kept fields', () => {
  it.each([
    { delimiter: ',', quote: '"' },
    { delimiter: ';', quote: "'" },
    { delimiter: '\t', quote: '"' },
  ])(
    'keep their text, whatever it is, with %j',
    async (dialect) => {
      const run = async (texts: [string, string][]): Promise<void> => {
        const records = texts.map(([note, other], i) => ({ note, size: String(i), color: 'red', other }))
        // Every field in quotes: what is around it is then text.
        const csv = await writeToString(records, {
          headers: true,
          quoteColumns: true,
          quoteHeaders: true,
          ...dialect,
        })
        writeFileSync(path('texts.csv'), csv)
        const options = { input: path('texts.csv'), ...dialect, keep: ['other', 'note'], memory: '4MiB' }
        const expected = records.map(({ other, note }) => [other, note])
        const fromCsv = await readCsv(await written('late', options))
        expect(fromCsv.map((record) => [record['other'], record['note']])).toEqual(expected)
        const fromJson = parsed(await written('late', { ...options, format: 'ndjson' }))
        expect(fromJson.map((record) => [record['other'], record['note']])).toEqual(expected)
      }
      const pairs = fc.array(fc.tuple(fieldText, fieldText), { minLength: 1, maxLength: 40 })
      await fc.assert(fc.asyncProperty(pairs, run), { numRuns: thorough ? 300 : 10 })
    },
    300_000,
  )

  it('may be much longer than most blocks are', async () => {
    const long = 'x,"\n'.repeat(150_000)
    const records = Array.from({ length: 8 }, (_, i) => ({
      size: i,
      color: 'red',
      note: i === 0 ? long : `note ${i}`,
    }))
    writeFileSync(path('long.csv'), await csvOf(records))
    const options = { input: path('long.csv'), keep: 'note,size,note' }
    const fromCsv = await written('late', options)
    const plain = await written('late', { ...options, keep: [] })
    const field = (text: string): string => (text === long ? `"${text.replaceAll('"', '""')}"` : text)
    const lines = plain.split('\n')
    const expected = records.map(
      ({ note, size }, i) => `${field(note)},${size},${field(note)},${lines[i + 1]!}\n`,
    )
    expect(fromCsv === `note,size,note,${lines[0]!}\n${expected.join('')}`).toBe(true)
    const fromJson = parsed(await written('late', { ...options, keep: 'note', format: 'ndjson' }))
    expect(fromJson.map(({ note }) => note)).toEqual(records.map(({ note }) => note))
  })

  it('are bound to their rows where text is made in several goes', async () => {
    // The first records are long, so that little room is made for lines; those that follow are many and short.
    const filler = 'y'.repeat(4000)
    const records = Array.from({ length: 60_000 }, (_, i) => ({
      size: i % 97 === 5 ? 'bad' : String(i % 25),
      color: i < 300 ? filler : '',
      id: String(i),
    }))
    writeFileSync(path('many.csv'), await csvOf(records))
    const options = { input: path('many.csv'), keep: 'id,id,id,id', onBadRow: 'skip' } as const
    const fromCsv = await written('band', options)
    const ids = fromCsv
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(','))
    const good = records.filter(({ size }) => size !== 'bad').map(({ id }) => id)
    expect(ids.map(([id]) => id)).toEqual(good)
    expect(ids.every(([a, b, c, d]) => a === b && b === c && c === d)).toBe(true)
  })
})

describe('a line of JSON', () => {
  it.each(['late', 'hinge', 'band', 'squared', 'poisson', 'network'])(
    'has the names and numbers of the CSV (%s)',
    async (model) => {
      const explain = model !== 'network'
      const fromCsv = await readCsv(await written(model, { keep: 'color', explain }))
      const fromJson = parsed(await written(model, { keep: 'color', explain, out: path('p.ndjson') }))
      expect(fromJson).toHaveLength(rows.length)
      for (const [i, record] of fromJson.entries()) {
        const texts = Object.entries(record).map(([name, value]) => [name, String(value)])
        expect(Object.fromEntries(texts)).toEqual(fromCsv[i])
        const isText = (name: string) =>
          name === 'color' || (name === 'prediction' && !/squared|poisson/.test(model))
        for (const [name, value] of Object.entries(record)) {
          expect(typeof value).toBe(isText(name) ? 'string' : 'number')
        }
      }
    },
  )

  it('has each name once', async () => {
    await expect(written('late', { keep: 'size,size', format: 'ndjson' })).rejects.toMatchObject({
      kind: 'usage',
      message: 'keep: two fields would be called "size" in a line of JSON',
    })
  })
})

describe('an explanation', () => {
  it.each(['late', 'hinge', 'band', 'squared', 'poisson'])('is that of the library (%s)', async (name) => {
    const model = await loadModel(path(`${name}.safetensors`))
    const lines = parsed(await written(name, { explain: true, format: 'ndjson' }))
    for (const [i, line] of lines.entries()) {
      const { bias, contributions } = model.explain(rows[i] as never)
      const named = Object.entries(contributions).map(([column, value]) => [`contribution_${column}`, value])
      // Numbers in JSON are the shortest text of their f32.
      const got = Object.entries(line).filter(
        ([field]) => field === 'bias' || field.startsWith('contribution_'),
      )
      expect(got.map(([field, value]) => [field, Math.fround(value as number)])).toEqual([
        ['bias', bias],
        ...named,
      ])
    }
  })

  it('is refused of a network', async () => {
    const refused = written('network', { explain: true })
    await expect(refused).rejects.toMatchObject({ kind: 'usage', place: { option: 'explain' } })
  })
})

describe('a threshold', () => {
  it.each([
    ['late', 0.35, 'probability_yes, "late"'],
    ['hinge', -0.7, 'score'],
  ])('is what the second class must be above (%s)', async (model, threshold, column) => {
    const lines = parsed(await written(model, { threshold, format: 'ndjson' }))
    for (const line of lines) {
      expect(line['prediction']).toBe((line[column] as number) > threshold ? 'yes, "late"' : 'no')
    }
    expect(new Set(lines.map((line) => line['prediction'])).size).toBe(2)
    const predicted = lines.map((line) => line['prediction'])
    const right = rows.filter(({ late }, i) => predicted[i] === late).length
    const evaluated = await evaluate({
      model: path(`${model}.safetensors`),
      input: path('rows.csv'),
      threshold,
      workers: 1,
    })
    expect(evaluated.metrics['accuracy']).toBeCloseTo(right / rows.length, 12)
    const yes = predicted.filter((name) => name !== 'no').length
    const found = rows.filter(({ late }, i) => late !== 'no' && predicted[i] === late).length
    expect(evaluated.metrics['precision']).toBeCloseTo(found / yes, 12)
  })

  it('has no meaning where there are not two classes, and must be a number', async () => {
    const named = { kind: 'usage', place: { option: 'threshold' } }
    await expect(written('band', { threshold: 0.5 })).rejects.toMatchObject(named)
    await expect(written('squared', { threshold: 0.5 })).rejects.toMatchObject(named)
    await expect(written('late', { threshold: NaN })).rejects.toMatchObject(named)
    const input = path('rows.csv')
    await expect(evaluate({ model: path('band.safetensors'), input, threshold: 1 })).rejects.toMatchObject(
      named,
    )
  })
})

describe('a format', () => {
  it('is one of two, and the nearest is named', async () => {
    await expect(written('late', { format: 'ndjsn' as never })).rejects.toMatchObject({
      message: 'format: expected one of csv, ndjson, got "ndjsn"',
      hint: 'did you mean "ndjson"?',
    })
  })
})
