// What a linear model cannot learn and a network can: whether a point is inside a ring.
import { fit } from 'millrace'

const rows = Array.from({ length: 20_000 }, (_, i) => {
  const [x, y] = [((i * 37) % 200) / 100 - 1, ((i * 91) % 211) / 105 - 1]
  const radius = Math.hypot(x, y)
  return { x, y, inside: radius > 0.4 && radius < 0.8 ? 'yes' : 'no' }
})
const common = { input: rows, target: 'inside', numeric: ['x', 'y'], epochs: 10 } as const
const linear = await fit(common)
const network = await fit({ ...common, hidden: [32, 16] })

for (const [name, model] of Object.entries({ linear, network })) {
  const right = model.predict(rows).filter(({ prediction }, i) => prediction === rows[i]!.inside)
  console.log(`${name}: ${((100 * right.length) / rows.length).toFixed(1)} % right`)
}

// Prints:
// linear: 62.5 % right
// network: 96.1 % right
