/** `millrace/predict` as it is published: small, alone, for any host of JavaScript. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type * as Portable from '../../src/portable/index.js'

const bundle = readFileSync(fileURLToPath(new URL('../../dist/predict.js', import.meta.url)), 'utf8')
const models = fileURLToPath(new URL('../golden/format-1/', import.meta.url))

describe('the bundle', () => {
  it('takes at most 12 kB, minified and gzipped', () => {
    expect(gzipSync(bundle, { level: 9 }).length).toBeLessThanOrEqual(12_000)
  })

  it('predicts where there is nothing but ECMAScript and the encodings', () => {
    const script = bundle.replace(/export\s*\{(.*)\};?\s*$/s, (_, names: string) => {
      return `({${names.replaceAll(/([\w$]+) as ([\w$]+)/g, '$2: $1')}})`
    })
    expect(script).not.toMatch(/\b(import|export|require|process|Buffer)\b/)
    const context = createContext({ TextDecoder, TextEncoder })
    const { loadModel } = runInContext(script, context) as typeof Portable
    const model = loadModel(new Uint8Array(readFileSync(`${models}network-numbers.model`)))
    expect(model.predict({ hour: 8, long: 'No', origin: 'SJU' })).toEqual(
      model.predict([{ hour: '8', long: false, origin: 'SJU' }])[0],
    )
  })
})
