import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runScript, temporaryFolder } from './run-script.js'

const file = temporaryFolder()

describe('make-clicklog', () => {
  it('writes a label, 13 counts and 26 categories of 8 hexadecimal digits, the same for the same seed', async () => {
    await runScript('make-clicklog.mjs', ['3000', file('a.csv')])
    await runScript('make-clicklog.mjs', ['3000', file('b.csv')])
    const text = readFileSync(file('a.csv'), 'utf8')
    expect(readFileSync(file('b.csv'), 'utf8')).toBe(text)
    const [header, ...rows] = text.trimEnd().split('\n')
    expect(header!.split(',')).toHaveLength(1 + 13 + 26)
    expect(rows).toHaveLength(3000)
    for (const row of rows) expect(row).toMatch(/^[01](,\d{0,5}){13}(,([0-9a-f]{8})?){26}$/)
    const clicks = rows.filter((row) => row.startsWith('1')).length
    // pandas: 0.1986 of the first 200,000 rows were clicks; five deviations of 3,000 draws are 5·√(0.2·0.8/3000) = 0.037.
    expect(Math.abs(clicks / 3000 - 0.1986)).toBeLessThan(0.037)
    expect(rows.filter((row) => row.includes(',,')).length).toBeGreaterThan(1000)
  })
})
