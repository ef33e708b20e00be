import { spellings } from '../../schema/booleans.js'
import { datePartNames } from '../../schema/dates.js'
import {
  isNumber,
  type DateColumn,
  type NumberColumn,
  type Scaling,
  type Schema,
} from '../../schema/schema.js'
import { missingTexts, type DenseFeatures, type ModelFeatures } from '../model-features.js'
import { dateParts } from './dates.js'
import type { Graph } from './graph.js'
import { withBlanks } from './texts.js'

/** A number of a column on its way: before it is standardised it is in column `at` of the matrix of all. */
interface Place {
  readonly at: number
  readonly scaling: Scaling
  readonly limit: number
}

/**
 * The dense features of rows × D, in f32 with the bits of the kernel: (v − mean) · (1 / scale) in f64, held within the limit,
 * rounded. All columns go through the same few nodes. Undefined where there are none.
 */
export function denseInputs(
  graph: Graph,
  schema: Schema,
  { dense, denseCount }: ModelFeatures,
  inputOf: (column: string) => string,
): string | undefined {
  if (dense.length === 0) return undefined
  const singles = dense.filter((features) => isNumber(features.column))
  const dates = dense.filter((features) => !isNumber(features.column))
  const blocks = singles.map(({ column }) =>
    singleNumber(graph, schema, column as NumberColumn, inputOf(column.name)),
  )
  if (dates.length > 0)
    blocks.push(
      ...dateParts(
        graph,
        dates.map(({ column }) => inputOf(column.name)),
      ),
    )
  const places: Place[] = singles.map(({ column }, at) => placeOf(column, column as NumberColumn, at))
  datePartNames.forEach((_, part) => {
    for (const { column } of dates)
      places.push(placeOf(column, (column as DateColumn).parts[part]!, places.length))
  })
  const { standardised, missing } = standardise(graph, graph.columns(blocks), places)
  return inOrder(
    graph,
    standardised,
    missing,
    [...singles, ...dates],
    singles.length,
    dates.length,
    denseCount,
  )
}

function placeOf(column: DenseFeatures['column'], scaling: Scaling, at: number): Place {
  return { at, scaling, limit: column.limit ?? Infinity }
}

/** Numbers as they come, NaN where they are missing; booleans are texts. */
function singleNumber(graph: Graph, schema: Schema, column: NumberColumn, input: string): string {
  if (column.kind === 'number') return input
  const missing = new Set(missingTexts(schema))
  const words = [...spellings, ['1', 1], ['0', 0], ['1.0', 1], ['0.0', 0]] as const
  const truths = new Map<string, number>()
  for (const [word, truth] of words) {
    if (!missing.has(word)) for (const text of withBlanks(word)) truths.set(text, truth)
  }
  const [keys, values] = [[...truths.keys()], [...truths.values()]]
  const one = graph.lookUp(input, {
    keys_strings: keys,
    values_int64s: values,
    default_int64: NO_TRUTH,
  })
  const isNone = graph.node('Equal', [one, graph.wholes('no_truth', [NO_TRUTH])])
  return graph.node('Where', [isNone, graph.doubles('not_a_number', [NaN]), graph.cast(one, 'double')])
}

const NO_TRUTH = 2

function standardise(
  graph: Graph,
  values: string,
  places: readonly Place[],
): { standardised: string; missing: string } {
  const missing = graph.node('IsNaN', [values])
  const means = graph.doubles(
    'means',
    places.map(({ scaling }) => scaling.mean),
  )
  const inverses = graph.doubles(
    'inverse_scales',
    places.map(({ scaling }) => 1 / scaling.scale),
  )
  let scaled = graph.node('Mul', [graph.node('Sub', [values, means]), inverses])
  if (places.some(({ limit }) => limit < Infinity)) {
    const most = graph.doubles(
      'limits',
      places.map(({ limit }) => limit),
    )
    const least = graph.doubles(
      'lower_limits',
      places.map(({ limit }) => -limit),
    )
    scaled = graph.node('Max', [graph.node('Min', [scaled, most]), least])
  }
  const fills = graph.floats(
    'fills',
    places.map(({ scaling }) => scaling.fill),
  )
  return { standardised: graph.node('Where', [missing, fills, graph.cast(scaled, 'float')]), missing }
}

/** Puts numbers and indicators of missing values in the order of the model. */
function inOrder(
  graph: Graph,
  standardised: string,
  missing: string,
  columns: readonly DenseFeatures[],
  singles: number,
  dates: number,
  denseCount: number,
): string {
  const width = singles + dates * datePartNames.length
  const order = new Array<number>(denseCount)
  columns.forEach(({ column, first, indicator }, i) => {
    const parts = isNumber(column) ? 1 : datePartNames.length
    for (let part = 0; part < parts; part++) order[first + part] = i + part * dates
    if (indicator !== undefined) order[indicator] = width + i
  })
  if (order.every((from, d) => from === d)) return standardised
  const hasIndicators = columns.some(({ indicator }) => indicator !== undefined)
  const all = hasIndicators ? graph.columns([standardised, graph.cast(missing, 'float')]) : standardised
  return graph.node('Gather', [all, graph.wholes('feature_order', order)], { axis: 1 })
}
