/**
 * Paths and addresses in a file are text: none is opened. The oracle is a pipe without a writer, which whoever opens it
 * waits for without end, and a server that counts who comes.
 */
import { execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { scattered, temporaryFolder } from '../train/files.js'

const { folder, write } = temporaryFolder()
const millrace = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

let visits = 0
const server = createServer((_, response) => {
  visits++
  response.end('x\n1\n')
})
beforeAll(() => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)))
afterAll(() => {
  server.close()
})

/** The exit code; null where it has not ended in time. */
function codeOf(...args: string[]): Promise<number | null> {
  const child = spawn(process.execPath, [millrace, ...args], { cwd: folder, stdio: 'ignore' })
  const late = setTimeout(() => child.kill('SIGKILL'), 30_000)
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(late)
      resolve(code)
    })
  })
}

it('opens no path that a CSV, a model or a cache holds', { timeout: 120_000 }, async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.csv`
  const names = [pipe, pathToFileURL(pipe).href, address, 'pipe', '../pipe', '-']
  const rows = Array.from({ length: 300 }, (_, i) =>
    [
      names[i % 6]!,
      names[i % 4]!,
      scattered(i),
      i % 9,
      names[5 - (i % 5)]!,
      names[Math.floor(scattered(i) * 3)]!,
    ].join(),
  )
  const csv = write('rows.csv', `${[names.join(), ...rows].join('\n')}\n`)
  const model = join(folder, 'model.safetensors')
  const cache = join(folder, 'cache')
  const train = [
    'train',
    csv,
    '--target',
    '-',
    '--cache',
    cache,
    '--epochs',
    '2',
    '--workers',
    '1',
    '-o',
    model,
  ]
  expect(await codeOf(...train)).toBe(0)
  const [kept] = readdirSync(cache)
  expect(readFileSync(join(cache, kept!)).includes('millrace rows')).toBe(true)
  expect(readFileSync(model).includes(pipe)).toBe(true)
  // From the cache.
  expect(await codeOf(...train)).toBe(0)
  expect(await codeOf('inspect', model)).toBe(0)
  expect(await codeOf('inspect', csv)).toBe(0)
  expect(await codeOf('evaluate', model, csv)).toBe(0)
  expect(await codeOf('predict', model, csv, '-o', join(folder, 'out.csv'), '--keep', pipe)).toBe(0)
  expect(visits).toBe(0)
})
