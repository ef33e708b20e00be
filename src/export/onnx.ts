import { usageError } from '../errors.js'
import type { TrainedModel } from '../model/model.js'
import type { ColumnSchema } from '../schema/schema.js'
import { isDense } from '../schema/schema.js'
import type { ExportFormat } from './format.js'
import { categoryWidth, modelFeatures } from './model-features.js'
import { categoryInput } from './onnx/category-inputs.js'
import { CategoryTable } from './onnx/category-table.js'
import { denseInputs } from './onnx/dense-inputs.js'
import { Graph, type DataType } from './onnx/graph.js'
import { modelBytes } from './onnx/model-bytes.js'
import { outputNames, predictions } from './onnx/outputs.js'
import { scores, type EncodedInputs } from './onnx/scores.js'

/** An ONNX graph from raw columns to predictions; the encoders are nodes of it. */
export const onnx: ExportFormat = {
  description: 'a graph for ONNX runtimes, raw columns in and predictions out',
  binary: true,
  settings: [],
  write(model) {
    const inputs = inputNames(model)
    const graph = new Graph([...inputs.values(), ...outputNames])
    const encoded = encodedInputs(graph, model, inputs)
    predictions(graph, model, scores(graph, model, encoded))
    return modelBytes(graph, metadata(model, inputs))
  },
}

/** Names that no input can have: the empty one in ONNX, the other one in JavaScript, where inputs are keys of an object. */
const impossibleNames = ['', '__proto__']

/** The name of the input of each feature column: its own, but where that cannot be, or an output has it. */
function inputNames({ schema }: TrainedModel): Map<string, string> {
  const features = schema.columns.filter((column) => isDense(column) || column.kind === 'category')
  const taken = new Set<string>([...features.map(({ name }) => name), ...outputNames])
  const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name)
  const reserved = new Set<string>([...impossibleNames, ...outputNames])
  if (features.length === 0) {
    const message = 'format: onnx needs columns to predict from, and this model has none'
    throw usageError('EXPORT_NOT_POSSIBLE', message, 'export it as js, json or sql', { option: 'format' })
  }
  return new Map(features.map(({ name }) => [name, reserved.has(name) ? free(`input_${name}`) : name]))
}

function encodedInputs(graph: Graph, model: TrainedModel, names: ReadonlyMap<string, string>): EncodedInputs {
  const { schema } = model
  const inputOf = (column: string): string => names.get(column)!
  for (const column of schema.columns) {
    if (names.has(column.name)) graph.input({ name: inputOf(column.name), type: inputType(column), width: 1 })
  }
  const features = modelFeatures(model)
  const dense = denseInputs(graph, schema, features, inputOf)
  const table = new CategoryTable()
  const [plain, scaled]: [string[], string[]] = [[], []]
  const factors: number[] = []
  for (const slot of features.slots) {
    const place = categoryInput(graph, schema, slot, table, inputOf)
    ;(slot.factor === undefined ? plain : scaled).push(place)
    if (slot.factor !== undefined) factors.push(slot.factor)
  }
  const slots = features.slots.length
  if (slots === 0) return { dense, plain: undefined, scaled: undefined, slots }
  const width = categoryWidth(model)
  const weights = graph.floats('category_weights', table.weights(model.categoryWeights, width), [
    table.size,
    width,
  ])
  const gathered = (places: readonly string[]): string | undefined =>
    places.length === 0 ? undefined : graph.node('Gather', [weights, graph.columns(places)])
  return { dense, plain: gathered(plain), scaled: multiplied(graph, gathered(scaled), dense, factors), slots }
}

/** Rows of categories, each times its number. */
function multiplied(
  graph: Graph,
  rows: string | undefined,
  dense: string | undefined,
  factors: readonly number[],
): string | undefined {
  if (rows === undefined) return undefined
  const numbers = graph.node('Gather', [dense!, graph.wholes('factors', factors)], { axis: 1 })
  return graph.node('Mul', [rows, graph.node('Unsqueeze', [numbers, graph.wholes('last_axis', [2])])])
}

function inputType({ kind }: ColumnSchema): DataType {
  return kind === 'number' || kind === 'date' ? 'double' : 'string'
}

/** Texts of JSON, for who wants to know what goes in and what comes out. */
function metadata(
  { schema, loss }: TrainedModel,
  inputs: ReadonlyMap<string, string>,
): Record<string, string> {
  const { columns, target, dialect } = schema
  const features = columns.flatMap((column) => {
    const input = inputs.get(column.name)
    return input === undefined ? [] : [{ column: column.name, input, kind: column.kind }]
  })
  return {
    target: target.name,
    loss,
    columns: JSON.stringify(features),
    missing: JSON.stringify(dialect.missingTokens),
    ...(target.kind === 'number' ? {} : { classes: JSON.stringify(target.classes) }),
  }
}
