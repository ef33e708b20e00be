/**
 * One model, one prediction, wherever it is used: `millrace predict`, the library, `millrace/predict` in Node and in a real
 * browser give the same bits for 10,000 real rows, and ONNX Runtime the same numbers but for the order in which they are added.
 */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as Portable from '../../src/portable/index.js'
import { fit, loadModel, predict, type Prediction } from '../../src/index.js'
import { launchBrowser } from '../dashboard/browser.js'
import { readCsv, temporaryFolder } from '../model-use.js'
import { expectAgreement } from '../export/agreement.js'
import { runOnnx } from '../export/formats.js'
import { cases } from './cases.js'
import { csvOf, fieldsOf, realFlights, type Fields } from './real-rows.js'

const ROWS = 10_000
const path = temporaryFolder()
const bundle = fileURLToPath(new URL('../../dist/predict.js', import.meta.url))

let rows: Fields[]
let browser: Browser
let page: Page
let server: Server
/** The model that the page is to load. */
let model: string

beforeAll(async () => {
  const training = await realFlights(ROWS, 0)
  writeFileSync(path('training.csv'), csvOf(training.map((flight, i) => fieldsOf(flight, i, false))))
  const flights = await realFlights(ROWS, ROWS)
  rows = flights.map((flight, i) => fieldsOf(flight, i, true))
  writeFileSync(path('rows.csv'), csvOf(rows))
  browser = await launchBrowser()
  page = await (await browser.newContext({ locale: 'en-US' })).newPage()
  await page.goto(await serve({ '/rows': () => JSON.stringify(rows), '/model': () => readFileSync(model) }))
}, 120_000)

afterAll(async () => {
  await browser?.close()
  server?.close()
})

describe.each(cases)('$name', ({ name, options }) => {
  it('predicts the same everywhere', async () => {
    model = path(`${name}.safetensors`)
    await fit({ ...options, input: path('training.csv'), out: model, workers: 2 })
    const out = path(`${name}.csv`)
    await predict({ model, input: path('rows.csv'), out, workers: 2 })
    const expected = (await readCsv(readFileSync(out, 'utf8'))).map(numbersOfRecord)
    expect(expected).toHaveLength(ROWS)

    const library = (await loadModel(model)).predict(rows).map(numbersOf)
    expect(differences(library, expected)).toEqual([])

    const anywhere = (await import(pathToFileURL(bundle).href)) as typeof Portable
    const inNode = anywhere.loadModel(readFileSync(model)).predict(rows).map(numbersOf)
    expect(differences(inNode, expected)).toEqual([])

    const inBrowser = (await predictInBrowser()).map(numbersOf)
    expect(differences(inBrowser, expected)).toEqual([])

    await expectAgreement(await loadModel(model), rows, runOnnx)
  }, 60_000)
})

/** What a page does; a text, because vitest would make its own of the import. */
const script = `
  const { loadModel } = await import('/predict.js')
  const rows = await (await fetch('/rows')).json()
  return loadModel(await (await fetch('/model')).arrayBuffer()).predict(rows)`

function predictInBrowser(): Promise<Prediction[]> {
  return page.evaluate(`(async () => {${script}})()`)
}

/** Serves an empty page, the bundle, and these; returns its address. */
async function serve(files: Readonly<Record<string, () => string | Buffer>>): Promise<string> {
  server = createServer(({ url = '/' }, response) => {
    const isScript = url === '/predict.js'
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    response.end(
      isScript ? readFileSync(bundle) : (files[url]?.() ?? '<!doctype html><link rel="icon" href="data:,">'),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** The prediction and the numbers beside it, in the order of the classes. */
type Numbers = readonly (string | number)[]

/** Texts of f32 are the shortest that read back to it. */
function numbersOfRecord(record: Record<string, string>): Numbers {
  return Object.values(record).map((text) => (/^[-+.\d]/.test(text) ? Math.fround(Number(text)) : text))
}

function numbersOf({ prediction, probabilities = {}, score }: Prediction): Numbers {
  return [prediction, ...Object.values(probabilities), ...(score === undefined ? [] : [score])]
}

/** The first few rows whose predictions are not the same to the bit. */
function differences(found: readonly Numbers[], expected: readonly Numbers[]): unknown[] {
  return expected
    .map((numbers, row) => ({ row, expected: numbers, found: found[row]! }))
    .filter(({ expected, found }) => !expected.every((number, i) => Object.is(number, found[i])))
    .slice(0, 3)
}
