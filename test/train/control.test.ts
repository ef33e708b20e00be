/** A run that is told to stand still, to go on, to write a checkpoint, to stop. The oracle is the run that is left alone. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import { encodeModel } from '../../src/artifact/index.js'
import type { TrainEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { RunControl } from '../../src/run/run-control.js'
import { train } from '../../src/train.js'
import { cornersCsv, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const input = write('rows.csv', cornersCsv(3000))
const usual = { input, target: 'late', workers: 2, epochs: 2, batchSize: 100, validation: 0.1 } as const
let folders = 0
const newFolder = (): string => join(folder, `checkpoints-${folders++}`)

interface Watched {
  readonly events: TrainEvent[]
  readonly ended: Promise<unknown>
}

/** Runs, and calls `seen` with each event. Resolves to undefined at the end, or to the error. */
function watch(options: TrainOptions, seen: (event: TrainEvent) => void): Watched {
  const events: TrainEvent[] = []
  const ended = new Promise((resolve) => {
    train(options).subscribe({
      next(event) {
        events.push(event)
        seen(event)
      },
      error: resolve,
      complete: () => resolve(undefined),
    })
  })
  return { events, ended }
}

function modelOf(events: readonly TrainEvent[]): Buffer {
  const done = events.at(-1)
  if (done?.type !== 'done') throw new Error('no model')
  return Buffer.from(encodeModel(done.model))
}

const lossesOf = (events: readonly TrainEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'step' ? [event.loss] : []))
const types = (events: readonly TrainEvent[]): string[] => events.map(({ type }) => type)
const turns = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

const alone = await lastValueFrom(train(usual).pipe(toArray()))

describe.each(['inline', 'pool'] as const)('a run whose gradients are computed %s', (placement) => {
  it('stands still after a step, and goes on to the same bits', async () => {
    const control = new RunControl()
    const { events, ended } = watch({ ...usual, placement, control }, (event) => {
      if (event.type === 'step' && event.step === 7) control.pause()
    })
    await vi.waitFor(() => expect(types(events).at(-1)).toBe('pause'))
    const seen = events.length
    // Long enough for thousands of steps, were there any.
    await turns(100)
    expect(events).toHaveLength(seen)
    expect(control.isPaused).toBe(true)
    control.resume()
    expect(await ended).toBeUndefined()
    expect(events.filter(({ type }) => type === 'pause')).toEqual([
      { type: 'pause', paused: true, step: 7 },
      { type: 'pause', paused: false, step: 7 },
    ])
    expect(lossesOf(events)).toEqual(lossesOf(alone))
    expect(modelOf(events)).toEqual(modelOf(alone))
  })

  it('writes a checkpoint when it is asked for, also while it stands still; nothing of it changes the model', async () => {
    const control = new RunControl()
    const checkpoint = newFolder()
    const options = { ...usual, placement, control, checkpoint, checkpointEvery: '1h' }
    const { events, ended } = watch(options, (event) => {
      if (event.type !== 'step') return
      if (event.step === 3) control.checkpoint()
      if (event.step === 9) control.pause()
    })
    await vi.waitFor(() => expect(types(events).at(-1)).toBe('pause'))
    control.checkpoint()
    await vi.waitFor(() => expect(types(events).at(-1)).toBe('checkpoint'))
    const written = events.flatMap((event) => (event.type === 'checkpoint' ? [event] : []))
    expect(written.map(({ step }) => step)).toEqual([3, 9])
    for (const { path } of written) expect(existsSync(path)).toBe(true)
    control.resume()
    await ended
    expect(modelOf(events)).toEqual(modelOf(alone))
  })

  it.each(['after a step', 'while it stands still'])(
    'stops %s with a checkpoint to go on from',
    async (when) => {
      const control = new RunControl()
      const checkpoint = newFolder()
      const options = { ...usual, placement, checkpoint, checkpointEvery: '1h' }
      const first = watch({ ...options, control }, (event) => {
        if (event.type !== 'step' || event.step !== 30) return
        if (when === 'after a step') control.stop()
        else control.pause()
      })
      if (when !== 'after a step') {
        await vi.waitFor(() => expect(types(first.events).at(-1)).toBe('pause'))
        control.stop()
      }
      expect(await first.ended).toBe(control.signal.reason)
      const written = first.events.filter(({ type }) => type === 'checkpoint')
      expect(written).toMatchObject([{ step: 30 }])
      const { events, ended } = watch({ ...options, resume: true }, () => undefined)
      await ended
      expect(lossesOf([...first.events, ...events])).toEqual(lossesOf(alone))
      expect(modelOf(events)).toEqual(modelOf(alone))
    },
  )
})

describe('a run', () => {
  it('without a folder for checkpoints stops at once, and is not held up by the wish for one', async () => {
    const control = new RunControl()
    const { events, ended } = watch({ ...usual, control }, (event) => {
      if (event.type !== 'step') return
      if (event.step === 3) control.checkpoint()
      if (event.step === 8) control.stop()
    })
    expect(await ended).toBe(control.signal.reason)
    expect(types(events).at(-1)).toBe('step')
    expect(types(events)).not.toContain('checkpoint')
  })

  it('that is paused before it begins stands still after its first step', async () => {
    const control = new RunControl()
    control.pause()
    const { events, ended } = watch({ ...usual, control }, () => undefined)
    await vi.waitFor(() => expect(types(events).at(-1)).toBe('pause'))
    expect(lossesOf(events)).toHaveLength(1)
    control.resume()
    await ended
    expect(modelOf(events)).toEqual(modelOf(alone))
  })

  it('stops by its own signal while it stands still', async () => {
    const control = new RunControl()
    const controller = new AbortController()
    const { events, ended } = watch({ ...usual, control, signal: controller.signal }, (event) => {
      if (event.type === 'step' && event.step === 2) control.pause()
    })
    await vi.waitFor(() => expect(types(events).at(-1)).toBe('pause'))
    controller.abort()
    expect(await ended).toBe(controller.signal.reason)
  })
})
