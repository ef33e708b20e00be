/**
 * A program: the parse kernel and nothing else, on as many threads as asked for at once. Each has its part of the file in memory
 * before the clock starts, in the shape of bench/parse/shapes.ts's Sample, and makes encoded rows of it. Prints { seconds, rows,
 * bytes }: bytes / seconds is what `train` could reach if reading, learning and starting cost nothing.
 *
 *   parse-ceiling.js <file> [threads] [most bytes a thread]
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { millraceKernel } from '../parse/millrace.js'
import type { Sample } from '../parse/shapes.js'

/** Several times what the caches hold. */
const MOST_BYTES = 256 << 20
const RUNS = 5

interface Part {
  readonly file: string
  readonly from: number
  readonly to: number
}

function headerOf(file: string): Buffer {
  const start = Buffer.alloc(64 << 10)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, start, 0, start.length, 0)
  closeSync(descriptor)
  return start.subarray(0, start.indexOf(10) + 1)
}

/** The header and whole lines of a part; all columns are numbers, as in question (a). */
function sampleOf({ file, from, to }: Part): Sample {
  const header = headerOf(file)
  const bytes = Buffer.alloc(to - from)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, bytes, 0, bytes.length, from)
  closeSync(descriptor)
  const body = bytes.subarray(from === header.length ? 0 : bytes.indexOf(10) + 1, bytes.lastIndexOf(10) + 1)
  const columns = header.toString('latin1').split(',').map(() => 'number' as const)
  return { name: file, bytes: Buffer.concat([header, body]), headerBytes: header.length, columns, lineBreak: '\n' }
}

if (isMainThread) {
  const [file = '', threads = '2', most = String(MOST_BYTES)] = process.argv.slice(2)
  const header = headerOf(file).length
  const descriptor = openSync(file, 'r')
  const size = fstatSync(descriptor).size
  closeSync(descriptor)
  const share = Math.min(Math.floor((size - header) / Number(threads)), Number(most))
  const workers = Array.from({ length: Number(threads) }, (_, i) => {
    const part: Part = { file, from: header + i * share, to: header + (i + 1) * share }
    return new Worker(new URL(import.meta.url), { workerData: part })
  })
  const answers = (): Promise<Answer[]> =>
    Promise.all(workers.map((worker) => new Promise<Answer>((resolve) => worker.once('message', resolve))))
  await answers()
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now()
    for (const worker of workers) worker.postMessage('parse')
    const done = await answers()
    const seconds = (performance.now() - started) / 1000
    const sum = (of: (answer: Answer) => number) => done.reduce((total, answer) => total + of(answer), 0)
    process.stdout.write(`${JSON.stringify({ seconds, rows: sum(({ rows }) => rows), bytes: sum(({ bytes }) => bytes), MBs: sum(({ bytes }) => bytes)/seconds/1e6 })}\n`)
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
} else {
  const sample = sampleOf(workerData as Part)
  const { parse } = millraceKernel.open(sample)
  parentPort!.on('message', () => {
    void Promise.resolve(parse()).then((rows) => parentPort!.postMessage({ rows, bytes: sample.bytes.length }))
  })
  parentPort!.postMessage({ rows: 0, bytes: 0 })
}

interface Answer {
  readonly rows: number
  readonly bytes: number
}
