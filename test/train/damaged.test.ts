/**
 * P3 on files damaged at random, for every policy. Oracles: the reference reader counts the records, the damaged file
 * itself holds what is in the quarantine.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/errors.js'
import type { DoneEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { readRecords } from '../../src/schema/reference-records.js'
import { train } from '../../src/train.js'
import { damage } from '../fuzz/damage.js'
import { Draw } from '../fuzz/draw.js'
import { readCsv } from '../model-use.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const quarantine = join(folder, 'bad.csv')
const runs = process.env.MILLRACE_THOROUGH === undefined ? 40 : 1500
const HEADER = 'x,c,y\n'
const DIALECT = { delimiter: 44, quote: 34, comment: 0 }

/** Texts with all that quotes allow, numbers, two classes; then a few damages behind the header. */
function damagedFile(seed: number, rows: number, damages: number): Buffer {
  const draw = new Draw(seed)
  const texts = ['plain', '"a, b"', '"two\nlines"', '"say ""no"""', '', 'é']
  const lines = Array.from(
    { length: rows },
    (_, i) => `${(scattered(i) * 9).toFixed(3)},${draw.of(texts)},${i % 2 === 0 ? 'yes' : 'no'}`,
  )
  const body = Buffer.from(`${lines.join(draw.of(['\n', '\r\n']))}\n`)
  return Buffer.concat([Buffer.from(HEADER), damage(body, draw, damages, [',', '"', '\n'])])
}

function countRecords(bytes: Buffer): number {
  const body = bytes.subarray(HEADER.length)
  return [...readRecords({ bytes: body, dialect: DIALECT, final: true })].length
}

async function runOn(input: string, options: Partial<TrainOptions>): Promise<DoneEvent | MillraceError> {
  const given = { input, target: 'y', numeric: 'x', delimiter: ',', workers: 1, quarantine, ...options }
  try {
    return (await lastValueFrom(train(given))) as DoneEvent
  } catch (error) {
    // A fault of the program's own is no error of the user's.
    if (error instanceof MillraceError) return error
    throw error
  }
}

/** What is in the quarantine is in the file, around the byte that is named, on the line that is named. */
async function checkQuarantine(bytes: Buffer, skipped: number): Promise<void> {
  const found = await readCsv(readFileSync(quarantine, 'latin1'))
  expect(found).toHaveLength(skipped)
  const text = bytes.toString('latin1')
  const seen = new Set<string>()
  for (const { byte, line, record, reason } of found) {
    const at = Number(byte)
    const start = text.lastIndexOf(record!, at)
    expect(start >= 0 && at <= start + record!.length, `${record} at ${byte}`).toBe(true)
    const before = text.slice(0, reason === 'RAGGED_ROW' ? start : at)
    expect(Number(line)).toBe(before.split('\n').length)
    seen.add(byte!)
  }
  expect(seen.size).toBe(skipped)
}

describe('a damaged file', () => {
  const cases = fc.record({
    seed: fc.nat(),
    rows: fc.integer({ min: 20, max: 600 }),
    damages: fc.integer({ min: 0, max: 6 }),
    onBadRow: fc.constantFrom('fail', 'skip', 'quarantine', 'quarantine'),
    lanes: fc.constantFrom(1, 5, undefined),
    shuffle: fc.boolean(),
    validation: fc.constantFrom(0, 0.3),
    epochs: fc.constantFrom(1, 2),
  } as const)

  it('ends in an error that says what to do, or every record is trained on, held out or skipped', async () => {
    let finished = 0
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, rows, damages, shuffle, lanes, ...options }) => {
        const bytes = damagedFile(seed, rows, damages)
        const input = write('damaged.csv', bytes)
        const order = shuffle ? { lanes } : { shuffle }
        const end = await runOn(input, { ...order, ...options })
        if (end instanceof MillraceError) {
          expect([end.message, end.hint]).not.toContain('')
          return
        }
        finished++
        const { read, trained, validation, skipped } = end.rows
        expect(read).toBe(trained + validation + skipped)
        expect(read).toBe(countRecords(bytes))
        expect(Object.values(end.badRows).reduce((sum, count) => sum + count, 0)).toBe(skipped)
        if (options.onBadRow === 'fail') expect(skipped).toBe(0)
        if (options.onBadRow === 'quarantine') await checkQuarantine(bytes, skipped)
      }),
      { numRuns: runs },
    )
    // Most of them do.
    expect(finished).toBeGreaterThan(runs / 3)
  }, 600_000)
})
