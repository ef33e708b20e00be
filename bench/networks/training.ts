import { mustHold } from '../agree.js'
import { alternate, spread, type Runner, type Spread } from '../measure.js'
import { formatSpread, printRatio, printTable, printText, printTitle } from '../print.js'
import type { Settings } from '../settings.js'
import { openMillrace } from './millrace.js'
import { BATCH_ROWS, FEATURES, makeProblem, type Trainer } from './problem.js'
import { hasPyTorch, openPyTorch } from './pytorch.js'
import { openTensorFlowTrainer } from './tensorflow-trainer.js'

interface Network {
  readonly hidden: readonly number[]
  readonly overTensorFlow: number
  readonly overPyTorch: number
  readonly twoOverOne?: number
}

const networks: readonly Network[] = [
  { hidden: [64, 32], overTensorFlow: 10, overPyTorch: 1 },
  { hidden: [256, 128], overTensorFlow: 15, overPyTorch: 0.8, twoOverOne: 1.7 },
]
/** Steps after which all have to have the same loss. */
const AGREEMENT_STEPS = 20
const STEPS = 100
const STEPS_OF_TENSORFLOW = 10

interface Contender extends Trainer {
  readonly name: string
  readonly steps: number
}

/** How fast is a training step of a network, in memory? */
export async function measureNetworkTraining({ repeat }: Settings): Promise<void> {
  printTitle('Training steps of a network, in memory')
  printText(
    `Thousand rows a second: forward, backprop and Adam on mini-batches of ${BATCH_ROWS} rows, relu, logistic loss.`,
  )
  const withPyTorch = hasPyTorch()
  if (!withPyTorch) printText('PyTorch was not found; MILLRACE_TORCH_PYTHON names a Python that has it.')
  const rows: string[][] = []
  const ratios: (() => void)[] = []
  let names: string[] = []
  for (const network of networks) {
    const title = [FEATURES, ...network.hidden, 1].join(' → ')
    const contenders = await openContenders(network, withPyTorch)
    await checkAgreement(title, contenders)
    const speeds = await measure(contenders, repeat)
    for (const contender of contenders) await contender.close()
    names = contenders.map(({ name }) => name)
    rows.push([title, ...names.map((name) => formatSpread(speeds.get(name)!, 0))])
    ratios.push(() => printRatios(title, network, names, speeds))
  }
  printTable(['', ...names], rows)
  process.stdout.write('\n')
  for (const print of ratios) print()
}

async function openContenders({ hidden }: Network, withPyTorch: boolean): Promise<Contender[]> {
  const problem = makeProblem(hidden)
  const two = await openMillrace(problem, 2)
  const one = await openMillrace(problem, 1)
  const tensorFlow = await openTensorFlowTrainer(problem, two.weights)
  const contenders: Contender[] = [
    { name: 'millrace, 2 workers', steps: STEPS, ...two },
    { name: 'millrace, 1 worker', steps: STEPS, ...one },
    { name: 'TensorFlow.js', steps: STEPS_OF_TENSORFLOW, ...tensorFlow },
  ]
  if (!withPyTorch) return contenders
  // Its two threads wait for each other: on some machines one alone is several times as fast.
  for (const threads of [1, 2]) {
    const pyTorch = await openPyTorch(problem, two.weights, threads)
    const name = `PyTorch ${pyTorch.version}, ${threads} thread${threads === 1 ? '' : 's'}`
    contenders.push({ name, steps: STEPS, ...pyTorch })
  }
  return contenders
}

/** The same loss after the same steps from the same weights: to the last bit within millrace, nearly elsewhere. */
async function checkAgreement(title: string, contenders: readonly Contender[]): Promise<void> {
  const losses: number[] = []
  for (const contender of contenders) losses.push((await contender.train(AGREEMENT_STEPS)).loss)
  mustHold(`one and two workers have the same loss on ${title}`, losses[0] === losses[1])
  for (const [i, { name }] of contenders.entries()) {
    const near = Math.abs(losses[i]! - losses[0]!) < 1e-4
    mustHold(`${name} has the loss of millrace on ${title}: ${losses[i]}, ${losses[0]}`, near)
  }
}

async function measure(contenders: readonly Contender[], repeat: number): Promise<Map<string, Spread>> {
  const runners = contenders.map(({ name, steps, train }): Runner<number> => ({
    name,
    async run() {
      return (steps * BATCH_ROWS) / 1000 / (await train(steps)).seconds
    },
  }))
  await alternate(runners, 1)
  const measured = await alternate(runners, repeat)
  return new Map([...measured].map(([name, numbers]) => [name, spread(numbers)]))
}

function printRatios(
  title: string,
  { overTensorFlow, overPyTorch, twoOverOne }: Network,
  names: readonly string[],
  speeds: ReadonlyMap<string, Spread>,
): void {
  const [two, one, tensorFlow, ...pyTorch] = names.map((name) => speeds.get(name)!.median)
  printRatio(`${title}: millrace / TensorFlow.js`, two! / tensorFlow!, { atLeast: overTensorFlow })
  if (pyTorch.length > 0) {
    printRatio(`${title}: millrace / the faster PyTorch`, two! / Math.max(...pyTorch), {
      atLeast: overPyTorch,
    })
  }
  const bound = twoOverOne === undefined ? undefined : { atLeast: twoOverOne }
  printRatio(`${title}: 2 workers / 1 worker`, two! / one!, bound)
}
