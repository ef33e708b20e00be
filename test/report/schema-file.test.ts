/** The published JSON Schema of event files: every type of record, samples of each, and the files of whole runs. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { badRowCodes } from '../../src/bad-row-codes.js'
import { runError } from '../../src/errors.js'
import type { BottleneckLimit } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { endRecord, eventRecord, type EventRecord } from '../../src/report/event-record.js'
import { scenarios } from '../checkpoint/scenarios.js'
import { temporaryFolder } from '../train/files.js'
import { everyEvent } from './events.js'
import { run } from './runs.js'

interface Definition {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Definition>>
  readonly const?: unknown
  readonly enum?: readonly unknown[]
}

const path = new URL('../../docs/events.schema.json', import.meta.url)
const schema = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly oneOf: readonly { $ref: string }[]
  readonly $defs: Readonly<Record<string, Definition>>
}
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })
ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)))
ajv.addSchema(schema)

/** What is wrong with a record, by the definition of its type. */
function faultsOf(record: unknown): unknown {
  const type = (record as { type?: string } | null)?.type ?? 'none'
  const check = ajv.getSchema(`urn:millrace:events#/$defs/${type}`)
  if (check === undefined) return `no definition of ${type}`
  return check(record) === true ? undefined : check.errors
}

const plain = (record: object): EventRecord => JSON.parse(JSON.stringify(record)) as EventRecord

const samples: readonly EventRecord[] = [
  ...everyEvent.map((event) => plain(eventRecord(event, 'flights.safetensors'))),
  plain(endRecord(runError('NO_ROWS', 'no rows', 'give some', { file: 'a.csv', line: 3 }))),
  plain(endRecord(new Error('a fault'))),
  plain(endRecord(undefined)),
]

/** The compiler sees to it that a new type of record stands here; the tests below, that it has a definition and a sample. */
const types: Readonly<Record<EventRecord['type'], true>> = {
  start: true,
  step: true,
  progress: true,
  validation: true,
  epoch: true,
  weights: true,
  checkpoint: true,
  'bad-row': true,
  worker: true,
  bottleneck: true,
  pause: true,
  warning: true,
  done: true,
  failed: true,
  interrupted: true,
}
const names = Object.keys(types).sort()
const limits: Readonly<Record<BottleneckLimit, true>> = {
  source: true,
  read: true,
  parse: true,
  gradient: true,
  average: true,
  update: true,
  step: true,
  validation: true,
  control: true,
}

describe('docs/events.schema.json', () => {
  it('defines every type of record, and no other', () => {
    expect(schema.oneOf.map(({ $ref }) => $ref.replace('#/$defs/', '')).sort()).toEqual(names)
    for (const name of names) expect(schema.$defs[name]!.properties!['type']!.const).toBe(name)
    expect([...new Set(samples.map(({ type }) => type))].sort()).toEqual(names)
  })

  it.each(names)('takes samples of %s, and one of them alone', (name) => {
    const whole = ajv.getSchema('urn:millrace:events')!
    for (const record of samples.filter(({ type }) => type === name)) {
      expect(faultsOf(record)).toBeUndefined()
      // Exactly one definition: it is a oneOf.
      expect(whole(record), JSON.stringify(whole.errors)).toBe(true)
    }
  })

  it.each(names)('refuses %s with a field that it has not, or without its type', (name) => {
    const record = samples.find(({ type }) => type === name)!
    expect(faultsOf({ ...record, loose: 1 })).toBeDefined()
    const whole = ajv.getSchema('urn:millrace:events')!
    expect(whole({ ...record, type: 'stop' })).toBe(false)
  })

  it.each(names)('refuses %s without any field that is required', (name) => {
    const record = samples.find(({ type }) => type === name)!
    const { required } = schema.$defs[name] as { required: string[] }
    for (const field of required.filter((field) => field !== 'type')) {
      const rest = Object.fromEntries(Object.entries(record).filter(([key]) => key !== field))
      expect(faultsOf(rest), field).toBeDefined()
    }
  })

  it('says what every field of a record is', () => {
    for (const name of names) {
      const { description, properties } = schema.$defs[name]!
      expect(description).toMatch(/\.$/)
      for (const [field, given] of Object.entries(properties!)) {
        const told = given.description ?? (given as { $ref?: string }).$ref ?? given.const ?? given.enum
        expect(field === 'paused' || told, `${name}.${field}`).toBeTruthy()
      }
    }
  })

  it('knows what limits a run', () => {
    const { limit } = schema.$defs['bottleneck']!.properties!
    expect([...limit!.enum!].sort()).toEqual(Object.keys(limits).sort())
  })

  it('knows the reasons for which rows are bad', () => {
    expect([...schema.$defs['reason']!.enum!].sort()).toEqual([...new Set(Object.values(badRowCodes))].sort())
  })
})

const { folder, write } = temporaryFolder()
const all = scenarios(folder, 1500)
const scenarioOf = (name: string): Partial<TrainOptions> =>
  all.find((scenario) => scenario.name.startsWith(name))!.options

let files = 0
const newPath = (): string => join(folder, `events-${files++}`)

describe('the event file of a run', () => {
  const broken = write('broken.csv', `x,late\n1,yes\n2,no\n3,yes\nmany,no\n${'4,yes\n5,no\n'.repeat(50)}`)
  const linear = scenarioOf('several files')
  it.each<[string, Partial<TrainOptions>, EventRecord['type'], number?]>([
    ['linear', { ...linear, validation: 0.2 }, 'done'],
    ['of a network', { ...scenarioOf('a network'), out: newPath() }, 'done'],
    ['of classes', scenarioOf('classes'), 'done'],
    ['of a number', { ...scenarioOf('a number'), dates: 'z' }, 'done'],
    ['with bad rows', scenarioOf('one pass over files'), 'done'],
    ['with a quarantine and a validation file', scenarioOf('quarantine'), 'done'],
    ['with patience', scenarioOf('early stopping'), 'done'],
    ['with interactions', { ...linear, interactions: 'site:x,site:user', maxBadRows: undefined }, 'done'],
    ['with checkpoints', { ...linear, checkpoint: newPath(), checkpointEvery: 7 }, 'done'],
    ['that fails', { input: broken, target: 'late', numeric: 'x' }, 'failed'],
    ['that never begins', { ...linear, target: 'latest' }, 'failed'],
    ['that is stopped', { ...linear, checkpoint: newPath() }, 'interrupted', 20],
  ])('%s is as the schema says', async (_what, options, last, abortAfter) => {
    const events = newPath()
    await run({ ...options, events }, abortAfter)
    const records = readFileSync(events, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EventRecord)
    for (const record of records) expect(faultsOf(record), JSON.stringify(record)).toBeUndefined()
    expect(records.at(-1)!.type).toBe(last)
  })
})
