/** A process that trains in turns with and without watchers: file, target, batch size, pairs, folder. Prints JSON. */
import { lastValueFrom } from 'rxjs'
import { encodeModel } from '../../src/artifact/index.js'
import type { DoneEvent } from '../../src/events.js'
import { train } from '../../src/train.js'
import { allSinks, watchedRun } from './all-watchers.js'

export interface Times {
  readonly seconds: number
  readonly cpuSeconds: number
}

export interface Pair {
  readonly with: Times
  readonly without: Times
}

const [input, target, batchSize, pairs, folder] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
]

/** The file is read so often in a pass: what watchers cost once a run, 5 ms, is not what is asked. */
const FILES = 4

async function times(isWatched: boolean): Promise<Times> {
  const options = { input: Array<string>(FILES).fill(input), target, batchSize: Number(batchSize), epochs: 1 }
  const watchers = isWatched ? allSinks(folder) : {}
  const before = process.cpuUsage()
  const started = performance.now()
  const done = await lastValueFrom(isWatched ? watchedRun(options, watchers) : train(options))
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(before)
  const model = Buffer.from(encodeModel((done as DoneEvent).model))
  if (!model.equals((first ??= model))) throw new Error('watchers have changed the model')
  return { seconds, cpuSeconds: (user + system) / 1e6 }
}

let first: Buffer | undefined
await times(true)
await times(false)
const measured: Pair[] = []
for (let pair = 0; pair < Number(pairs); pair++) {
  const found = new Map<boolean, Times>()
  for (const isWatched of pair % 2 === 0 ? [true, false] : [false, true]) {
    found.set(isWatched, await times(isWatched))
  }
  measured.push({ with: found.get(true)!, without: found.get(false)! })
}
process.stdout.write(JSON.stringify(measured))
