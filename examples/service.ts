// In a service: training stops with an AbortSignal, and the threads and files are given back.
import { fit, MillraceError } from 'millrace'

const shutdown = new AbortController()
// In a real service: process.once('SIGTERM', () => shutdown.abort())
setTimeout(() => shutdown.abort(), 300)

async function* endlessRows() {
  for (let i = 0; ; i++) yield { x: i % 100, y: (i % 100) * 3 }
}

try {
  await fit({ input: endlessRows(), target: 'y', signal: shutdown.signal })
} catch (error) {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error
  console.log('stopped')
}

// What is wrong with the input is an error with a code, a place and a hint, for a log or for a person.
try {
  await fit({
    input: [
      { x: 1, y: 'a lot' },
      { x: 'two', y: 3 },
    ],
    target: 'y',
    numeric: ['x', 'y'],
  })
} catch (error) {
  if (!(error instanceof MillraceError)) throw error
  console.log(error.code, error.message)
}

// Prints:
// stopped
// NOT_A_NUMBER expected a number, found "two"
