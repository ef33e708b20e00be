import { spawn, spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LayerWeights, Problem, Trainer } from './problem.js'
import { BATCHES, BATCH_ROWS, FEATURES, LEARNING_RATE } from './problem.js'

const python = process.env.MILLRACE_TORCH_PYTHON ?? 'python3'

/** Whether there is a Python with PyTorch: `MILLRACE_TORCH_PYTHON`, or python3. */
export function hasPyTorch(): boolean {
  return spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0
}

/** PyTorch on the CPU, in a process of its own. */
export async function openPyTorch(
  { x, y }: Problem,
  weights: readonly LayerWeights[],
  threads: number,
): Promise<Trainer & { version: string }> {
  const file = path.join(tmpdir(), `millrace-bench-${process.pid}-${weights[0]!.outputs}-${threads}.f32`)
  writeFileSync(
    file,
    Buffer.concat(
      [x, y, ...weights.flatMap(({ w, bias }) => [w, bias])].map((part) => Buffer.from(part.slice().buffer)),
    ),
  )
  const child = spawn(python, [fileURLToPath(new URL('pytorch.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async <Answer>(): Promise<Answer> => {
    const line = (await lines.next()) as IteratorResult<string, undefined>
    if (line.done === true) throw new Error('PyTorch ended early')
    return JSON.parse(line.value) as Answer
  }
  const sizes = [FEATURES, ...weights.map(({ outputs }) => outputs)]
  const setting = {
    file,
    threads,
    batches: BATCHES,
    rows: BATCH_ROWS,
    sizes,
    learningRate: LEARNING_RATE,
  }
  child.stdin.write(`${JSON.stringify(setting)}\n`)
  const { version } = await answer<{ version: string }>()
  rmSync(file)
  return {
    version,
    train(steps) {
      child.stdin.write(`${steps}\n`)
      return answer<{ loss: number; seconds: number }>()
    },
    close() {
      child.stdin.end()
    },
  }
}
