/** What a run would do, as lines and as one JSON object. */

import { describeColumns } from '../inspect/inspect-model.js'
import { printable } from '../errors.js'
import type { TrainingPlan } from '../plan.js'
import { formatBytes, formatCount, formatQuantity, formatShare } from './format.js'
import { columnLines, sourceLine } from './start-lines.js'
import { pad, wrapped, type Colors } from './terminal.js'

const LABEL_CELLS = 8
/** Parts of the memory that are named; the others are summed up. */
const MOST_PARTS = 6

/** The plan as plain JSON: vocabularies are told by their sizes, as in event files. */
export function planObject({ options, schema, ...plan }: TrainingPlan): object {
  const { signal: _signal, control: _control, input, ...given } = options
  const names = Array.isArray(input) && typeof input[0] === 'string' ? input : []
  return {
    ...plan,
    options: { ...given, input: names },
    schema: { target: schema.target, ...describeColumns(schema) },
  }
}

export function planLines(plan: TrainingPlan, width: number, colors: Colors): string[] {
  const facts: [name: string, text: string][] = [
    ['rows', describeRows(plan)],
    ['steps', describeSteps(plan)],
    ['model', describeModel(plan)],
    ['descent', describeDescent(plan)],
    ['memory', describeMemory(plan)],
    ['machine', describeMachine(plan)],
    ['writes', describeOutputs(plan)],
    ...plan.warnings.map((warning): [string, string] => ['warning', printable(warning)]),
    ['now', 'nothing has been trained or written: without --explain-plan it is'],
  ]
  const lines = facts.flatMap(([name, text]) =>
    wrapped(text, width - LABEL_CELLS - 2).map(
      (line, i) => `${colors.dim(pad(i === 0 ? name : '', LABEL_CELLS))}  ${line}`,
    ),
  )
  return [sourceLine(plan, colors), ...columnLines(plan, width, colors), '', ...lines]
}

function describeRows({ rows, options }: TrainingPlan): string {
  const { validation, validationFiles, onBadRow } = options
  const held =
    validationFiles.length > 0
      ? `, scored on ${validationFiles.map(printable).join(', ')}`
      : validation > 0
        ? `, ${formatShare(validation)} of them held out`
        : ''
  const count = rows === undefined ? 'as many as come' : `about ${formatCount(rows)}`
  const bad = {
    fail: 'the first bad one ends the run',
    skip: 'bad ones are left out',
    quarantine: 'bad ones are put aside',
  }
  return `${count}${held}; ${bad[onBadRow]}`
}

function describeSteps({ stepsPerEpoch, steps, options }: TrainingPlan): string {
  const { batchSize, epochs, patience } = options
  const each = `of ${formatCount(batchSize)} rows`
  const passes =
    patience === undefined
      ? `${formatCount(epochs)} epoch${epochs === 1 ? '' : 's'}`
      : `at most ${formatCount(epochs)} epochs`
  if (stepsPerEpoch === undefined || steps === undefined) return `${each}, as many as rows come; ${passes}`
  return `about ${formatCount(stepsPerEpoch)} an epoch, ${each}; ${passes}: about ${formatCount(steps)}`
}

function describeModel({ model, options, parameters }: TrainingPlan): string {
  const layers =
    options.hidden === undefined
      ? ''
      : ` with hidden layers of ${options.hidden.join(', ')} (${options.activation})`
  const tensors = model.tensors.map(({ name, weights }) => `${name} ${formatCount(weights)}`)
  return `${model.kind}${layers}, loss ${options.loss}: ${formatCount(parameters)} parameters (${tensors.join(', ')})`
}

function describeDescent({ options, learningRates }: TrainingPlan): string {
  const { optimizer, schedule, warmup, l1, l2, weightDecay, clipNorm, averageWeights } = options
  const { first, last } = learningRates
  const rates =
    last === first
      ? formatQuantity(first)
      : `from ${formatQuantity(first)}${last === undefined ? '' : ` to ${formatQuantity(last)}`}`
  const besides = Object.entries({ warmup, l1, l2, weightDecay, clipNorm }).filter(
    ([, value]) => (value ?? 0) > 0,
  )
  const extra = besides.map(([name, value]) => `, ${name} ${formatQuantity(value!)}`).join('')
  return `${optimizer}, learning rate ${rates} (${schedule})${extra}${averageWeights ? ', the mean of all weights' : ''}`
}

function describeMemory({ memory: { bytes, parts } }: TrainingPlan): string {
  const named = parts.slice(0, MOST_PARTS).map((part) => `${part.name} ${formatBytes(part.bytes)}`)
  const rest = parts.slice(MOST_PARTS).reduce((sum, part) => sum + part.bytes, 0)
  return `${formatBytes(bytes)} shared by all threads: ${named.join(', ')}, others ${formatBytes(rest)}`
}

const placements = {
  auto: 'where the first steps show that it is faster',
  inline: 'inline',
  pool: 'on all threads',
}

function describeMachine({ workers, placement, options, lanes, bytes }: TrainingPlan): string {
  const { shards, shuffle, shuffleBuffer } = options
  const order =
    lanes > 1
      ? `${lanes} lanes`
      : bytes === undefined && shuffle
        ? `a shuffle buffer of ${formatBytes(shuffleBuffer)}`
        : 'file order'
  const threads = `${workers} worker${workers === 1 ? '' : 's'}`
  return `${order}; ${threads}; gradients in ${shards} shards, ${placements[placement]}; the result is the same wherever`
}

function describeOutputs({ options }: TrainingPlan): string {
  const { out, onBadRow, quarantine, dashboard, events, history, tensorboard, checkpoint, cache } = options
  const paths = {
    'the model': out,
    'its options': out === undefined ? undefined : `${out}.run.json`,
    'bad rows': onBadRow === 'quarantine' ? quarantine : undefined,
    checkpoints: checkpoint,
    'encoded rows': cache,
    events,
    'losses and metrics': history,
    tensorboard,
  }
  const written = Object.entries(paths).flatMap(([what, path]) =>
    path === undefined ? [] : [`${what} to ${printable(path)}`],
  )
  const page = dashboard === undefined || dashboard === false ? [] : ['and a dashboard is served']
  return [...written, ...page].join(', ') || 'nothing'
}
