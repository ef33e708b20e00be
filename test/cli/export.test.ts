import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeModel } from '../../src/artifact/index.js'
import { runCommandLine } from '../../src/cli/run.js'
import { exportModel } from '../../src/export/index.js'
import { exampleModel } from '../artifact/example.js'
import { linearExample, networkExample } from '../export/examples.js'
import { temporaryFolder } from '../model-use.js'
import { captureTerminal } from '../report/capture.js'
import { run } from './harness.js'

const path = temporaryFolder()
const model = path('m.safetensors')
writeFileSync(model, encodeModel(exampleModel()))

describe('millrace export', () => {
  it.each(['js', 'json'] as const)('writes %s to standard output', async (format) => {
    expect(await run('export', model, '--format', format)).toEqual({
      code: 0,
      out: exportModel(exampleModel(), { format }),
      err: '',
    })
  })

  it('writes a file, and says how large it is', async () => {
    const file = path('model.onnx')
    const { code, out, err } = await run('export', model, '--format', 'onnx', '-o', file)
    expect([code, out]).toEqual([0, ''])
    expect(err).toMatch(/model\.onnx: [\d.]+ kB\n$/)
    expect(Uint8Array.from(readFileSync(file))).toEqual(exportModel(exampleModel(), { format: 'onnx' }))
  })

  it('takes the format from the ending of the file', async () => {
    const file = path('as-named.json')
    expect((await run('export', model, '-o', file)).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toBe(exportModel(exampleModel(), { format: 'json' }))
  })

  it('names the table of a query', async () => {
    const simple = path('simple.safetensors')
    writeFileSync(simple, encodeModel(linearExample('squared', { dates: false, buckets: 'none' }, 1)))
    const { code, out } = await run('export', simple, '--format', 'sql', '--table', 'a b.c"d')
    expect(code).toBe(0)
    expect(out).toContain('FROM "a b"."c""d" AS t')
  })

  it.each([
    [
      ['--format', 'onx'],
      'error: --format: expected onnx, js, json, sql, got "onx"\n  hint: did you mean "onnx"?\n',
    ],
    [
      [],
      'error: --format: it must be given\n  hint: choose from onnx, js, json, sql, or end the name of the file with it: -o model.onnx\n',
    ],
    [
      ['--format', 'js', '--table', 'x'],
      'error: --table: it does not go together with format js\n  hint: leave table out\n',
    ],
  ])('ends with 2 for %j', async (args, err) => {
    expect(await run('export', model, ...args)).toEqual({ code: 2, out: '', err })
  })

  it('refuses to write bytes to a terminal', async () => {
    const terminal = captureTerminal({ isTTY: true })
    expect(await runCommandLine(['export', model, '--format', 'onnx'], terminal)).toBe(2)
    expect(terminal.outText()).toBe('')
    expect(terminal.errText()).toContain('hint: write a file: -o model.onnx\n')
  })

  it('says of a network that sql cannot hold it, and leaves the file that was there', async () => {
    const network = path('n.safetensors')
    writeFileSync(network, encodeModel(networkExample('logistic', { dates: false, buckets: 'none' }, 1)))
    writeFileSync(path('old.sql'), 'old')
    const { code, err } = await run('export', network, '--format', 'sql', '-o', path('old.sql'))
    expect([code, readFileSync(path('old.sql'), 'utf8')]).toEqual([2, 'old'])
    expect(err).toContain('sql is for linear models, and this is a network')
  })

  it('says where a file could not be written', async () => {
    const { code, err } = await run('export', model, '--format', 'json', '-o', path('none/m.json'))
    expect(code).toBe(1)
    expect(err).toContain('cannot write the exported model to')
    expect(err).toContain('hint: make the folder')
    expect(existsSync(path('none'))).toBe(false)
  })
})
