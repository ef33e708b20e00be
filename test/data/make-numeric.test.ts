import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runScript, temporaryFolder } from './run-script.js'

const file = temporaryFolder()

function readRows(csv: string): string[][] {
  return csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
}

describe('make-numeric', () => {
  it('gives the same bytes for the same arguments, and others for another seed', async () => {
    await runScript('make-numeric.mjs', ['4000', '6', '4', file('a.csv')])
    await runScript('make-numeric.mjs', ['4000', '6', '4', file('b.csv')])
    await runScript('make-numeric.mjs', ['4000', '6', '4', file('c.csv'), '--seed', '2'])
    const first = readFileSync(file('a.csv'))
    expect(readFileSync(file('b.csv')).equals(first)).toBe(true)
    expect(readFileSync(file('c.csv')).equals(first)).toBe(false)
  })

  it('writes standard numbers with the wanted decimals', () => {
    const text = readFileSync(file('a.csv'), 'utf8')
    expect(text.slice(0, text.indexOf('\n'))).toBe('x1,x2,x3,x4,x5,x6,y')
    const rows = readRows(text)
    expect(rows).toHaveLength(4000)
    for (const row of rows) expect(row.join(',')).toMatch(/^(-?\d\.\d{4},){6}[01]$/)
    const numbers = rows.flatMap((row) => row.slice(0, 6).map(Number))
    const mean = numbers.reduce((sum, x) => sum + x) / numbers.length
    const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length
    // 24,000 draws: the mean has a deviation of 1/√24000 = 0.0065; the variance, for a sum of four uniforms with a
    // fourth moment of 3 − 1.2/4 = 2.7, one of √(1.7/24000) = 0.0084. Five deviations each.
    expect(Math.abs(mean)).toBeLessThan(0.033)
    expect(Math.abs(variance - 1)).toBeLessThan(0.042)
  })

  it('draws labels that follow the score', () => {
    // Oracle: the model, z = −0.5 + 2/√6 · (x1 − x2 + x3 − x4 + x5 − x6); E[(y − p)·z] = 0 only for the right p.
    // Measured with numpy on this file: −0.7 deviations; with z 20 % too large −5.7, with the wrong sign −41.
    const residuals = readRows(readFileSync(file('a.csv'), 'utf8')).map((row) => {
      const x = row.map(Number)
      const z = -0.5 + (2 / Math.sqrt(6)) * (x[0]! - x[1]! + x[2]! - x[3]! + x[4]! - x[5]!)
      return (x[6]! - 1 / (1 + Math.exp(-z))) * z
    })
    const sum = residuals.reduce((total, residual) => total + residual)
    const deviation = Math.sqrt(residuals.reduce((total, residual) => total + residual ** 2, 0))
    expect(Math.abs(sum)).toBeLessThan(5 * deviation)
  })

  it('writes long numbers with 19 digits and an exponent', async () => {
    await runScript('make-numeric.mjs', ['200', '3', 'long', file('long.csv')])
    for (const row of readRows(readFileSync(file('long.csv'), 'utf8'))) {
      expect(row.join(',')).toMatch(/^(-?\d\.\d{18}e[+-]\d{2},){3}[01]$/)
      for (const text of row) expect(Math.abs(Number(text))).toBeLessThan(3.48)
    }
  })

  it('streams at least the wanted bytes of whole rows, and stops after the row that reaches them', async () => {
    for (const bytes of [10, 100_000, 2_500_000]) {
      const { stdout } = await runScript('make-numeric.mjs', ['--stdout', '--bytes', String(bytes), '--columns', '3'])
      expect(stdout.length).toBeGreaterThanOrEqual(bytes)
      // The longest row, "-1.2345," three times and "1\n", has 26 bytes.
      expect(stdout.length).toBeLessThan(bytes + 26)
      expect(readRows(stdout).every((row) => row.length === 4)).toBe(true)
      expect(stdout.endsWith('\n')).toBe(true)
    }
  })

  it('ends with 2 and says what is wrong with an argument', async () => {
    await expect(runScript('make-numeric.mjs', ['many', '3', '4', file('d.csv')])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('got many') as string,
    })
  })
})
