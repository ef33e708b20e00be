/**
 * A program: trains on a file, one pass with default options, and prints where the time went: { seconds, workers, rows, times }.
 *
 *   times.js <file> <target>
 */
import { lastValueFrom, tap } from 'rxjs'
import { train } from '../../src/train.js'

const [file, target] = process.argv.slice(2)
let workers = 0
const events = train({ input: file!, target: target!, epochs: 1 }).pipe(
  tap((event) => {
    if (event.type === 'start') workers = event.workers
  }),
)
const done = await lastValueFrom(events)
if (done.type !== 'done') throw new Error(`the last event was ${done.type}`)
const { seconds, rows, times } = done
process.stdout.write(`${JSON.stringify({ seconds, workers, rows, times })}\n`)
