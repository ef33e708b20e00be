import { loadContender } from '../contenders/load.js'

/** What is used of TensorFlow.js: its tensors, its layers, and its WebAssembly backend, which runs XNNPACK. */
export interface Tensor {
  dataSync(): Float32Array
  dispose(): void
}

export interface LayersModel {
  compile(options: { optimizer: unknown; loss: string }): void
  setWeights(weights: Tensor[]): void
  trainOnBatch(x: Tensor, y: Tensor): Promise<number>
}

export interface TensorFlow {
  setBackend(name: string): Promise<boolean>
  tensor2d(values: Float32Array, shape: [number, number]): Tensor
  tensor1d(values: Float32Array): Tensor
  matMul(a: Tensor, b: Tensor): Tensor
  train: { adam(learningRate: number, beta1: number, beta2: number, epsilon: number): unknown }
}

export interface TensorFlowLayers {
  sequential(options: { layers: unknown[] }): LayersModel
  layers: { dense(options: { units: number; activation: string; inputShape?: number[] }): unknown }
}

/** Opens TensorFlow.js on its WebAssembly backend with this many threads. */
export async function openTensorFlow(threads: number): Promise<TensorFlow> {
  const tf = loadContender<TensorFlow>('@tensorflow/tfjs-core')
  const { setThreadsCount } = loadContender<{ setThreadsCount(count: number): void }>(
    '@tensorflow/tfjs-backend-wasm',
  )
  setThreadsCount(threads)
  if (!(await tf.setBackend('wasm')))
    throw new Error('the WebAssembly backend of TensorFlow.js does not start')
  return tf
}
