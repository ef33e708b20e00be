// The five steps of learning, seen from outside: y = 2x + 1 with one weight and one bias, a row a step.
import { train } from 'millrace'

const rows = Array.from({ length: 400 }, (_, i) => {
  const x = (i * 7) % 10
  return { x, y: 2 * x + 1 }
})

train({
  input: rows,
  target: 'y',
  numeric: 'x',
  epochs: 5,
  batchSize: 1,
  optimizer: 'sgd',
  learningRate: 0.01,
  schedule: 'constant',
  standardize: false,
  shuffle: false,
}).subscribe((event) => {
  // 1 forward, 2 loss, 3 backpropagation and 4 descent are done; `parameters` are the weights after 5, the update.
  if (event.type === 'step' && [1, 2, 100, 500, 2000].includes(event.step)) {
    console.log(
      `step ${event.step}: loss ${event.loss.toFixed(4)}, then w = ${event.parameters[0]!.toFixed(4)}`,
    )
  }
  if (event.type === 'done') console.log(event.model.predict({ x: 20 }))
})

// Prints:
// step 1: loss 1.0000, then w = 0.0000
// step 2: loss 224.4004, then w = 2.0972
// step 100: loss 0.0465, then w = 2.0650
// step 500: loss 0.0003, then w = 2.0052
// step 2000: loss 0.0000, then w = 2.0000
// { prediction: 41 }
