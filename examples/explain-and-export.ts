// Why a prediction is what it is, and the same model as a JavaScript function that needs nothing.
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { exportModel, fit } from 'millrace'

const rows = Array.from({ length: 3000 }, (_, i) => {
  const row = { rooms: 1 + (i % 5), city: ['Bergen', 'Oslo', 'Tromsø'][(i >> 3) % 3]! }
  return { ...row, rent: 300 * row.rooms + (row.city === 'Oslo' ? 500 : 0) + 200 }
})
const model = await fit({ input: rows, target: 'rent', numeric: 'rooms', epochs: 30 })

const flat = { rooms: 5, city: 'Oslo' }
const { bias, contributions } = model.explain(flat)
console.log(
  Math.round(bias),
  Object.entries(contributions).map(([column, part]) => `${column} ${Math.round(part)}`),
)

writeFileSync('rent.mjs', exportModel(model, { format: 'js' }))
const { predict } = (await import(pathToFileURL('rent.mjs').href)) as {
  predict(row: object): { prediction: number }
}
console.log(Math.round(predict(flat).prediction), Math.round(model.predict(flat).prediction as number))

// Prints:
// 1298 [ 'rooms 599', 'city 302' ]
// 2198 2198
