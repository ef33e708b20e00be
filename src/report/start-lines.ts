/** The first lines of a run: what it reads, on what, and what the columns are taken for. */

import { printable } from '../errors.js'
import type { StartEvent } from '../events.js'
import { formatBytes, formatCount, formatMetric } from './format.js'
import { schemaLines } from './schema.js'
import type { Colors } from './terminal.js'

/** Weights of more classes than this are not shown. */
const MOST_CLASSES = 10

/** A source that is no file has no name. */
function inputNames(input: StartEvent['options']['input']): readonly string[] {
  return Array.isArray(input) && typeof input[0] === 'string' ? (input as readonly string[]) : ['rows']
}

export function startLines(event: StartEvent, width: number, colors: Colors): string[] {
  const { options, bytes, workers, lanes, placement, parameters } = event
  const isStream = bytes === undefined
  const machine = [
    lanes > 1 ? `${lanes} lanes` : isStream && options.shuffle ? 'a shuffle buffer' : 'file order',
    `${workers} worker${workers === 1 ? '' : 's'}, gradients ${placement === 'pool' ? 'in the pool' : 'inline'}`,
    `${formatCount(parameters)} parameters`,
  ]
  return [
    sourceLine(event, colors),
    machine.join(' · '),
    ...columnLines(event, width, colors),
    ...resumedLines(event),
    ...(event.dashboard === undefined ? [] : [`dashboard: ${colors.bold(printable(event.dashboard))}`]),
    '',
  ]
}

/** `flights.csv and 2 more, 97.2 MB` */
export function sourceLine(
  { options, bytes }: Pick<StartEvent, 'options' | 'bytes'>,
  colors: Colors,
): string {
  const [first, ...others] = inputNames(options.input)
  const input = first === '-' ? 'standard input' : printable(first ?? '')
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return colors.bold(`${input}${more}${bytes === undefined ? '' : `, ${formatBytes(bytes)}`}`)
}

type ColumnFacts = Pick<StartEvent, 'options' | 'schema' | 'classWeights'>

/** What the columns are taken for. */
export function columnLines(facts: ColumnFacts, width: number, colors: Colors): string[] {
  return [
    ...schemaLines(facts.schema, width, colors),
    ...classWeightLines(facts),
    ...initialModelLines(facts),
  ]
}

/** `class weights: no 0.625, yes 2.5` */
function classWeightLines({ classWeights }: ColumnFacts): string[] {
  if (classWeights === undefined) return []
  const all = Object.entries(classWeights)
  const shown = all
    .slice(0, MOST_CLASSES)
    .map(([name, weight]) => `${printable(name)} ${formatMetric(weight)}`)
  return [`class weights: ${shown.join(', ')}${all.length > MOST_CLASSES ? ', …' : ''}`]
}

/** By the beginning of its SHA-256, as the model file that is written names it in full. */
function initialModelLines({ options: { initModel, freezePreprocessing } }: ColumnFacts): string[] {
  if (typeof initModel !== 'string') return []
  const frozen = freezePreprocessing ? ', no category is added' : ''
  return [`going on from the model with SHA-256 ${printable(initModel.slice(0, 12))}…${frozen}`]
}

function resumedLines({ resumed }: StartEvent): string[] {
  if (resumed === undefined) return []
  const { path, step, epoch } = resumed
  return [`going on from ${printable(path)}: step ${formatCount(step)}, epoch ${epoch}`]
}
