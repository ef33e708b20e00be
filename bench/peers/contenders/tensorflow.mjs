// TensorFlow.js: layers on the WebAssembly backend, which has one thread in Node, fed batch after batch by csv-parse; it cannot read a
// stream of more than it holds by itself. Categories are one-hot, by the values of the first rows.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { job, logLoss, rowsOf, SAMPLE_ROWS, say, Scaler } from './lines.mjs'

const require = createRequire(import.meta.url)
setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`)
await tf.setBackend('wasm')
await tf.ready()

let scaler, places, width, model

function start(first) {
  scaler = new Scaler(first)
  width = job.numbers.length
  places = job.categories.map((_, c) => {
    const values = new Set(first.map(({ categories }) => categories[c]))
    return new Map([...values].map((value) => [value, width++]))
  })
  model = sequential()
  const units = [...job.hidden, 1]
  units.forEach((count, i) => {
    const activation = i === units.length - 1 ? 'sigmoid' : 'relu'
    model.add(layers.dense({ units: count, activation, ...(i === 0 ? { inputShape: [width] } : {}) }))
  })
  model.compile({
    optimizer: tf.train.adam(job.hidden.length > 0 ? 0.002 : 0.01),
    loss: 'binaryCrossentropy',
  })
}

function tensors(rows) {
  const x = new Float32Array(rows.length * width)
  rows.forEach(({ numbers, categories }, r) => {
    x.set(scaler.scaled(numbers), r * width)
    categories.forEach((value, c) => {
      const place = places[c].get(value)
      if (place !== undefined) x[r * width + place] = 1
    })
  })
  return [
    tf.tensor2d(x, [rows.length, width]),
    tf.tensor2d(
      Float32Array.from(rows, ({ label }) => label),
      [rows.length, 1],
    ),
  ]
}

async function* batches(path, size) {
  let rows = []
  for await (const row of rowsOf(path)) {
    if (rows.push(row) < size) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}

async function learn(rows) {
  const [x, y] = tensors(rows)
  await model.trainOnBatch(x, y)
  tf.dispose([x, y])
}

let count = 0
for (let epoch = 0; epoch < job.epochs; epoch++) {
  for await (const rows of batches(
    job.train,
    Math.max(job.batchSize, model === undefined ? SAMPLE_ROWS : 0),
  )) {
    if (model === undefined) start(rows)
    for (let i = 0; i < rows.length; i += job.batchSize) await learn(rows.slice(i, i + job.batchSize))
    count += rows.length
  }
}
say({ trained: true, rows: count })
if (job.score) {
  let [sum, scored] = [0, 0]
  for await (const rows of batches(job.heldOut, 8192)) {
    const [x, y] = tensors(rows)
    const p = model.predict(x)
    const probabilities = await p.data()
    rows.forEach(({ label }, i) => (sum += logLoss(probabilities[i], label)))
    scored += rows.length
    tf.dispose([x, y, p])
  }
  say({ heldOutLoss: sum / scored, versions: { 'TensorFlow.js': tf.version_core } })
}
