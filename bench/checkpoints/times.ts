/** A process that trains in turns with and without checkpoints: file, target, epochs, interval, pairs. Prints JSON. */
import { rmSync } from 'node:fs'
import { encodeModel } from '../../src/artifact/index.js'
import { fit } from '../../src/train.js'

const [input, target, epochs, checkpointEvery, pairs, folder] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
]

async function seconds(checkpoints: boolean): Promise<number> {
  rmSync(folder, { recursive: true, force: true })
  const kept = checkpoints ? { checkpoint: folder, checkpointEvery } : {}
  const started = performance.now()
  const model = Buffer.from(encodeModel(await fit({ input, target, epochs: Number(epochs), ...kept })))
  if (!model.equals((first ??= model))) throw new Error('checkpoints have changed the model')
  return (performance.now() - started) / 1000
}

let first: Buffer | undefined
await seconds(false)
const measured: { with: number; without: number }[] = []
for (let pair = 0; pair < Number(pairs); pair++) {
  const order = pair % 2 === 0 ? [true, false] : [false, true]
  const pairSeconds = new Map<boolean, number>()
  for (const checkpoints of order) pairSeconds.set(checkpoints, await seconds(checkpoints))
  measured.push({ with: pairSeconds.get(true)!, without: pairSeconds.get(false)! })
}
process.stdout.write(JSON.stringify(measured))
