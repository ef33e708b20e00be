/** `train` as an Observable: cold, stoppable, and with nothing left behind. */
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lastValueFrom, take, toArray } from 'rxjs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { encodeModel } from '../../src/artifact/index.js'
import type { DoneEvent, TrainEvent } from '../../src/events.js'
import { fit, train } from '../../src/train.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

function csv(rows: number): string {
  const lines = ['x,y']
  for (let i = 0; i < rows; i++) lines.push(`${scattered(i).toFixed(4)},${'ab'[i % 2]}`)
  return lines.join('\n')
}

const input = write('rows.csv', csv(5000))
/** Thousands of steps: long enough to be stopped on the way. */
const long = { input, target: 'y', workers: 2, batchSize: 8, epochs: 1000, validation: 0.1 } as const
const short = { input, target: 'y', workers: 1, epochs: 1 } as const

/** Threads of this process that are running. */
function threads(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker').length
}

const before = threads()
const threadsFreed = () => vi.waitFor(() => expect(threads()).toBe(before), { timeout: 5000 })

afterEach(threadsFreed)

describe('a run', () => {
  it('begins at the subscription, not before', async () => {
    const path = join(folder, 'later.csv')
    const events = train({ ...short, input: path })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(threads()).toBe(before)
    // Were the file looked for before the subscription, it would not be found.
    writeFileSync(path, csv(10))
    expect((await lastValueFrom(events)).type).toBe('done')
  })

  it('is another one for each subscriber', async () => {
    const events = train(short)
    const [one, other] = await Promise.all([lastValueFrom(events), lastValueFrom(events)])
    const models = [one, other].map((event) => (event as DoneEvent).model)
    expect(models[0]).not.toBe(models[1])
    expect(encodeModel(models[0]!)).toEqual(encodeModel(models[1]!))
  })

  it('emits start, steps, an epoch for each pass, and done', async () => {
    const events = await lastValueFrom(train({ ...short, epochs: 2, batchSize: 1000 }).pipe(toArray()))
    // These come when there is something to tell, or now and then.
    const inBetween = new Set(['progress', 'worker', 'bottleneck', 'weights'])
    const kinds = events.map(({ type }) => type).filter((type) => !inBetween.has(type))
    const pass = [...Array<string>(5).fill('step'), 'epoch']
    expect(kinds).toEqual(['start', ...pass, ...pass, 'done'])
    const steps = events.filter((event) => event.type === 'step')
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(steps.map(({ rows }) => rows)).toEqual(
      [...[1, 2, 3, 4, 5], ...[1, 2, 3, 4, 5]].map((i) => i * 1000),
    )
  })

  it('has threads while it goes on, and none afterwards', async () => {
    let during = 0
    await lastValueFrom(train(long).pipe(take(50))).then(() => (during = threads()))
    // `take` unsubscribes within the 50th event; the threads end a little later, so some are still seen here.
    expect(during).toBeGreaterThan(before)
    await threadsFreed()
  })

  it.each([0, 1, 2, 3, 5, 10])('can be stopped while it is being opened, %i turns after', async (turns) => {
    const seen: TrainEvent[] = []
    const subscription = train(long).subscribe((event) => seen.push(event))
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    const seenBefore = seen.length
    subscription.unsubscribe()
    await threadsFreed()
    expect(seen).toHaveLength(seenBefore)
  })

  it('emits nothing after it has been stopped', async () => {
    let events = 0
    await new Promise<void>((resolve) => {
      const subscription = train({ ...long, placement: 'pool' }).subscribe(() => {
        events++
        if (events < 20) return
        subscription.unsubscribe()
        resolve()
      })
    })
    await threadsFreed()
    expect(events).toBe(20)
  })

  it('frees its threads when it fails', async () => {
    const bad = write('bad.csv', `${csv(3000)}\n1,a,b`)
    for (const shuffle of [true, false]) {
      await expect(fit({ ...short, input: bad, shuffle })).rejects.toMatchObject({ code: 'RAGGED_ROW' })
      await threadsFreed()
    }
    await expect(fit({ ...short, target: 'z' })).rejects.toMatchObject({
      code: 'UNKNOWN_COLUMN',
      kind: 'usage',
    })
    await expect(fit({ ...short, batchSize: 0 })).rejects.toMatchObject({ kind: 'usage' })
  })
})

describe('an AbortSignal', () => {
  it('stops a run with its reason', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    let steps = 0
    const end = new Promise((_resolve, reject) => {
      train({ ...long, signal: controller.signal }).subscribe({
        next(event) {
          if (event.type === 'step' && ++steps === 10) controller.abort(reason)
        },
        error: reject,
      })
    })
    await expect(end).rejects.toBe(reason)
    expect(steps).toBe(10)
  })

  it('stops a run while it is being opened', async () => {
    const controller = new AbortController()
    const end = fit({ ...long, signal: controller.signal })
    controller.abort(new Error('no'))
    await expect(end).rejects.toThrow('no')
  })

  it('that was aborted already starts nothing', async () => {
    const end = fit({ ...long, signal: AbortSignal.abort(new Error('never')) })
    expect(threads()).toBe(before)
    await expect(end).rejects.toThrow('never')
  })
})

describe('fit', () => {
  it('resolves to the model, saved where it was asked for', async () => {
    const out = join(folder, 'model.safetensors')
    const model = await fit({ ...short, out })
    expect(model.provenance.rows.read).toBe(5000)
    expect(existsSync(out)).toBe(true)
  })
})

describe('a process', () => {
  const trainFile = fileURLToPath(new URL('../../dist/src/train.js', import.meta.url))

  /** Runs a script that has `train` and `options`; resolves when its process has ended by itself. */
  function runScript(
    script: string,
    stdin: 'ignore' | 'pipe' = 'ignore',
  ): Promise<{ code: number | null; text: string }> {
    const source = `import { train } from ${JSON.stringify(trainFile)}\nconst options = ${JSON.stringify(long)}\n${script}`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: [stdin, 'pipe', 'pipe'],
    })
    let text = ''
    const listen = (chunk: Buffer) => (text += chunk.toString())
    child.stdout!.on('data', listen)
    child.stderr!.on('data', listen)
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        child.kill('SIGKILL')
        reject(new Error(`the process did not end by itself: ${text}`))
      }, 10_000)
      child.on('exit', (code) => {
        clearTimeout(late)
        resolve({ code, text })
      })
    })
  }

  it('ends loudly where a subscriber throws and nobody catches it, with the error and its place', async () => {
    const script = `train({ ...options, epochs: 2 }).subscribe((event) => { if (event.type === 'epoch') throw new Error('cannot draw') })`
    const { code, text } = await runScript(script)
    expect(code).toBe(1)
    expect(text).toContain('Error: cannot draw')
  })

  it('goes on where a subscriber throws and the process catches it', async () => {
    const script = `process.on('uncaughtException', ({ message }) => console.log('told:', message))
train({ ...options, epochs: 2 }).subscribe((event) => {
  if (event.type === 'epoch') throw new Error('cannot draw ' + event.epoch)
  if (event.type === 'done') console.log('done')
})`
    const { code, text } = await runScript(script)
    expect({ code, lines: text.trim().split('\n').sort() }).toEqual({
      code: 0,
      lines: ['done', 'told: cannot draw 1', 'told: cannot draw 2'],
    })
  })

  it('ends by itself after an unsubscription', async () => {
    const script = `let n = 0
const s = train(options).subscribe(() => { if (++n === 30) { s.unsubscribe(); console.log('stopped') } })`
    expect(await runScript(script)).toEqual({ code: 0, text: 'stopped\n' })
  })

  it('ends by itself where a run is stopped that waits for its standard input', async () => {
    const script = `const s = train({ ...options, epochs: 1, input: '-' }).subscribe()
setTimeout(() => s.unsubscribe(), 100)`
    expect(await runScript(script, 'pipe')).toEqual({ code: 0, text: '' })
  })

  it('hears of an error in a subscriber, and the run goes on', async () => {
    const script = `process.on('uncaughtException', (error) => console.log('heard', error.message))
let n = 0
train({ ...options, epochs: 1, batchSize: 1000 }).subscribe((event) => {
  if (++n === 2) throw new Error('from the subscriber')
  if (event.type === 'done') console.log('done')
})`
    const { code, text } = await runScript(script)
    expect(code).toBe(0)
    expect(
      text
        .split('\n')
        .filter((line) => line !== '')
        .sort(),
    ).toEqual(['done', 'heard from the subscriber'])
  })
})
