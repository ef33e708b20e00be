// Rows from a web API, a page after the other: the next page is asked for when the model has used the one before.
import { createServer } from 'node:http'
import { fit } from 'millrace'

const PAGES = 20

// Stands for somebody else's service.
const server = createServer((request, response) => {
  const page = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('page'))
  const rows = Array.from({ length: 200 }, (_, i) => {
    const [hour, day] = [(page * 7 + i) % 24, i % 7]
    return { hour, day: `day ${day}`, busy: hour > 7 && hour < 19 && day < 5 ? 'yes' : 'no' }
  })
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(rows))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const address = server.address()
const port = typeof address === 'object' ? address?.port : undefined

interface Visit {
  hour: number
  day: string
  busy: string
}

async function* visits(): AsyncGenerator<Visit> {
  for (let page = 0; page < PAGES; page++) {
    const response = await fetch(`http://127.0.0.1:${port}/visits?page=${page}`)
    yield* (await response.json()) as Visit[]
  }
}

const model = await fit({ input: visits(), target: 'busy', categorical: 'hour' })
console.log(
  model.predict({ hour: 12, day: 'day 2' }).prediction,
  model.predict({ hour: 3, day: 'day 2' }).prediction,
)
server.close()

// Prints:
// yes no
