/**
 * Cells that a spreadsheet would take for formulas are data, and what is read back is what was written, byte for byte. The
 * oracle is fast-csv, which reads what goes in and what comes out.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseString } from 'fast-csv'
import { beforeAll, describe, expect, it } from 'vitest'
import { fit } from '../../src/train.js'
import { predict } from '../../src/predict.js'
import { scattered, temporaryFolder } from '../train/files.js'

const { folder, write } = temporaryFolder()

const CELLS = [
  '=1+1',
  '=HYPERLINK("http://example.org","click")',
  "=cmd|' /C calc'!A0",
  '+1,5',
  '-1',
  '@SUM(A1:A9)',
  '\t=1',
  '\r=1',
  '\n=1',
  ' =1 ',
  '\ufeff=1',
  "'=1",
  '"=1"',
  '',
]
const CLASSES = ['+yes', '=no', '@maybe']
const HEADER = ['=id', '@cell', '-x', '+y']

const quoted = (fields: readonly string[]): string =>
  `${fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`
const good = Array.from({ length: 300 }, (_, i) =>
  quoted([
    `=${i}`,
    CELLS[i % CELLS.length]!,
    String(Math.round(scattered(i) * 80) / 8),
    CLASSES[Math.floor(scattered(i) * 3)]!,
  ]),
)
/** As they are in the file, without the line break: texts for a number, a field too many. */
const bad = ['=1,@a,=2+2,=no', '+1,-b,@SUM(1),+yes', '"=1","=""2""",3,=no,@x']
const input = write('cells.csv', quoted(HEADER) + good.join('') + bad.map((record) => `${record}\n`).join(''))
const model = join(folder, 'model.safetensors')
const quarantine = join(folder, 'bad.csv')

function fieldsOf(text: string): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = []
    parseString<string[], string[]>(text)
      .on('data', (row: string[]) => rows.push(row))
      .on('error', reject)
      .on('end', () => {
        resolve(rows)
      })
  })
}

beforeAll(async () => {
  const reading = { onBadRow: 'quarantine', quarantine, workers: 1 } as const
  await fit({
    input,
    target: '+y',
    epochs: 1,
    categorical: '=id,@cell',
    numeric: '-x',
    out: model,
    ...reading,
  })
})

describe('cells that look like formulas', () => {
  it('are in predictions as they were in the input', async () => {
    const [once, twice] = [join(folder, 'once.csv'), join(folder, 'twice.csv')]
    const given = { model, keep: HEADER, workers: 1 } as const
    await predict({ ...given, input, out: once, onBadRow: 'skip' })
    const written = await fieldsOf(readFileSync(once, 'utf8'))
    const expected = await fieldsOf(quoted(HEADER) + good.join(''))
    expect(written.map((fields) => fields.slice(0, 4))).toEqual(expected)
    expect(written[0]!.slice(4)).toEqual(['prediction', ...CLASSES.map((name) => `probability_${name}`)])
    expect(written.slice(1).every((fields) => CLASSES.includes(fields[4]!))).toBe(true)
    // And millrace reads its own file as it has read the first.
    await predict({ ...given, input: once, out: twice })
    expect(readFileSync(twice).equals(readFileSync(once))).toBe(true)
  })

  it('are in the quarantine as they were in the input', async () => {
    const written = await fieldsOf(readFileSync(quarantine, 'utf8'))
    expect(written.slice(1).map((fields) => fields.at(-1))).toEqual(bad)
    expect(written.slice(1).map((fields) => [fields[3], fields[4]])).toEqual([
      ['-x', 'NOT_A_NUMBER'],
      ['-x', 'NOT_A_NUMBER'],
      ['', 'RAGGED_ROW'],
    ])
  })
})
