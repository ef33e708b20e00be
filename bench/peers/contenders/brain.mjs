// brain.js: all rows in memory, in its own network, on one thread.
import brain from 'brain.js'
import { job, logLoss, rowsOf, SAMPLE_ROWS, say, Scaler } from './lines.mjs'

const rows = []
for await (const row of rowsOf(job.train)) rows.push(row)
const scaler = new Scaler(rows.slice(0, SAMPLE_ROWS))
const network = new brain.NeuralNetwork({ hiddenLayers: job.hidden, activation: 'sigmoid' })
network.train(
  rows.map(({ numbers, label }) => ({ input: scaler.scaled(numbers), output: [label] })),
  { iterations: job.epochs, errorThresh: 1e-9, learningRate: 0.01 },
)
say({ trained: true, rows: rows.length * job.epochs })
if (job.score) {
  let [sum, count] = [0, 0]
  for await (const { numbers, label } of rowsOf(job.heldOut)) {
    sum += logLoss(network.run(scaler.scaled(numbers))[0], label)
    count++
  }
  say({ heldOutLoss: sum / count, versions: { 'brain.js': '2.0.0-beta.24' } })
}
