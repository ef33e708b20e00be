import { BatchWord, RunWord, shardRows } from '../../src/engine/batch.js'
import { Learner } from '../../src/engine/learner.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { inlinePlacement, sharedPlacement, taskCount } from '../../src/engine/placement.js'
import { WorkerPool, compileKernel } from '../../src/engine/pool.js'
import { kernelSteps, type ShardSteps } from '../../src/engine/steps.js'
import { createLoss } from '../../src/loss/index.js'
import { layerParts, networkShape } from '../../src/model/network.js'
import { createOptimizer, noPenalties } from '../../src/optimizer/index.js'
import { createSchedule } from '../../src/schedule/index.js'
import {
  BATCHES,
  BATCH_ROWS,
  FEATURES,
  LEARNING_RATE,
  layout,
  type LayerWeights,
  type Problem,
  type Trainer,
} from './problem.js'

/** The shards of a run with default options. */
const SHARDS = 8

/** The engine as a run has it, its workers and its learner, on rows that lie in the shared memory already. */
export async function openMillrace(
  { hidden, x, y }: Problem,
  workers: number,
): Promise<Trainer & { weights: LayerWeights[] }> {
  const memory = new SharedMemory(compileKernel())
  const stride = layout.strideWords * 4
  const { start } = memory.allocate('rows', BATCHES * BATCH_ROWS * stride)
  const shape = networkShape(layout, 1, 0, { hidden, activation: 'relu', layerNorm: false, embedding: 0 })
  const learner = new Learner(memory, layout, shape, {
    loss: createLoss('logistic'),
    optimizer: createOptimizer('adam'),
    schedule: createSchedule('constant', { learningRate: LEARNING_RATE }),
    penalties: noPenalties,
    batchRows: BATCH_ROWS,
    shards: SHARDS,
    tasks: taskCount(SHARDS, workers),
    averageWeights: false,
    seed: 1,
  })
  const { f32 } = memory.views
  for (let r = 0; r < BATCHES * BATCH_ROWS; r++) {
    const row = (start + r * stride) / 4
    f32.set(x.subarray(r * FEATURES, (r + 1) * FEATURES), row)
    f32[row + layout.labelWord] = y[r]!
    f32[row + layout.weightWord] = 1
  }
  const pool = new WorkerPool(workers, { memory: memory.memory, module: memory.module })
  await Promise.all(Array.from({ length: workers }, () => pool.ready()))
  const steps = (scratch: number): ShardSteps => kernelSteps(memory.kernel, learner.plan, scratch)
  const placement =
    workers === 1
      ? inlinePlacement(memory, steps, learner, SHARDS)
      : sharedPlacement(memory, pool, steps, learner, SHARDS, workers - 1)
  let step = 0
  const train = async (steps: number): Promise<{ loss: number; seconds: number }> => {
    const started = performance.now()
    let loss = 0
    for (const end = step + steps; step < end; step++) {
      layOutBatch(learner.batch, start + (step % BATCHES) * BATCH_ROWS * stride, stride)
      await placement.gradients()
      loss = learner.average().loss
      learner.descent()
      learner.update()
    }
    return { loss, seconds: (performance.now() - started) / 1000 }
  }
  return { train, close: () => pool.close(), weights: initialWeights(learner) }
}

/** A run of rows for each shard. */
function layOutBatch(batch: Uint32Array, rows: number, stride: number): void {
  let first = 0
  for (let shard = 0; shard < SHARDS; shard++) {
    const count = shardRows(BATCH_ROWS, SHARDS, shard)
    batch[BatchWord.FirstRun + shard] = shard
    batch.set([rows + first * stride, count, first], BatchWord.Runs + shard * RunWord.SIZE)
    first += count
  }
  batch[BatchWord.FirstRun + SHARDS] = SHARDS
}

function initialWeights({ shape, parameters }: Learner): LayerWeights[] {
  if (shape.kind !== 'network') return []
  return shape.layers.map((layer) => {
    const { inputs, outputs, outputWords } = layer
    const { w, bias } = layerParts(layer, parameters)
    const packed = new Float32Array(inputs * outputs)
    for (let k = 0; k < inputs; k++)
      packed.set(w.subarray(k * outputWords, k * outputWords + outputs), k * outputs)
    return { inputs, outputs, w: packed, bias: bias.slice(0, outputs) }
  })
}
