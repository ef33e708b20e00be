/**
 * A program: the parse kernel and nothing else, on several threads at once. Each has its part of the file in memory before the
 * clock starts, and makes encoded rows of it, a block at a time. Prints { seconds, rows, bytes } of the median pass: what
 * `train` would take if reading, learning and starting cost nothing.
 *
 *   parse-ceiling.js <file of numbers> [threads] [most bytes a thread]
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { millraceKernel } from '../parse/millrace.js'
import type { Sample } from '../parse/shapes.js'

/** Several times what the caches hold. */
const MOST_BYTES = 256 << 20
const PASSES = 5
const MOST_HEADER = 64 << 10
const LINE_FEED = 10

interface Part {
  readonly file: string
  readonly header: number
  readonly from: number
  readonly to: number
}

interface Pass {
  readonly rows: number
  readonly bytes: number
}

function read(file: string, from: number, to: number): Buffer {
  const descriptor = openSync(file, 'r')
  const bytes = Buffer.alloc(to - from)
  const length = readSync(descriptor, bytes, 0, bytes.length, from)
  closeSync(descriptor)
  return bytes.subarray(0, length)
}

function sizeOf(file: string): number {
  const descriptor = openSync(file, 'r')
  const { size } = fstatSync(descriptor)
  closeSync(descriptor)
  return size
}

/** The header and the whole lines of a part. */
function sampleOf({ file, header, from, to }: Part): Sample {
  const bytes = read(file, from, to)
  const first = from === header ? 0 : bytes.indexOf(LINE_FEED) + 1
  const head = read(file, 0, header)
  return {
    name: file,
    bytes: Buffer.concat([head, bytes.subarray(first, bytes.lastIndexOf(LINE_FEED) + 1)]),
    headerBytes: header,
    columns: head
      .toString('latin1')
      .split(',')
      .map(() => 'number' as const),
    lineBreak: '\n',
  }
}

async function measure(file: string, threads: number, mostBytes: number): Promise<void> {
  const header = read(file, 0, MOST_HEADER).indexOf(LINE_FEED) + 1
  const share = Math.min(Math.floor((sizeOf(file) - header) / threads), mostBytes)
  const workers = Array.from({ length: threads }, (_, i) => {
    const part: Part = { file, header, from: header + i * share, to: header + (i + 1) * share }
    return new Worker(new URL(import.meta.url), { workerData: part })
  })
  const answers = (): Promise<Pass[]> =>
    Promise.all(workers.map((worker) => new Promise<Pass>((resolve) => void worker.once('message', resolve))))
  await answers()
  const passes: { seconds: number; rows: number; bytes: number }[] = []
  for (let pass = 0; pass < PASSES; pass++) {
    const started = performance.now()
    for (const worker of workers) worker.postMessage('parse')
    const done = await answers()
    const seconds = (performance.now() - started) / 1000
    const sum = (of: (pass: Pass) => number): number => done.reduce((total, each) => total + of(each), 0)
    passes.push({ seconds, rows: sum(({ rows }) => rows), bytes: sum(({ bytes }) => bytes) })
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
  passes.sort((a, b) => a.seconds - b.seconds)
  process.stdout.write(`${JSON.stringify(passes[PASSES >> 1])}\n`)
}

if (isMainThread) {
  const [file = '', threads = '2', mostBytes = `${MOST_BYTES}`] = process.argv.slice(2)
  await measure(file, Number(threads), Number(mostBytes))
} else {
  const sample = sampleOf(workerData as Part)
  const { parse } = millraceKernel.open(sample)
  const bytes = sample.bytes.length
  parentPort!.on('message', () => {
    void Promise.resolve(parse()).then((rows) => parentPort!.postMessage({ rows, bytes }))
  })
  parentPort!.postMessage({ rows: 0, bytes: 0 })
}
