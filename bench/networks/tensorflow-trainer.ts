import { loadContender } from '../contenders/load.js'
import {
  BATCHES,
  BATCH_ROWS,
  FEATURES,
  LEARNING_RATE,
  type LayerWeights,
  type Problem,
  type Trainer,
} from './problem.js'
import { openTensorFlow, type TensorFlowLayers } from './tensorflow.js'

/** TensorFlow.js: its layers, on its WebAssembly backend, which has one thread in Node. */
export async function openTensorFlowTrainer(
  { x, y }: Problem,
  weights: readonly LayerWeights[],
): Promise<Trainer> {
  const tf = await openTensorFlow(1)
  const { sequential, layers } = loadContender<TensorFlowLayers>('@tensorflow/tfjs-layers')
  const model = sequential({
    layers: weights.map(({ inputs, outputs }, i) => {
      const activation = i === weights.length - 1 ? 'sigmoid' : 'relu'
      return layers.dense({ units: outputs, activation, inputShape: [inputs] })
    }),
  })
  model.compile({ optimizer: tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8), loss: 'binaryCrossentropy' })
  model.setWeights(
    weights.flatMap(({ inputs, outputs, w, bias }) => [tf.tensor2d(w, [inputs, outputs]), tf.tensor1d(bias)]),
  )
  const batches = Array.from({ length: BATCHES }, (_, i) => {
    const rows = x.slice(i * BATCH_ROWS * FEATURES, (i + 1) * BATCH_ROWS * FEATURES)
    return {
      x: tf.tensor2d(rows, [BATCH_ROWS, FEATURES]),
      y: tf.tensor2d(y.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS), [BATCH_ROWS, 1]),
    }
  })
  let step = 0
  return {
    async train(steps) {
      const started = performance.now()
      let loss = 0
      for (const end = step + steps; step < end; step++) {
        const batch = batches[step % BATCHES]!
        loss = await model.trainOnBatch(batch.x, batch.y)
      }
      return { loss, seconds: (performance.now() - started) / 1000 }
    },
    close() {},
  }
}
