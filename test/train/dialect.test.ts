/**
 * How bytes are cut into fields and numbers, from the file to the model. Oracle: the same table written plainly (RFC 4180,
 * nothing quoted, LF, decimal points); both must train to the same bits.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LinearModel as Model } from '../../src/model/index.js'
import type { TrainOptions } from '../../src/options.js'
import { predict } from '../../src/predict.js'
import { fit } from '../linear.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const ROWS = 600
const CITIES = ['Łódź', 'Lima', '東京', 'Lyon 2', 'Leeds']
const rows = Array.from({ length: ROWS }, (_, i) => {
  const x = (scattered(i) * 2000 - 1000).toFixed(i % 5)
  const city = CITIES[Math.floor(scattered(i, 0.7548776662) * 5)]!
  return [x, city, (Number(x) / 500 + city.length + scattered(i, 0.3)).toFixed(3)] as const
})

const lines = (
  record: (row: (typeof rows)[number], i: number) => string,
  header = 'x,city,y',
  end = '\n',
): string => [header, ...rows.map(record), ''].join(end)
const plain = lines((row) => row.join(','))
const withComma = (number: string): string => number.replace('.', ',')

/** One lane, so that rows come in the same order though their bytes differ. */
const base = { target: 'y', epochs: 2, batchSize: 32, workers: 1, memory: '16MiB', shuffle: false } as const

function weightsOf({ weights, bias, categoryWeights }: Model): string {
  return Buffer.concat(
    [weights, bias, categoryWeights].map((part) => Buffer.from(part.slice().buffer)),
  ).toString('hex')
}

async function weightsFrom(text: string | Buffer, options: Partial<TrainOptions> = {}): Promise<string> {
  return weightsOf(await fit({ ...base, ...options, input: write('table.csv', text) }))
}

describe('a table trains to the same bits', () => {
  it.each<[string, string, Partial<TrainOptions>?]>([
    [
      'all quoted, CRLF',
      lines((row) => row.map((field) => `"${field}"`).join(','), '"x","city","y"', '\r\n'),
    ],
    ['with blanks around fields', lines(([x, city, y]) => `  ${x} , ${city}\t,${y}  `, 'x , city,y ')],
    [
      'with blanks around quotes',
      lines(([x, city, y]) => ` "${x}", "${city}" ,\t"${y}" `, ' "x", "city" ,y'),
    ],
    ['with tabs', lines((row) => row.join(' \t '), 'x\tcity\ty'), { delimiter: '\t' }],
    [
      'with comments, empty lines and lines of blanks',
      lines((row, i) => `${['', '\n', '# "1,2\n', ' \t\n'][i % 4]}${row.join(',')}`),
      { comment: '#' },
    ],
    [
      'with decimal commas',
      lines(([x, city, y]) => [withComma(x), city, withComma(y)].join(';'), 'x;city;y'),
      { decimal: ',' },
    ],
    [
      'with quoted decimal commas',
      lines(([x, city, y]) => `"${withComma(x)}",${city},"${withComma(y)}"`),
      { decimal: ',' },
    ],
    ['with a byte order mark', `\ufeff${plain}`],
  ])('%s', async (_, text, options = {}) => {
    expect(await weightsFrom(text, options)).toBe(await weightsFrom(plain))
  })

  it('without the rows that are not UTF-8, where bad rows are skipped', async () => {
    const records = plain.split('\n')
    const damaged = records.flatMap((record, i) =>
      i % 50 === 7 ? [Buffer.from(record), Buffer.from('1.5,caf\xe9,2', 'latin1')] : [Buffer.from(record)],
    )
    const text = Buffer.concat(damaged.flatMap((record) => [record, Buffer.from('\n')]))
    // A rate that falls would fall by the rows that the size of the file lets expect.
    const schedule = 'constant'
    expect(await weightsFrom(text, { onBadRow: 'skip', schedule })).toBe(
      await weightsFrom(plain, { schedule }),
    )
    await expect(weightsFrom(text)).rejects.toMatchObject({
      code: 'INVALID_UTF8',
      place: {
        line: 9,
        byte: Buffer.from(records.slice(0, 8).join('\n')).length + 1 + '1.5,caf'.length,
        column: 'city',
      },
    })
  })
})

describe('decimal commas', () => {
  it('are what a model reads that was trained on them, unless it is told otherwise', async () => {
    const model = join(folder, 'commas.safetensors')
    await fit({
      ...base,
      out: model,
      decimal: ',',
      input: write(
        'commas.csv',
        lines(([x, city, y]) => [withComma(x), city, withComma(y)].join(';'), 'x;city;y'),
      ),
    })
    const predictions = async (name: string, text: string, decimal?: '.'): Promise<string> => {
      const out = join(folder, `${name}.predictions.csv`)
      await predict({ model, input: write(`${name}.csv`, text), out, ...(decimal && { decimal }) })
      return readFileSync(out, 'utf8')
    }
    const commas = await predictions('c', 'x;city\n-1,25;Lima\n0,5;Leeds\n')
    expect(commas).toBe(await predictions('p', 'x,city\n-1.25,Lima\n0.5,Leeds\n', '.'))
    await expect(predictions('w', 'x;city\n-1.25;Lima\n')).rejects.toMatchObject({
      code: 'NOT_A_NUMBER',
      hint: expect.stringContaining('--decimal point') as string,
    })
  })

  // One such value among numbers; a column of them is refused when the schema is fitted (test/schema).
  it.each([
    ['1,234.5', '.', 'remove them (1234.5)'],
    ['1.234,5', '.', 'remove them (1234,5) and use --decimal comma'],
    ['1 234', '.', 'remove them (1234)'],
    ['1,5', '.', '--decimal comma'],
    ['1.5', ',', '--decimal point'],
    ['1.234,5', ',', 'remove them (1234,5)'],
  ] as const)('%j with the decimal mark %j gets a hint', async (value, decimal, hint) => {
    const text = lines(([x, city, y], i) => {
      const fields = [
        i === 300 ? value : decimal === ',' ? withComma(x) : x,
        city,
        decimal === ',' ? withComma(y) : y,
      ]
      return fields.map((field) => `"${field}"`).join(',')
    })
    await expect(weightsFrom(text, { decimal })).rejects.toMatchObject({
      code: 'NOT_A_NUMBER',
      hint: expect.stringContaining(hint) as string,
    })
  })
})
