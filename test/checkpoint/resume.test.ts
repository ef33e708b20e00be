/**
 * Runs that are interrupted and gone on with. The oracle is the run of the same options that nothing interrupts: the same model
 * file, byte for byte, and the same losses, digit for digit.
 */
import { createReadStream, existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { encodeModel } from '../../src/artifact/index.js'
import { BlockParser } from '../../src/engine/parser.js'
import type { MillraceError } from '../../src/errors.js'
import type { CheckpointEvent, DoneEvent, StepEvent, TrainEvent } from '../../src/events.js'
import { optimizers } from '../../src/optimizer/index.js'
import type { TrainOptions } from '../../src/options.js'
import { train } from '../../src/train.js'
import { temporaryFolder } from '../train/files.js'
import { scenarios, type Scenario } from './scenarios.js'

const { folder, write } = temporaryFolder()
const all = scenarios(folder, 3000)
let folders = 0
const newFolder = (): string => join(folder, `checkpoints-${folders++}`)

interface Outcome {
  readonly events: readonly TrainEvent[]
  readonly error: unknown
}

/** Runs to its end, or until `abortAfter` steps have been seen. */
function run({ stdin }: Scenario, options: Partial<TrainOptions>, abortAfter = Infinity): Promise<Outcome> {
  const controller = new AbortController()
  const events: TrainEvent[] = []
  let steps = 0
  const source = stdin === undefined ? {} : { input: createReadStream(stdin) }
  return new Promise((resolve) => {
    const all = { ...options, ...source, signal: controller.signal } as TrainOptions
    train(all).subscribe({
      next(event) {
        // Its parameters are a view that the next step changes.
        events.push(event)
        if (event.type === 'step' && ++steps === abortAfter) controller.abort()
      },
      error: (error: unknown) => resolve({ events, error }),
      complete: () => resolve({ events, error: undefined }),
    })
  })
}

const ofType = <Type extends TrainEvent['type']>(
  { events }: Outcome,
  type: Type,
): Extract<TrainEvent, { type: Type }>[] =>
  events.filter((event): event is Extract<TrainEvent, { type: Type }> => event.type === type)

function modelOf(outcome: Outcome): Buffer {
  if (outcome.error !== undefined) throw outcome.error as Error
  return Buffer.from(encodeModel((outcome.events.at(-1) as DoneEvent).model))
}

const lossesOf = (outcomes: Outcome[]): Map<number, number> =>
  new Map(
    outcomes.flatMap((outcome) => ofType(outcome, 'step').map(({ step, loss }: StepEvent) => [step, loss])),
  )

const epochsOf = (outcomes: Outcome[]) =>
  outcomes.flatMap((outcome) =>
    ofType(outcome, 'epoch').map(({ epoch, loss, validation }) => [epoch, loss, validation]),
  )

describe.each(all)('a run that is interrupted: $name', (scenario) => {
  it('ends as one that is not, wherever that was, on other threads', async () => {
    const whole = await run(scenario, scenario.options)
    const steps = ofType(whole, 'step').length
    for (const share of [0.02, 0.45, 0.9]) {
      const at = Math.max(1, Math.floor(share * steps))
      const options = { ...scenario.options, checkpoint: newFolder(), resume: true }
      const first = await run(scenario, { ...options, workers: 1, placement: 'inline' }, at)
      expect((first.error as Error).name).toBe('AbortError')
      const [kept] = ofType(first, 'checkpoint').slice(-1) as [CheckpointEvent]
      expect(kept.step).toBeGreaterThanOrEqual(at)
      const second = await run(scenario, { ...options, workers: 3, placement: 'pool' })
      expect(ofType(second, 'start')[0]!.resumed).toEqual({
        path: kept.path,
        step: kept.step,
        epoch: kept.epoch,
      })
      expect(modelOf(second).equals(modelOf(whole))).toBe(true)
      expect(ofType(second, 'step')[0]?.step ?? steps + 1).toBe(kept.step + 1)
      expect(lossesOf([first, second])).toEqual(lossesOf([whole]))
      expect(epochsOf([first, second])).toEqual(epochsOf([whole]))
    }
  })
})

describe('checkpoints', () => {
  const [scenario] = all as [Scenario, ...Scenario[]]
  const { options } = scenario

  it('change nothing, come every so many steps, and the last two are kept', async () => {
    const checkpoint = newFolder()
    const without = await run(scenario, options)
    const kept = await run(scenario, { ...options, checkpoint, checkpointEvery: 20 })
    const steps = ofType(kept, 'step').length
    const regular = Array.from({ length: Math.floor(steps / 20) }, (_, i) => (i + 1) * 20)
    expect(ofType(kept, 'checkpoint').map(({ step }) => step)).toEqual([...regular, steps])
    expect(readdirSync(checkpoint)).toHaveLength(2)
    expect(modelOf(kept).equals(modelOf(without))).toBe(true)
  })

  it('come by time too', async () => {
    const kept = await run(scenario, { ...options, checkpoint: newFolder(), checkpointEvery: '0.001s' })
    expect(ofType(kept, 'checkpoint').length).toBeGreaterThan(1)
  })

  it('of a run that has ended give its model again, and make room for another run', async () => {
    const checkpoint = newFolder()
    const first = await run(scenario, { ...options, checkpoint, checkpointEvery: 50 })
    const again = await run(scenario, { ...options, checkpoint, resume: true })
    expect(ofType(again, 'step')).toEqual([])
    expect(modelOf(again).equals(modelOf(first))).toBe(true)
    const other = await run(scenario, { ...options, checkpoint, seed: 99, checkpointEvery: 5 }, 20)
    expect(ofType(other, 'checkpoint').length).toBeGreaterThan(0)
    expect(Math.max(...readdirSync(checkpoint).map((name) => Number(name.slice(11, 23))))).toBeLessThan(60)
  })

  it.each(Object.keys(optimizers).filter((name) => name !== 'ftrl'))(
    'hold the state of %s',
    async (optimizer) => {
      const few = {
        ...options,
        input: options.input.slice(0, 1),
        epochs: 2,
        optimizer,
        l2: 1e-3,
      } as TrainOptions
      const checkpoint = newFolder()
      const whole = await run(scenario, few)
      await run(scenario, { ...few, checkpoint }, 9)
      expect(modelOf(await run(scenario, { ...few, checkpoint, resume: true })).equals(modelOf(whole))).toBe(
        true,
      )
    },
  )

  it('are not needed to resume: where there are none the run begins anew, and says so', async () => {
    const outcome = await run(scenario, { ...options, checkpoint: newFolder(), resume: true })
    expect(ofType(outcome, 'warning')[0]!.message).toMatch(
      /^no checkpoint in ".*" to resume from: the run begins anew$/,
    )
    expect(modelOf(outcome).equals(modelOf(await run(scenario, options)))).toBe(true)
  })
})

describe('one pass over files', () => {
  const scenario = all.find(({ name }) => name.startsWith('one pass over files'))!
  const parse = vi.spyOn(BlockParser.prototype, 'parse')
  const blocksOf = async (options: Partial<TrainOptions>, abortAfter?: number): Promise<number> => {
    const before = parse.mock.calls.length
    await run(scenario, { ...scenario.options, ...options }, abortAfter)
    return parse.mock.calls.length - before
  }

  it('goes on where it was, and reads nothing before that again', async () => {
    const checkpoint = newFolder()
    const blocks = await blocksOf({ blockBytes: '4KiB' })
    const steps = ofType(await run(scenario, scenario.options), 'step').length
    await blocksOf({ blockBytes: '4KiB', checkpoint }, Math.floor(0.8 * steps))
    const rest = await blocksOf({ blockBytes: '4KiB', checkpoint, resume: true })
    // A fifth of the rows is left, and in every lane the block that was in use and one that was read ahead come again.
    expect(rest).toBeLessThan(0.6 * blocks)
  })

  it('is read again where its bad rows are counted against a limit', async () => {
    const limited = { maxBadRows: '10%', checkpoint: newFolder(), blockBytes: '4KiB' }
    const blocks = await blocksOf({ blockBytes: '4KiB' })
    await blocksOf(limited, 60)
    expect(await blocksOf({ ...limited, resume: true })).toBeGreaterThanOrEqual(blocks)
  })
})

describe('a damaged checkpoint', () => {
  const [scenario] = all as [Scenario, ...Scenario[]]

  it('is passed over for the one before, with a warning; where none is whole the run does not begin', async () => {
    const checkpoint = newFolder()
    const options = { ...scenario.options, checkpoint, checkpointEvery: 10 }
    const whole = await run(scenario, scenario.options)
    await run(scenario, options, 35)
    const [older, newer] = readdirSync(checkpoint).sort() as [string, string]
    const bytes = readFileSync(join(checkpoint, newer))
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(join(checkpoint, newer), bytes)
    const second = await run(scenario, { ...options, resume: true })
    expect(ofType(second, 'warning')[0]!.message).toContain(`${newer}" cannot be read: checksum: expected`)
    expect(ofType(second, 'start')[0]!.resumed!.path).toBe(join(checkpoint, older))
    expect(modelOf(second).equals(modelOf(whole))).toBe(true)

    for (const name of readdirSync(checkpoint)) writeFileSync(join(checkpoint, name), 'no checkpoint')
    const { error } = await run(scenario, { ...options, resume: true })
    expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID', kind: 'run' })
  })
})

describe('a run does not go on', () => {
  const [scenario] = all as [Scenario, ...Scenario[]]
  const input = write('own.csv', readFileSync(scenario.options.input[0]!))
  const options = { ...scenario.options, input: [input] }
  const refusal = async (
    changed: Partial<TrainOptions>,
    before: () => void = () => undefined,
  ): Promise<MillraceError> => {
    const checkpoint = newFolder()
    await run(scenario, { ...options, checkpoint }, 20)
    before()
    const { error } = await run(scenario, { ...options, checkpoint, resume: true, ...changed })
    return error as MillraceError
  }

  it.each<[Partial<TrainOptions>, string]>([
    [{ learningRate: 0.06 }, '"learningRate" was "0.05" and is "0.06"'],
    [{ epochs: 4 }, '"epochs" was "3" and is "4"'],
    [{ seed: 4 }, '"seed" was "3" and is "4"'],
    [{ l2: 0.5 }, '"l2" was "0" and is "0.5"'],
    [{ ignore: 'padding,kind' }, '"ignore" was'],
    [{ hidden: '4' }, '"hidden" was "null" and is "[4]"'],
    [{ validation: 0.1 }, '"validation" was "0" and is "0.1"'],
  ])('with other options: %j', async (changed, difference) => {
    const error = await refusal(changed)
    expect(error).toMatchObject({ code: 'RESUME_MISMATCH', kind: 'usage' })
    // The first difference is named; another option may follow from the one that was changed.
    expect(error.message).toMatch(/cannot go on from ".*": "/)
    if (Object.keys(changed)[0] !== 'hidden') expect(error.message).toContain(difference)
  })

  it('with another input', async () => {
    const bytes = readFileSync(input)
    const longer = await refusal({}, () => writeFileSync(input, Buffer.concat([bytes, bytes.subarray(-200)])))
    expect(longer.message).toMatch(/"own\.csv" had \d+ bytes and has \d+/)
    writeFileSync(input, bytes)
    const changed = Buffer.from(bytes)
    changed[changed.length >> 1] = 0x39
    const other = await refusal({}, () => writeFileSync(input, changed))
    expect(other.message).toMatch(/"own\.csv" (has another content|was written to since then)/)
    writeFileSync(input, bytes)
    const touched = await refusal({}, () => utimesSync(input, 1e9, 1e9))
    expect(touched.message).toContain('"own.csv" was written to since then')
    const more = await refusal({ input: [input, input] })
    expect(more.message).toContain('the input had 1 files and has 2')
  })

  it('on a stream that has other rows before the position', async () => {
    const stream = all.find(({ stdin }) => stdin !== undefined)!
    const checkpoint = newFolder()
    await run(stream, { ...stream.options, checkpoint }, 30)
    const text = readFileSync(stream.stdin!, 'utf8')
    // The sample, at the front, stays as it is.
    const at = text.indexOf('\n', text.length * 0.3)
    const end = text.indexOf('\n', at + 1)
    const fields = text.slice(at + 1, end).split(',')
    const other = write('other.csv', text)
    writeFileSync(other, text.slice(0, at + 1) + fields.with(3, '12.34').join(',') + text.slice(end))
    const outcome = await run({ ...stream, stdin: other }, { ...stream.options, checkpoint, resume: true })
    expect(outcome.error).toMatchObject({ code: 'RESUME_MISMATCH' })
    const shorter = write('shorter.csv', text.slice(0, end + 1))
    const short = await run({ ...stream, stdin: shorter }, { ...stream.options, checkpoint, resume: true })
    expect(short.error).toMatchObject({ code: 'RESUME_MISMATCH' })
  })

  it('without being asked to, where its checkpoints would be lost', async () => {
    const error = await refusal({ resume: false })
    expect(error).toMatchObject({ kind: 'usage', place: { option: 'checkpoint' } })
    expect(error.message).toMatch(/has a checkpoint of a run that has not ended \(step \d+\)/)
  })

  it('and needs a folder', async () => {
    const { error } = await run(scenario, { ...options, resume: true })
    expect(error).toMatchObject({ kind: 'usage', place: { option: 'resume' } })
    const file = write('a-file', '')
    const blocked = await run(scenario, { ...options, checkpoint: file })
    expect(blocked.error).toMatchObject({ code: 'CHECKPOINT_NOT_WRITTEN', kind: 'run' })
    expect(existsSync(join(folder, 'model.safetensors'))).toBe(false)
  })
})
