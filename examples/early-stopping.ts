// Passes over the rows until the held-out loss no longer falls; the model is that of the best pass.
import { train } from 'millrace'

train({ input: 'data/penguins.csv', target: 'Species', validation: 0.3, patience: 3 }).subscribe((event) => {
  if (event.type === 'epoch' && event.epoch % 20 === 0) {
    console.log(`epoch ${event.epoch}: held-out loss ${event.validation?.loss.toFixed(4)}`)
  }
  if (event.type === 'done')
    console.log(`best of ${event.epochs} epochs: ${event.bestEpoch}`, event.validation)
})

// Prints:
// epoch 20: held-out loss 0.0615
// epoch 40: held-out loss 0.0435
// epoch 60: held-out loss 0.0357
// epoch 80: held-out loss 0.0306
// best of 84 epochs: 81 {
//   loss: 0.03060603903148083,
//   logLoss: 0.03060603903148083,
//   accuracy: 1,
//   precision: 1,
//   recall: 1,
//   f1: 1
// }
