import { readFileSync } from 'node:fs'
import { MAXIMUM_PAGES, instantiateKernel, type Kernel } from '../../workers/kernel.js'
import { mustHold } from '../agree.js'
import { alternate, spread, type Runner } from '../measure.js'
import { formatSpread, printRatio, printTable, printText, printTitle } from '../print.js'
import type { Settings } from '../settings.js'
import { openTensorFlow, type TensorFlow } from './tensorflow.js'

const SIZES = [256, 1024]
/** Products of one measurement take at least this much arithmetic: 0.1 s or so. */
const LEAST_FLOP = 2.5e9

/** How fast are products of square matrices, on one thread? */
export async function measureProducts({ repeat }: Settings): Promise<void> {
  printTitle('Matrix products, one thread')
  printText(
    'GFLOP a second of processor time. n rows by n inputs by n outputs, f32. TensorFlow.js: wasm backend, SIMD, one thread.',
  )
  const tf = await openTensorFlow(1)
  const rows: string[][] = []
  const ratios: [name: string, ratio: number][] = []
  for (const n of SIZES) {
    const runners = contenders(n, tf)
    await alternate(runners, 1)
    const speeds = await alternate(runners, repeat)
    const figures = runners.map(({ name }) => ({ name, ...spread(speeds.get(name)!) }))
    rows.push([`${n} × ${n}`, ...figures.map((figure) => formatSpread(figure, 1))])
    const theirs = figures.at(-1)!.median
    for (const { name, median } of figures.slice(0, -1))
      ratios.push([`${n}: ${name} / XNNPACK`, median / theirs])
  }
  printTable(['', 'x·W', 'dz·Wᵀ', 'xᵀ·dz', 'TensorFlow.js'], rows)
  process.stdout.write('\n')
  for (const [name, ratio] of ratios) printRatio(name, ratio, { atLeast: 0.6 })
}

/** The three products of the kernel and that of TensorFlow.js on the same n × n matrices, checked against each other. */
function contenders(n: number, tf: TensorFlow): Runner<number>[] {
  const { kernel, x, w, z, bias, address } = openMatrices(n)
  const forward = () => kernel.matrixForward(address.x, n, address.w, n, address.bias, address.z, n, n, n, n)
  const input = () => kernel.matrixBackpropInput(address.x, n, address.w, n, address.z, n, n, n, n)
  const weights = () =>
    kernel.matrixBackpropWeights(address.x, n, address.w, n, address.z, n, address.bias, n, n, n)
  const a = tf.tensor2d(x.slice(), [n, n])
  const b = tf.tensor2d(w.slice(), [n, n])
  forward()
  const product = tf.matMul(a, b)
  const theirs = product.dataSync()
  product.dispose()
  // Sums of n products below 1/4, in any order: γ_n · n / 4, twice.
  const tolerance = (n * n * 2 ** -24) / 2
  mustHold(
    `x·W of ${n} × ${n} is the same in the kernel and in TensorFlow.js`,
    z.every((value, i) => Math.abs(value - theirs[i]!) <= tolerance),
  )
  z.fill(0)
  bias.fill(0)
  const flop = 2 * n ** 3
  const runner = (name: string, call: () => void): Runner<number> => ({
    name,
    run: () => (flop / secondsOfProcessor(call, Math.ceil(LEAST_FLOP / flop))) * 1e-9,
  })
  return [
    runner('x·W', forward),
    runner('dz·Wᵀ', input),
    runner('xᵀ·dz', weights),
    runner('TensorFlow.js', () => tf.matMul(a, b).dispose()),
  ]
}

interface Matrices {
  kernel: Kernel
  x: Float32Array
  w: Float32Array
  z: Float32Array
  bias: Float32Array
  address: { x: number; w: number; z: number; bias: number }
}

/** n × n matrices x and w of numbers in ± ½, z of zeros, and n zeros, in the memory of a kernel. */
function openMatrices(n: number): Matrices {
  const memory = new WebAssembly.Memory({ initial: 1024, maximum: MAXIMUM_PAGES, shared: true })
  const module = new WebAssembly.Module(
    readFileSync(new URL('../../dist/workers/kernel.wasm', import.meta.url)),
  )
  const kernel = instantiateKernel(module, memory)
  let next = Math.ceil(kernel.heapBase / 64) * 64
  const take = (words: number): Float32Array => {
    const taken = new Float32Array(memory.buffer, next, words)
    next += 4 * words + 64
    return taken
  }
  const [x, w, z, bias] = [take(n * n), take(n * n), take(n * n), take(n)]
  for (let i = 0; i < n * n; i++) {
    x[i] = ((i * 0.618034) % 1) - 0.5
    w[i] = ((i * 0.754878) % 1) - 0.5
  }
  const address = { x: x.byteOffset, w: w.byteOffset, z: z.byteOffset, bias: bias.byteOffset }
  return { kernel, x, w, z, bias, address }
}

/** Processor seconds of this process in a call, the mean of several: other programs of the machine count less. */
function secondsOfProcessor(call: () => void, calls: number): number {
  const before = process.cpuUsage()
  for (let i = 0; i < calls; i++) call()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6 / calls
}
