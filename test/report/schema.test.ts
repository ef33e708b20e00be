import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { schemaLines } from '../../src/report/schema.js'
import { displayWidth } from '../../src/report/terminal.js'
import type { ColumnSchema, Schema } from '../../src/schema/index.js'
import { schema } from './events.js'

const plain = pc.createColors(false)

function withColumns(columns: ColumnSchema[]): Schema {
  return { ...schema, columns }
}

describe('schemaLines', () => {
  it('shows every column with its role, type and encoding', () => {
    // By hand, from the schema in events.ts.
    expect(schemaLines(schema, 80, plain)).toEqual([
      '  column  role     type       encoding',
      '  hour    feature  number     mean 13.500, scale 4.2500, missing',
      '  raw     feature  number     as it is',
      '  origin  feature  category   2 values, 1,024 buckets for others',
      '  one     feature  category   1 value',
      '  delay   ignored',
      '  w       weight   number',
      '  late    target   2 classes  0, 1',
    ])
  })

  it('shows interactions after the columns', () => {
    const vocabulary = { kind: 'interaction' as const, values: ['a\x1fb', 'c\x1fd'] }
    const more: Schema = {
      ...schema,
      interactions: [
        { ...vocabulary, name: 'origin:one', columns: ['origin', 'one'], buckets: 1024 },
        { ...vocabulary, name: 'raw:one', columns: ['raw', 'one'], buckets: 0 },
      ],
    }
    expect(schemaLines(more, 80, plain).slice(8)).toEqual([
      '  origin:one  feature  interaction  2 values, 1,024 buckets for others',
      '  raw:one     feature  interaction  slope of raw for 2 values',
    ])
  })

  it.each([20, 40, 60])('fits in %i cells, wide characters included', (width) => {
    const long = withColumns([
      { kind: 'category', name: '出発空港の名前の列', values: ['a'], buckets: 1024 },
      { kind: 'ignored', name: 'a'.repeat(200) },
    ])
    const lines = schemaLines(long, width, plain)
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
    expect(lines).toHaveLength(3)
  })

  it('shows booleans and the features of a date', () => {
    const scaling = { mean: 0.25, scale: 0.5, fill: 0 }
    const more = { indicator: true, limit: null }
    const columns: ColumnSchema[] = [
      { kind: 'boolean', name: 'paid', ...scaling, ...more },
      { kind: 'date', name: 'when', parts: Array.from({ length: 5 }, () => scaling), ...more },
    ]
    expect(schemaLines(withColumns(columns), 80, plain).slice(1)).toEqual([
      '  paid    feature  boolean  mean 0.2500, scale 0.5000, missing',
      '  when    feature  date     → year, month, weekday, hour, epoch, missing',
    ])
  })

  it('sums up what goes beyond forty columns, but not the target', () => {
    const columns: ColumnSchema[] = Array.from({ length: 100 }, (_, i) => ({
      kind: 'ignored',
      name: `c${i}`,
    }))
    columns[99] = { kind: 'target', name: 'late' }
    const lines = schemaLines(withColumns(columns), 80, plain)
    expect(lines.at(-2)).toMatch(/late +target/)
    expect(lines.at(-1)).toBe('  … and 59 more: 59 ignored')
    expect(lines).toHaveLength(1 + 40 + 1 + 1)
  })

  it('shows control characters escaped', () => {
    const lines = schemaLines(withColumns([{ kind: 'ignored', name: 'a\u001b[2Jb' }]), 80, plain)
    expect(lines[1]).toBe('  a\\u001b[2Jb  ignored')
  })

  it('shows number targets, and the first of many classes', () => {
    const target: ColumnSchema = { kind: 'target', name: 'y' }
    const number: Schema = {
      ...schema,
      columns: [target],
      target: { kind: 'number', name: 'y', mean: 2, scale: 3 },
    }
    expect(schemaLines(number, 80, plain)[1]).toMatch(/number +mean 2\.0000, scale 3\.0000$/)
    const asItIs: Schema = { ...number, target: { kind: 'number', name: 'y', mean: 0, scale: 1 } }
    expect(schemaLines(asItIs, 80, plain)[1]).toMatch(/number +as it is$/)
    const classes = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
    const many: Schema = { ...number, target: { kind: 'classes', name: 'y', classes } }
    expect(schemaLines(many, 80, plain)[1]).toMatch(/9 classes +a, b, c, d, e, f, g, h, …$/)
  })
})
