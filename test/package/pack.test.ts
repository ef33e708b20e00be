/** What `npm publish` would send, installed in an empty folder: the command, the library, its types, the page's entry, on each Node. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../dashboard/browser.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const MOST_BYTES = 3_000_000
/** The first is the one that runs the tests. */
const NODES = ['', 'node@22', 'node@24']

const run = promisify(execFile)
let folder: string
let packed: { unpackedSize: number; files: { path: string }[] }

const program = `import { fit, loadModel } from 'millrace'
import { loadModel as ofBytes } from 'millrace/predict'
import { readFileSync } from 'node:fs'

interface Point { x: number; y: number }
const rows: Point[] = Array.from({ length: 500 }, (_, i) => ({ x: i % 10, y: 3 * (i % 10) + 1 }))
const model = await fit({ input: rows, target: 'y', out: 'line.safetensors' })
const loaded = await loadModel<Pick<Point, 'x'>>('line.safetensors')
const anywhere = ofBytes<Pick<Point, 'x'>>(readFileSync('line.safetensors'))
const predictions: unknown[] = [model, loaded, anywhere].map((each) => each.predict({ x: 4 }).prediction)
// @ts-expect-error: z is no column of these rows
void (() => loaded.predict({ z: 1 }))
console.log(new Set(predictions).size, Math.round(Number(predictions[0])))
`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-package-'))
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const { stdout } = await run('npm', pack, { cwd: root, maxBuffer: 1 << 26 })
  const [first] = Object.values(JSON.parse(stdout) as Record<string, typeof packed & { filename: string }>)
  packed = first!
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${first!.filename}`]
  await run('npm', install, { cwd: folder })
  cpSync(join(root, 'data/penguins.csv'), join(folder, 'penguins.csv'))
  writeFileSync(join(folder, 'program.ts'), program)
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true }))

describe('the package', () => {
  it('is small, and has nothing that is not for its users', () => {
    expect(packed.unpackedSize).toBeLessThanOrEqual(MOST_BYTES)
    const paths = packed.files.map(({ path }) => path)
    expect(paths).toContain('dist/workers/kernel.wasm')
    expect(paths.filter((path) => /\.node$|^(src|test|bench|scripts)\/|\.map$/.test(path))).toEqual([])
  })

  it('installs without running anything', () => {
    const { scripts = {} } = JSON.parse(
      readFileSync(join(folder, 'node_modules/millrace/package.json'), 'utf8'),
    ) as { scripts?: Record<string, string> }
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([])
  })

  it.each(['node16', 'bundler'])(
    'has types for moduleResolution %s',
    async (moduleResolution) => {
      const module = moduleResolution === 'node16' ? 'node16' : 'esnext'
      const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
      const options = [
        '--strict',
        '--target',
        'es2022',
        '--module',
        module,
        '--moduleResolution',
        moduleResolution,
      ]
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const checks = [...options, ...types, '--outDir', moduleResolution, 'program.ts']
      await run(process.execPath, [tsc, ...checks], { cwd: folder }).catch((error: unknown) => {
        throw new Error((error as { stdout: string }).stdout)
      })
    },
    60_000,
  )

  it.each(NODES)(
    'runs on its own Node, or on %s',
    async (node) => {
      const [command, first] = node === '' ? [process.execPath, []] : ['npx', ['-y', node]]
      const own = join(folder, `of ${node}`)
      mkdirSync(own)
      const start = (...args: string[]) => run(command, [...first, ...args], { cwd: own })
      const millrace = join(folder, 'node_modules/millrace/dist/cli/main.js')
      const train = ['train', '../penguins.csv', '--target', 'Species', '--epochs', '5', '--quiet']
      await start(millrace, ...train, '-o', 'model.safetensors')
      const { stdout } = await start(millrace, 'predict', 'model.safetensors', '../penguins.csv')
      expect(stdout.trimEnd().split('\n')).toHaveLength(345)
      const printed = await start(join(folder, 'node16/program.js'))
      expect(printed.stdout).toBe('1 13\n')
    },
    180_000,
  )

  it('writes the same model on each of them', () => {
    const [first, ...others] = NODES.map((node) =>
      readFileSync(join(folder, `of ${node}`, 'model.safetensors')),
    )
    expect(others.map((bytes) => bytes.equals(first!))).toEqual(others.map(() => true))
  })

  it('predicts in a page', async () => {
    const files: Record<string, string> = {
      '/predict.js': join(folder, 'node_modules/millrace/dist/predict.js'),
      '/model': join(folder, 'of /model.safetensors'),
    }
    const server = createServer(({ url = '/' }, response) => {
      const type = url === '/predict.js' ? 'text/javascript' : 'text/html'
      const file = files[url]
      response.setHeader('Content-Type', type)
      response.end(file === undefined ? '<!doctype html><link rel="icon" href="data:,">' : readFileSync(file))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const browser = await launchBrowser()
    try {
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      const row = `{ Island: 'Biscoe', 'Beak Length (mm)': 46.1, 'Beak Depth (mm)': 13.2, 'Flipper Length (mm)': 211,
        'Body Mass (g)': 4500, Sex: null }`
      const prediction = await page.evaluate(`(async () => {
        const { loadModel } = await import('/predict.js')
        return loadModel(await (await fetch('/model')).arrayBuffer()).predict(${row}).prediction
      })()`)
      expect(prediction).toBe('Gentoo')
    } finally {
      await browser.close()
      server.close()
    }
  }, 60_000)
})
