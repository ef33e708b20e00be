/**
 * Trains on a file (argv: path, target, memory, epochs, folder of a kept cache or '') and prints, as JSON, the seconds of
 * each epoch as its events tell them, the rows of one, and the loss of the last.
 */
import { train } from '../../src/train.js'

const [path, target, memory, epochs, cache] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
]
const seconds: number[] = []
let last = 0
let rows = 0
let loss = 0
train({
  input: path,
  target,
  memory,
  epochs: Number(epochs),
  cache: cache === '' ? undefined : cache,
}).subscribe({
  next(event) {
    if (event.type === 'start') last = performance.now()
    if (event.type !== 'epoch') return
    const now = performance.now()
    seconds.push((now - last) / 1000)
    last = now
    rows = event.rows.read
    loss = event.loss
  },
  complete: () => process.stdout.write(JSON.stringify({ seconds, rows, loss })),
  error(error: unknown) {
    throw error
  },
})
