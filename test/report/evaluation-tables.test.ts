import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { evaluationTableLines } from '../../src/report/evaluation-tables.js'

const plainColors = pc.createColors(false)

const deciles = Array.from({ length: 10 }, (_, i) => ({
  rows: 1200,
  predicted: 0.9 - i / 12,
  observed: 0.8 - i / 15,
  lift: 1.6 - i / 10,
  captured: (i + 1) / 10,
}))

describe('tables of an evaluation', () => {
  it('are shown one below the other', () => {
    const tables = {
      confusion: {
        classes: ['no', 'yes'],
        counts: [
          [7000, 12],
          [900, 4088],
        ],
      },
      calibration: {
        error: 0.0123,
        bins: [
          { from: 0, to: 0.1, rows: 0, predicted: NaN, observed: NaN },
          { from: 0.1, to: 0.2, rows: 12000, predicted: 0.15, observed: 0.16 },
        ],
      },
      deciles: deciles.slice(0, 1),
    }
    expect(evaluationTableLines(tables, 80, plainColors)).toEqual([
      '',
      'confusion',
      '  is ↓, predicted →  no     yes',
      '  no                 7,000  12',
      '  yes                900    4,088',
      '',
      'calibration: expected error 0.0123',
      '  probability  predicted  observed  rows',
      '  0.1 … 0.2    0.1500     0.1600    12,000',
      '',
      'lift by decile: the rows of the largest predictions first',
      '  decile  predicted  observed  lift  captured  rows',
      '  1       0.9000     0.8000    1.60  10.0 %    1,200',
    ])
  })

  it('tell what is confused most where there are many classes', () => {
    const classes = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i))
    const counts = classes.map((_, label) =>
      classes.map((_, predicted) => (label === predicted ? 1000 : label * 26 + predicted)),
    )
    const lines = evaluationTableLines({ confusion: { classes, counts } }, 40, plainColors)
    expect(lines.slice(0, 4)).toEqual([
      '',
      'confusion: what is taken for something else most',
      '  rows  is  predicted',
      '  674   z   y',
    ])
    expect(lines.at(-1)).toBe('  … and 630 more pairs: --json has all')
  })

  it('fit a narrow terminal, and show names escaped', () => {
    const tables = {
      confusion: {
        classes: ['\u001b[31m', 'b'.repeat(100)],
        counts: [
          [1, 2],
          [3, 4],
        ],
      },
      deciles,
    }
    const lines = evaluationTableLines(tables, 40, plainColors)
    expect(
      Math.max(...lines.filter((line) => line.startsWith(' ')).map((line) => line.length)),
    ).toBeLessThanOrEqual(40)
    expect(lines.join('\n')).not.toContain('\u001b')
  })

  it('are none where there are none', () => {
    expect(evaluationTableLines({}, 80, plainColors)).toEqual([])
    expect(evaluationTableLines({ deciles: [] }, 80, plainColors)).toEqual([])
  })
})
