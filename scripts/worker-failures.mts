/**
 * One run in which workers fail a thousand times: they throw, end and hang at random (src/fail-points.ts). The model must be that
 * of a run without failures, byte for byte, and memory must stay where it was after the first hundred.
 *
 *     npm run build && npx tsx scripts/worker-failures.mts --count 1000
 *
 * Trains epoch after epoch until there have been as many, then once more for as many epochs without faults.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { encodeModel } from '../src/artifact/index.js'
import type { TrainOptions } from '../src/options.js'
import { train } from '../src/train.js'
import { scattered } from '../test/train/files.js'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    faults: {
      type: 'string',
      default:
        'before parse=throw@p0.04;after parse=exit@p0.04;before parse=hang@p0.001;before gradient=exit@p0.002',
    },
    hidden: { type: 'string' },
    epochs: { type: 'string', default: '40' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'millrace-failures-'))
const input = join(folder, 'rows.csv')
const rows = Array.from({ length: 100_000 }, (_, i) => {
  const value = Math.floor(scattered(i, 0.569840291) ** 2 * (i < 50_000 ? 4 : 400))
  return `${scattered(i).toFixed(4)},${scattered(i, 0.7548776662).toFixed(4)},v${value},${scattered(i) > 0.5 ? 'yes' : 'no'}\n`
})
writeFileSync(input, `a,b,c,y\n${rows.join('')}`)

const options: TrainOptions = {
  input,
  target: 'y',
  validation: 0.2,
  epochs: Number(values.epochs),
  // Small blocks, and a memory that holds few rows, so that later epochs read on the workers too.
  blockBytes: 1024,
  memory: '4MiB',
  batchSize: 500,
  workers: 2,
  placement: 'pool',
  seed: 3,
  ...(values.hidden === undefined ? {} : { hidden: values.hidden }),
}

const byKind = new Map<string, number>()
const memory: string[] = []
let failures = 0

async function modelOf(watched: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    train(options).subscribe({
      next(event) {
        if (watched && event.type === 'worker' && event.state === 'failed') count(event.message ?? '')
        if (event.type !== 'done') return
        resolve(createHash('sha256').update(encodeModel(event.model)).digest('hex'))
      },
      error: reject,
    })
  })
}

function count(how: string): void {
  const kind = how.replace(/[\d.]+ s/, 's').slice(0, 40)
  byKind.set(kind, (byKind.get(kind) ?? 0) + 1)
  failures++
  if (failures % 100 !== 0) return
  globalThis.gc?.()
  const status = readFileSync('/proc/self/status', 'utf8')
  const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1])
  memory.push(`${failures}: ${Math.round(field('VmRSS') / 1024)} MiB, ${field('Threads')} threads`)
  console.log(memory.at(-1))
}

const clean = await modelOf(false)
process.env['MILLRACE_FAIL'] = values.faults
process.env['MILLRACE_HANG_SECONDS'] = '0.3'
const started = performance.now()
const faulty = await modelOf(true)
const seconds = (performance.now() - started) / 1000
console.log(
  `${failures} failures in ${seconds.toFixed(0)} s: ${[...byKind].map(([kind, n]) => `${n} × ${kind}`).join('; ')}`,
)
console.log(faulty === clean ? 'same bits' : 'OTHER BITS')
rmSync(folder, { recursive: true, force: true })
process.exitCode = faulty === clean && failures >= Number(values.count) ? 0 : 1
