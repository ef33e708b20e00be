import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runError } from '../../src/errors.js'
import { endRecord, eventRecord, type EventRecord } from '../../src/report/event-record.js'
import { EventLines, readEvents } from '../../src/report/read-events.js'
import { temporaryFolder } from '../train/files.js'
import { everyEvent, stepEvent } from './events.js'

const { write, folder } = temporaryFolder()

const everyRecord: readonly EventRecord[] = [
  ...everyEvent.map((event) => eventRecord(event, 'flights.safetensors')),
  eventRecord(everyEvent.at(-1)!, undefined),
  endRecord(undefined),
  endRecord(runError('NO_ROWS', 'no rows', 'give some', { file: 'a.csv', line: 3 })),
]
const lineOf = (record: object): string => `${JSON.stringify(record)}\n`
const wholeText = everyRecord.map(lineOf).join('')

async function read(path: string): Promise<EventRecord[]> {
  const records: EventRecord[] = []
  for await (const record of readEvents(path)) records.push(record)
  return records
}

function readText(text: string): EventRecord[] {
  const lines = new EventLines('run.ndjson')
  return [...lines.add(Buffer.from(text)), ...lines.end()]
}

describe('readEvents', () => {
  it('gives what was written, of every type', async () => {
    // Oracle: JSON itself. Fields that are undefined are in no JSON.
    const expected = everyRecord.map((record) => JSON.parse(JSON.stringify(record)) as EventRecord)
    expect(await read(write('whole.ndjson', wholeText))).toEqual(expected)
    expect(new Set(expected.map(({ type }) => type)).size).toBe(15)
  })

  it('gives the same however the bytes are cut', () => {
    const bytes = Buffer.from(wholeText + lineOf({ type: 'warning', message: 'größer als 日本' }))
    const whole = readText(bytes.toString())
    expect(whole.at(-1)).toEqual({ type: 'warning', message: 'größer als 日本' })
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const ends = [...cuts.sort((a, b) => a - b), bytes.length]
        const lines = new EventLines('run.ndjson')
        const records = ends.flatMap((end, i) => [
          ...lines.add(Buffer.from(bytes.subarray(ends[i - 1] ?? 0, end))),
        ])
        expect([...records, ...lines.end()]).toEqual(whole)
      }),
    )
  })

  it('reads null as NaN', () => {
    const [record] = readText(
      lineOf({ ...eventRecord(stepEvent(), undefined), loss: NaN, gradientNorm: Infinity }),
    )
    expect(record).toMatchObject({ loss: NaN, gradientNorm: NaN, learningRate: 0.1 })
  })

  it('takes an empty file, empty lines, CRLF, and a last line without its break', () => {
    const stop = '{"type":"interrupted"}'
    expect(readText('')).toEqual([])
    expect(readText(`\n\r\n${stop}\r\n\n${stop}`)).toEqual([{ type: 'interrupted' }, { type: 'interrupted' }])
  })

  it('passes over a last line that a kill has cut off, wherever that was', () => {
    const last = lineOf(everyRecord[0]!)
    for (let length = 0; length < last.length - 1; length++) {
      expect(readText(lineOf(everyRecord[1]!) + last.slice(0, length))).toHaveLength(1)
    }
  })

  it('leaves out what it does not know: types and fields of a later version', () => {
    const text = lineOf({ type: 'weather', sun: true }) + lineOf({ type: 'interrupted', mood: 'calm' })
    expect(readText(text)).toEqual([{ type: 'interrupted' }])
    expect(readText(lineOf({ type: 'toString' }) + lineOf({ type: '__proto__' }))).toEqual([])
  })

  it('takes names that objects have of themselves', () => {
    const text =
      '{"type":"validation","epoch":1,"step":1,"rows":1,"seconds":1,"metrics":{"__proto__":1,"constructor":2,"loss":3},"toString":1}\n'
    const [record] = readText(text)
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype)
    const { metrics } = record as { metrics: Record<string, number> }
    expect(Object.entries(metrics)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['loss', 3],
    ])
  })

  it.each([
    ['hour,late', 'expected one JSON object on each line, got something else'],
    ['{"type":"step"', 'expected one JSON object on each line, got something else'],
    ['[]', 'no event record: expected an object, got []'],
    ['null', 'no event record: expected an object, got null'],
    ['{}', 'no event record: "type": expected a text, got nothing'],
    ['{"type":3}', 'no event record: "type": expected a text, got 3'],
    ['{"type":"warning"}', 'no event record: "message": expected a text, got nothing'],
    ['{"type":"pause","paused":1,"step":1}', 'no event record: "paused": expected true or false, got 1'],
    [
      '{"type":"weights","epoch":1,"step":1,"weights":[{"column":"a","weight":1},{"column":"b","weight":"\\u001b[2J"}]}',
      'no event record: "weights.1.weight": expected a number, got "\\u001b[2J"',
    ],
    [
      '{"type":"worker","worker":1,"state":"asleep"}',
      'no event record: "state": expected one of ready, failed, replaced, got "asleep"',
    ],
  ])('names the line of %s', async (line, message) => {
    const path = write('damaged.ndjson', `{"type":"interrupted"}\n\n${line}\n{"type":"interrupted"}\n`)
    await expect(read(path)).rejects.toMatchObject({
      code: 'EVENTS_INVALID',
      kind: 'run',
      message,
      place: { file: path, line: 3 },
    })
  })

  it('ends at a line without end', () => {
    const lines = new EventLines('run.ndjson')
    const piece = new Uint8Array(2 ** 20).fill(0x20)
    expect(() => {
      for (let i = 0; i < 100; i++) Array.from(lines.add(piece))
    }).toThrow('expected lines of at most 67108864 bytes, got a longer one')
  })

  it('says what is wrong with a path', async () => {
    await expect(read(`${folder}/none.ndjson`)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await expect(read(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })
})
