/** Who runs. A new one is a program in contenders/ and an entry here. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { runNode, millrace as commandLine } from '../program.js'
import type { Contender, Job, Outcome } from './job.js'
import { contenderProgram, runProgram } from './program.js'

const python = process.env['MILLRACE_PEERS_PYTHON'] ?? '/usr/bin/python3'

const missingModules = (names: string): string | undefined => {
  const { status } = spawnSync(python, ['-c', `import ${names}`], { stdio: 'ignore' })
  return status === 0 ? undefined : `${python} has no ${names}; MILLRACE_PEERS_PYTHON names another`
}

const node = (name: string) => (job: Job) => runProgram([process.execPath, contenderProgram(name)], job)
const isNumeric = (job: Job): boolean => job.categories.length === 0

/** Options that every run of millrace has here. */
export function millraceOptions({
  train,
  target,
  numbers,
  categories,
  epochs,
  batchSize,
  hidden,
  hashBits,
}: Job): string[] {
  const options = ['train', train, '--target', target, '--epochs', `${epochs}`, '--quiet']
  if (numbers.length > 0) options.push('--numeric', numbers.join(','))
  if (categories.length > 0) options.push('--categorical', categories.join(','))
  options.push('--features', [...numbers, ...categories].join(','))
  if (hidden.length > 0) options.push('--hidden', hidden.join(','), '--batch-size', `${batchSize}`)
  if (hashBits !== null) options.push('--hash-bits', `${hashBits}`)
  return options
}

async function runMillrace(job: Job, more: readonly string[] = []): Promise<Outcome> {
  const model = path.join(job.folder, 'millrace.safetensors')
  const { seconds, output } = await runNode([
    commandLine,
    ...millraceOptions(job),
    ...more,
    '--json',
    '-o',
    model,
  ])
  const { progressive, millrace: version } = { millrace: '', ...(JSON.parse(output) as Summary) }
  let loss: number | undefined
  if (job.score) {
    const scored = await runNode([commandLine, 'evaluate', model, job.heldOut, '--json'])
    loss = (JSON.parse(scored.output) as { metrics: { logLoss: number } }).metrics.logLoss
  }
  return { seconds, loss, progressiveLoss: progressive?.loss, versions: { millrace: version } }
}

interface Summary {
  readonly progressive?: { readonly loss: number }
}

/** The same run with other options, for questions about them. */
export const millraceWith = (name: string, ...more: string[]): Contender => ({
  ...millrace,
  name,
  run: (job) => runMillrace(job, more),
})

export const millrace: Contender = {
  name: 'millrace',
  does: '`millrace train`, default options but for the epochs; for networks the batch size of the others',
  missing: () => undefined,
  canDo: () => true,
  run: (job) => runMillrace(job),
}

export const duckdb: Contender = {
  name: 'DuckDB, reading only',
  does: '`read_csv` with two threads, the sum of every column: it learns nothing',
  missing: () => undefined,
  canDo: ({ hidden, epochs }) => hidden.length === 0 && epochs === 1,
  run: node('duckdb.mjs'),
}

export const scikitLearn: Contender = {
  name: 'scikit-learn',
  does: '`SGDClassifier.partial_fit` (networks: `MLPClassifier`) over pandas chunks of 100,000 rows, standardised by the first one',
  missing: () => missingModules('sklearn, pandas'),
  canDo: () => true,
  run: (job) => runProgram([python, contenderProgram('scikit_learn.py')], job),
}

export const pyTorch: Contender = {
  name: 'PyTorch',
  does: 'an IterableDataset over pandas chunks, Adam, one thread: with two it is slower here',
  missing: () => missingModules('torch, pandas'),
  canDo: () => true,
  run: (job) => runProgram([python, contenderProgram('pytorch.py')], job),
}

export const vowpalWabbit: Contender = {
  name: 'Vowpal Wabbit',
  does: 'its own format, made from the CSV by a Node process and read from a pipe; its cache for several passes',
  missing: () => (spawnSync('vw', ['--version']).status === 0 ? undefined : 'there is no `vw` on the PATH'),
  canDo: ({ hidden }) => hidden.length === 0,
  run: node('vowpal_wabbit.mjs'),
}

export const tensorFlow: Contender = {
  name: 'TensorFlow.js',
  does: 'layers on the WebAssembly backend, Adam, fed batch after batch by csv-parse',
  missing: () => undefined,
  canDo: ({ hashBits }) => hashBits === null,
  run: node('tensorflow.mjs'),
}

export const brain: Contender = {
  name: 'brain.js',
  does: 'its NeuralNetwork, all rows in memory',
  missing: () => undefined,
  canDo: isNumeric,
  run: node('brain.mjs'),
}

export const csvParse: Contender = {
  name: 'csv-parse and a loop',
  does: 'what people write by hand: plain JavaScript, Adagrad, a row a step',
  missing: () => undefined,
  canDo: ({ hidden, hashBits }) => hidden.length === 0 && hashBits === null,
  run: node('csv-parse.mjs'),
}

export const contenders: readonly Contender[] = [
  millrace,
  duckdb,
  scikitLearn,
  pyTorch,
  vowpalWabbit,
  tensorFlow,
  brain,
  csvParse,
]
