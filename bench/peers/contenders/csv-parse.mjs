// What people write by hand: csv-parse, and a loop over its rows. Adagrad, a row a step, one weight for each value of a category.
import { job, logLoss, rowsOf, SAMPLE_ROWS, say, Scaler } from './lines.mjs'

const RATE = 0.05
const weights = new Float64Array(job.numbers.length)
const squares = new Float64Array(job.numbers.length)
const values = job.categories.map(() => new Map())
let bias = 0
let biasSquare = 0
let scaler

function predict(row) {
  row.x ??= scaler.scaled(row.numbers)
  let z = bias
  for (let i = 0; i < row.x.length; i++) z += weights[i] * row.x[i]
  for (let c = 0; c < values.length; c++) z += values[c].get(row.categories[c])?.weight ?? 0
  return 1 / (1 + Math.exp(-z))
}

const change = (gradient, square) => (RATE * gradient) / (Math.sqrt(square) + 1e-8)

function learn(row) {
  const gradient = predict(row) - row.label
  for (let i = 0; i < row.x.length; i++) {
    const g = gradient * row.x[i]
    squares[i] += g * g
    weights[i] -= change(g, squares[i])
  }
  for (let c = 0; c < values.length; c++) {
    let value = values[c].get(row.categories[c])
    if (value === undefined) values[c].set(row.categories[c], (value = { weight: 0, square: 0 }))
    value.square += gradient * gradient
    value.weight -= change(gradient, value.square)
  }
  biasSquare += gradient * gradient
  bias -= change(gradient, biasSquare)
}

let rows = 0
for (let epoch = 0; epoch < job.epochs; epoch++) {
  const first = []
  for await (const row of rowsOf(job.train)) {
    rows++
    if (scaler !== undefined) learn(row)
    else if (first.push(row) === SAMPLE_ROWS) {
      scaler = new Scaler(first)
      first.splice(0).forEach(learn)
    }
  }
  if (first.length > 0) {
    scaler = new Scaler(first)
    first.forEach(learn)
  }
}
say({ trained: true, rows })
if (job.score) {
  let [sum, count] = [0, 0]
  for await (const row of rowsOf(job.heldOut)) {
    sum += logLoss(predict(row), row.label)
    count++
  }
  say({ heldOutLoss: sum / count, versions: { 'csv-parse': '7.0.3' } })
}
