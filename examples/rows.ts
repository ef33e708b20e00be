// Rows from a program: no file, and the types of the rows are those of the predictions.
import { fit } from 'millrace'

interface Order {
  country: string
  items: number
  express: boolean
  days: number
}

async function* orders(): AsyncGenerator<Order> {
  for (let i = 0; i < 5000; i++) {
    const order = { country: ['DE', 'FR', 'JP'][i % 3]!, items: 1 + (i % 4), express: i % 5 === 0 }
    const far = order.country === 'JP' ? 6 : 2
    yield { ...order, days: (order.express ? far / 2 : far) + order.items * 0.25 }
  }
}

const model = await fit({ input: orders(), target: 'days', interactions: 'country:express' })
// A misspelt key or a number in the place of a text would not compile.
console.log(
  model.predict([
    { country: 'JP', items: 2, express: false },
    { country: 'JP', items: 2, express: true },
  ]),
)

// Prints:
// [
//   { prediction: 6.4978108406066895 },
//   { prediction: 3.498297691345215 }
// ]
