import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { cutLanes, laneBytes, rotateLane, type FileRows, type LaneRange } from '../../src/flow/file-lanes.js'
import { setColumns, writeContext } from '../../src/schema/parse-context.js'
import { BorderFinder } from '../../src/source/borders.js'
import { closeFiles, oneAfterTheOther, openFile } from '../../src/source/files.js'
import { temporaryFolder } from '../train/files.js'
import { commas } from '../dialect.js'

const { write } = temporaryFolder()

const memory = new SharedMemory(compileKernel())
const dialect = { ...commas, header: false }
const context = writeContext(memory, dialect)
setColumns(memory, context, 2)
const borders = new BorderFinder(memory, 1)

/** Files of these records; the oracle of a border is the end of a record that the test itself wrote. */
function open(records: readonly (readonly string[])[]) {
  const paths = records.map((lines, i) => write(`lanes-${i}.csv`, lines.join('')))
  const files = oneAfterTheOther(paths.map(openFile))
  const rows: FileRows[] = files.map((file) => ({ file, start: 0, columns: { names: ['x', 'y'], context } }))
  const recordStarts = records.map((lines) => {
    let at = 0
    return new Set([0, ...lines.map((line) => (at += Buffer.byteLength(line)))])
  })
  return { files, rows, recordStarts }
}

/** Every byte of every file once, each stretch from a record's start to a record's start. */
function expectWhole(lanes: readonly LaneRange[], { files, recordStarts }: ReturnType<typeof open>): void {
  for (const [i, file] of files.entries()) {
    const stretches = lanes.flat().filter((stretch) => stretch.file === file)
    stretches.sort((a, b) => a.start - b.start)
    let at = 0
    for (const { start, end } of stretches) {
      expect(start).toBe(at)
      expect(end).toBeGreaterThan(start)
      expect(recordStarts[i]!.has(end)).toBe(true)
      at = end
    }
    expect(at).toBe(file.size)
  }
}

const field = fc.constantFrom(
  '1',
  '22.5',
  '',
  'text',
  '"a,b"',
  '"two\nlines"',
  '"a ""q"""',
  '"x\r\n\r\ny,z\n"',
)
const record = fc
  .tuple(field, fc.constantFrom('1', '"k\n"', '333'), fc.constantFrom('\n', '\r\n'))
  .map(([a, b, end]) => `${a},${b}${end}`)

describe('lanes', () => {
  it('cover every byte of random files once, and so do turned lanes', () => {
    const inputs = fc.array(fc.array(record, { maxLength: 60 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 40 }), fc.nat(), (records, count, seed) => {
        const input = open(records)
        const lanes = cutLanes(input.rows, count, borders)
        expect(lanes.length).toBeLessThanOrEqual(count)
        expectWhole(lanes, input)
        const turned = lanes.map((range, lane) => rotateLane(range, borders, seed, 1, lane))
        expectWhole(turned, input)
        expect(turned.map(laneBytes)).toEqual(lanes.map(laneBytes))
        closeFiles(input.files)
      }),
      { numRuns: 60 },
    )
  })

  it('of a large file are nearly equal in bytes, and turn to where the seed says', () => {
    // Beyond 1 MiB borders are guessed. Every tenth record has a quoted line break.
    const records = Array.from({ length: 90_000 }, (_, i) =>
      i % 10 === 0 ? `"a\n${i}",2\n` : `${i},text ${i}\n`,
    )
    const input = open([records])
    expect(input.files[0]!.size).toBeGreaterThan(1 << 20)
    const lanes = cutLanes(input.rows, 64, borders)
    expect(lanes).toHaveLength(64)
    expectWhole(lanes, input)
    const fair = input.files[0]!.size / 64
    // A border moves by less than a record, at either end.
    for (const lane of lanes) expect(Math.abs(laneBytes(lane) - fair)).toBeLessThan(40)
    const phases = (seed: number, epoch: number) =>
      lanes.map((range, i) => rotateLane(range, borders, seed, epoch, i)[0]!.start)
    expect(phases(1, 1)).toEqual(phases(1, 1))
    expect(phases(1, 1)).not.toEqual(phases(2, 1))
    expect(phases(1, 1)).not.toEqual(phases(1, 2))
    closeFiles(input.files)
  })

  it('are read through where quoted text looks just like rows', () => {
    // Inside the quotes lie whole records of two fields: whether a window starts inside or outside cannot be told.
    const records = Array.from({ length: 3000 }, (_, i) => `"${'1,2\n'.repeat(100)}",${i}\n`)
    const input = open([records])
    expectWhole(cutLanes(input.rows, 8, borders), input)
    closeFiles(input.files)
  })

  it('of several files are shared out by size', () => {
    const input = open([
      Array.from({ length: 300 }, () => '1,2\n'),
      ['1,2\n'],
      Array.from({ length: 100 }, () => '3,4\n'),
    ])
    const lanes = cutLanes(input.rows, 4, borders)
    const ofFile = (i: number) =>
      lanes.filter((range) => range.some(({ file }) => file === input.files[i])).length
    expect([lanes.length, ofFile(0), ofFile(2)]).toEqual([4, 3, 1])
    closeFiles(input.files)
  })

  it('of nothing are none', () => {
    const input = open([[]])
    expect(cutLanes(input.rows, 4, borders)).toEqual([])
    closeFiles(input.files)
  })
})
