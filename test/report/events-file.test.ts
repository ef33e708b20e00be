/** Event files of runs that end, fail, are stopped and are gone on with. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MillraceError } from '../../src/errors.js'
import { eventRecord, type EventRecord, type StepRecord } from '../../src/report/event-record.js'
import { scenarios, type Scenario } from '../checkpoint/scenarios.js'
import { temporaryFolder } from '../train/files.js'
import { ofType, run } from './runs.js'

const { folder, write } = temporaryFolder()
const all = scenarios(folder, 3000)
const first = all[0] as Scenario
let paths = 0
const newPath = (): string => join(folder, `events-${paths++}`)

function linesOf(path: string): string[] {
  const text = readFileSync(path, 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  return text.slice(0, -1).split('\n')
}

const recordsOf = (path: string): EventRecord[] =>
  linesOf(path).map((line) => JSON.parse(line) as EventRecord)

function stepsOf(records: readonly EventRecord[]): StepRecord[] {
  return records.filter((record): record is StepRecord => record.type === 'step')
}

/** Without what depends on the clock and on how far ahead was read. */
const bare = (steps: readonly StepRecord[]) => steps.map(({ seconds: _, bytes: __, ...step }) => step)

describe('an event file', () => {
  it('has every event of a run in order, steps to nine digits', async () => {
    const events = newPath()
    const outcome = await run({ ...first.options, validation: 0.2, events })
    const records = recordsOf(events)
    expect(records.map(({ type }) => type)).toEqual(outcome.events.map(({ type }) => type))
    outcome.events.forEach((event, i) => {
      const record = eventRecord(event, undefined)
      if (event.type === 'step') {
        const written = records[i] as StepRecord
        expect(Object.keys(written)).toEqual(Object.keys(record))
        for (const [name, value] of Object.entries(record)) {
          // Nine digits: half a unit of the last is at most 5e-9 of the number.
          if (typeof value === 'number') {
            const off = Math.abs((written[name as keyof StepRecord] as number) - value)
            expect(off, name).toBeLessThanOrEqual(6e-9 * Math.abs(value))
          }
        }
      } else if (event.type !== 'start') {
        expect(records[i]).toEqual(JSON.parse(JSON.stringify(record)))
      }
    })
    expect(records[0]!.type).toBe('start')
    expect(records.at(-1)!.type).toBe('done')
  })

  it('has all of the first 4096 steps and then every second, every fourth …; a subscriber sees them all', async () => {
    const events = newPath()
    const outcome = await run({ ...first.options, batchSize: 1, epochs: 4, events })
    const steps = ofType(outcome, 'step').length
    expect(steps).toBeGreaterThan(8192)
    const wanted = Array.from({ length: steps }, (_, i) => i + 1).filter(
      (step) => step <= 4096 || (step <= 8192 ? step % 2 === 0 : step % 4 === 0),
    )
    expect(stepsOf(recordsOf(events)).map(({ step }) => step)).toEqual(wanted)
  })

  it('replaces what was there, and a run that never begins leaves only why', async () => {
    const events = write('old.ndjson', 'what was there before\n')
    const { error } = await run({ ...first.options, events, target: 'lates' })
    const { code } = error as MillraceError
    expect(recordsOf(events)).toMatchObject([{ type: 'failed', code }])
  })

  it('says last that a run was stopped', async () => {
    const events = newPath()
    await run({ ...first.options, events }, 10)
    const records = recordsOf(events)
    expect(stepsOf(records).at(-1)!.step).toBe(10)
    expect(records.at(-1)).toEqual({ type: 'interrupted' })
  })
})

describe.each(all)('the event file of a run that is gone on with: $name', (scenario) => {
  it('is that of a run that nothing interrupts: every step, epoch and validation once', async () => {
    const whole = newPath()
    const { stdin } = scenario
    const ended = await run({ ...scenario.options, events: whole }, Infinity, stdin)
    const steps = ofType(ended, 'step').length
    const events = newPath()
    const options = {
      ...scenario.options,
      events,
      checkpoint: newPath(),
      checkpointEvery: Math.ceil(steps / 7),
      resume: true,
    }
    for (const share of [0.3, 0.2, 0.3]) await run(options, Math.ceil(share * steps), stdin)
    const before = readFileSync(events)
    // A kill leaves half a line, and records that no checkpoint knows of.
    const torn = before.toString().replace(/\{"type":"interrupted"\}\n$/, '')
    writeFileSync(events, `${torn}${stepLine(steps + 5)}{"type":"step","st`)
    const { error } = await run(options, Infinity, stdin)
    expect(error).toBeUndefined()
    const [expected, records] = [recordsOf(whole), recordsOf(events)]
    expect(bare(stepsOf(records))).toEqual(bare(stepsOf(expected)))
    const others = (of: EventRecord[]) =>
      of
        .filter(({ type }) => ['epoch', 'validation'].includes(type))
        .map((record) => ({ ...record, seconds: 0 }))
    expect(others(records)).toEqual(others(expected))
    expect(records.filter(({ type }) => type === 'start')).toHaveLength(4)
    expect(records.filter(({ type }) => ['interrupted', 'failed', 'done'].includes(type))).toEqual([
      records.at(-1),
    ])
    expect(records.at(-1)!.type).toBe('done')
  })
})

const stepLine = (step: number): string => `${JSON.stringify({ type: 'step', step })}\n`

describe('the event file of a run that is to be gone on with', () => {
  it('stays as it was where the run does not begin, but for why', async () => {
    const events = newPath()
    const options = { ...first.options, events, checkpoint: newPath(), resume: true }
    await run(options, 40)
    const before = linesOf(events)
    truncateSync(events, readFileSync(events).length - 5)
    await run({ ...options, target: 'lates' })
    const after = linesOf(events)
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1))
    expect(JSON.parse(after.at(-1)!)).toMatchObject({ type: 'failed' })
    // And is gone on with after that.
    await run(options)
    const steps = stepsOf(recordsOf(events)).map(({ step }) => step)
    expect(steps).toEqual(steps.map((_, i) => i + 1))
    expect(steps.length).toBeGreaterThan(40)
  })
})

describe('the path of an event file', () => {
  const { input } = first.options

  it.each([
    ['an input', { events: input[1]! }],
    ['an input', { events: input[0]!.replace(/part-0/, './part-0') }],
    ['an input', { validation: [input[2]!], input: [input[0]!], events: input[2]! }],
    ['the model', { out: join(folder, 'm'), events: join(folder, 'm') }],
    [
      'the quarantine',
      { onBadRow: 'quarantine' as const, quarantine: join(folder, 'q'), events: join(folder, 'q') },
    ],
    ['the history', { history: join(folder, 'h'), events: join(folder, 'h') }],
  ])('is not that of %s', async (what, options) => {
    const { error, events } = await run({ ...first.options, ...options })
    expect(error).toMatchObject({ kind: 'usage', place: { option: 'events' } })
    expect((error as Error).message).toContain(`is also ${what}`)
    expect(events).toEqual([])
    expect(readFileSync(input[1]!, 'utf8')).toContain('site,user')
  })

  it.each([
    [join(folder, 'none', 'events'), /no such file or directory/, /make the folder .*none/],
    [folder, /illegal operation on a directory/, /folder/],
  ])('that nothing can be written to ends the run before it begins: %s', async (events, cause, hint) => {
    const outcome = await run({ ...first.options, events })
    expect(outcome.events).toEqual([])
    expect(outcome.error).toMatchObject({ code: 'EVENTS_NOT_WRITTEN', kind: 'run' })
    const { message, hint: given } = outcome.error as MillraceError
    expect(message).toMatch(cause)
    expect(message).toContain(events)
    expect(given).toMatch(hint)
  })
})
