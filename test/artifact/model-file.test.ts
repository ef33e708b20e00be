import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  checkModelPath,
  encodeModel,
  loadTrainedModel,
  replaceFile,
  saveModel,
} from '../../src/artifact/index.js'
import { MillraceError } from '../../src/errors.js'
import { exampleModel, largeModel } from './example.js'

let folder: string
let path: string

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'millrace-model-'))
  path = join(folder, 'model.safetensors')
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

async function errorOf(action: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(MillraceError)
  return error as MillraceError
}

describe('saveModel and loadTrainedModel', () => {
  it('give back the model, in a file of the bytes that encodeModel gives and no other file', async () => {
    await saveModel(path, exampleModel())
    expect(fs.readdirSync(folder)).toEqual(['model.safetensors'])
    expect(Buffer.compare(fs.readFileSync(path), encodeModel(exampleModel()))).toBe(0)
    expect(await loadTrainedModel(path)).toEqual(exampleModel())
  })

  it('replace the file that a link names, and keep its permissions', async () => {
    fs.writeFileSync(path, 'old')
    fs.chmodSync(path, 0o640)
    fs.symlinkSync('model.safetensors', join(folder, 'latest'))
    await saveModel(join(folder, 'latest'), exampleModel())
    expect(fs.readlinkSync(join(folder, 'latest'))).toBe('model.safetensors')
    expect(fs.statSync(path).mode & 0o777).toBe(0o640)
    expect(await loadTrainedModel(path)).toEqual(exampleModel())
  })
})

describe('saveModel', () => {
  const failing: [string, string, (folder: string) => string, RegExp, RegExp][] = [
    ['ENOENT', 'a folder that is missing', (at) => join(at, 'out', 'm'), /no such file/, /make the folder/],
    ['ENOTDIR', 'a folder that is a file', (at) => join(at, 'file', 'm'), /not a directory/, /not a folder/],
    ['EISDIR', 'a folder', (at) => at, /it is a folder/, /name a file in it/],
    ['ENOTREG', 'a device', () => '/dev/null', /not a regular file/, /device or a pipe/],
    ['ENAMETOOLONG', 'a long name', (at) => join(at, 'm'.repeat(300)), /name too long/, /shorter/],
  ]
  it.each(failing)(
    'fails with %s on %s, naming path, cause and a way out',
    async (code, _, at, cause, hint) => {
      fs.writeFileSync(join(folder, 'file'), 'old')
      const target = at(folder)
      // The check before training must say what the save would say after it.
      for (const action of [saveModel, checkModelPath]) {
        const error = await errorOf(action(target, exampleModel()))
        expect([error.code, error.kind]).toEqual(['MODEL_NOT_SAVED', 'run'])
        expect(error.message).toMatch(/^cannot write the model to "/)
        expect(error.message).toContain(target.slice(0, 20))
        expect(error.message).toMatch(cause)
        expect(error.hint).toMatch(hint)
        expect((error.cause as NodeJS.ErrnoException).code).toBe(code)
      }
      expect(fs.readdirSync(folder)).toEqual(['file'])
      expect(fs.readFileSync(join(folder, 'file'), 'utf8')).toBe('old')
      expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true)
    },
  )

  it.skipIf(process.getuid?.() === 0)('fails with EACCES where it may not write', async () => {
    fs.writeFileSync(path, 'old', { mode: 0o444 })
    expect((await errorOf(saveModel(path, exampleModel()))).message).toMatch(/permission denied/)
    fs.chmodSync(folder, 0o555)
    const error = await errorOf(saveModel(join(folder, 'new'), exampleModel()))
    fs.chmodSync(folder, 0o755)
    expect([error.message, error.hint]).toEqual([expect.stringMatching(/permission denied/), expect.stringMatching(/permissions/)]) // prettier-ignore
    expect(fs.readFileSync(path, 'utf8')).toBe('old')
  })

  it('leaves the old file and no other when the model is refused or the disk is full', async () => {
    await saveModel(path, exampleModel(1))
    const diverged = { ...exampleModel(2), bias: Float32Array.of(0, NaN, 0) }
    expect((await errorOf(saveModel(path, diverged))).code).toBe('MODEL_NOT_FINITE')
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    const failed = replaceFile(path, async (handle) => {
      await handle.write('half')
      throw full
    })
    await expect(failed).rejects.toBe(full)
    expect(fs.readdirSync(folder)).toEqual(['model.safetensors'])
    expect(await loadTrainedModel(path)).toEqual(exampleModel(1))
  })
})

describe('checkModelPath', () => {
  it('leaves nothing behind and the old file as it is', async () => {
    await checkModelPath(path)
    expect(fs.readdirSync(folder)).toEqual([])
    fs.writeFileSync(path, 'old')
    await checkModelPath(path)
    expect(fs.readFileSync(path, 'utf8')).toBe('old')
  })
})

describe('loadTrainedModel', () => {
  it.each([
    ['ENOENT', 'is missing', (at: string) => join(at, 'none'), /no such file/],
    ['EISDIR', 'is a folder', (at: string) => at, /it is a folder/],
    ['ENOTREG', 'is a device', () => '/dev/null', /not a regular file/],
  ])('fails with %s on a path that %s', async (code, _, at, cause) => {
    const error = await errorOf(loadTrainedModel(at(folder)))
    expect([error.code, error.message]).toEqual(['MODEL_NOT_READ', expect.stringMatching(cause)])
    expect((error.cause as NodeJS.ErrnoException).code).toBe(code)
  })

  it('refuses a large file that is no model without reading it', async () => {
    // 1 TB, of which only the first line is on the disk: reading it would fail for lack of memory.
    fs.writeFileSync(path, 'month,day,hour,late\n')
    fs.truncateSync(path, 2 ** 40)
    const error = await errorOf(loadTrainedModel(path))
    expect([error.code, error.message]).toEqual(['MODEL_INVALID', expect.stringMatching(/header length/)])
    expect(error.message).toContain(path)
  })
})

/** Starts save-until-killed.ts, waits until it is ready and `milliseconds` more, and kills it. */
async function killWhileSaving(mode: 'half' | 'loop', milliseconds: number): Promise<void> {
  const script = fileURLToPath(new URL('./save-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, path, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.on('exit', (_, signal) => resolve(signal)),
  )
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', () => reject(new Error('the process ended before it was ready')))
  })
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
}

describe('a process that is killed while it saves', () => {
  const [first, second] = [encodeModel(largeModel(1)), encodeModel(largeModel(2))]

  it('leaves the old model where half of the new one is written, and a file beside that can be removed', async () => {
    fs.writeFileSync(path, first)
    await killWhileSaving('half', 0)
    expect(Buffer.compare(fs.readFileSync(path), first)).toBe(0)
    const beside = fs.readdirSync(folder).filter((name) => name !== 'model.safetensors')
    expect(beside).toEqual([expect.stringMatching(/^\.model\.safetensors\.[0-9a-f]{12}\.partial$/)])
    // The kill did come in the middle of a write.
    expect(fs.statSync(join(folder, beside[0]!)).size).toBe(Math.floor(second.length / 2))
    await saveModel(path, exampleModel())
    expect(await loadTrainedModel(path)).toEqual(exampleModel())
  })

  const kills = process.env['MILLRACE_THOROUGH'] === '1' ? 60 : 3
  it(
    `leaves one of the two models, whole, after each of ${kills} kills at any instant`,
    { timeout: 120_000 },
    async () => {
      fs.writeFileSync(path, first)
      for (let i = 0; i < kills; i++) {
        // Steps of the golden ratio: the instants of the kills fall evenly over 0 … 40 ms.
        await killWhileSaving('loop', ((i * 0.6180339887) % 1) * 40)
        const found = fs.readFileSync(path)
        expect([first, second].map((bytes) => Buffer.compare(found, bytes))).toContain(0)
      }
    },
  )
})
