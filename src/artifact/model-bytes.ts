import { MillraceError, runError } from '../errors.js'
import { createLoss, lossFactory, lossNames, type LossName } from '../loss/index.js'
import type { Model } from '../model/model.js'
import { categoryCount, denseFeatures, featureColumns, type Schema } from '../schema/schema.js'
import { fieldsOf, finite, modelInvalid, oneOf } from './check.js'
import { parseProvenance, provenanceText } from './provenance-text.js'
import { decodeSafetensors, encodeSafetensors, type Tensor } from './safetensors.js'
import { parseSchema, schemaText } from './schema-text.js'
import { parseUntrustedJson } from './untrusted-json.js'

/** Version of the model file; a change that older millraces cannot read counts it up. */
export const FORMAT_VERSION = '1'

const tensorNames = ['weights', 'bias', 'category_weights'] as const

/** Names and shapes of the tensors: weights [K, D], bias [K], category_weights [N, K]. */
type TensorShapes = Record<(typeof tensorNames)[number], readonly number[]>

/**
 * Model → bytes of its file (docs/model-file.md). Equal models give equal bytes.
 *
 * Throws MODEL_INVALID for a model that could not be read back, MODEL_NOT_FINITE where a weight is NaN or infinite (the
 * training diverged), MODEL_TOO_LARGE where the vocabularies are.
 */
export function encodeModel(model: Model): Uint8Array {
  const metadata = new Map([
    ['millrace', FORMAT_VERSION],
    ['kind', model.kind],
    ['loss', model.loss],
    ...lossSettingsText(model),
    ['schema', schemaText(model.schema)],
    ['provenance', provenanceText(model.provenance)],
  ])
  const { schema, loss, outputs } = readMetadata(metadata)
  if (model.outputs !== outputs) throw modelInvalid('outputs', String(outputs), String(model.outputs))
  const shapes = tensorShapes(schema, outputs)
  const tensors = [
    { name: 'weights', shape: shapes.weights, data: model.weights },
    { name: 'bias', shape: shapes.bias, data: model.bias },
    { name: 'category_weights', shape: shapes.category_weights, data: model.categoryWeights },
  ]
  for (const { name, shape, data } of tensors) {
    const values = shape.reduce((product, size) => product * size, 1)
    if (data.length !== values) throw modelInvalid(name, `${values} values`, String(data.length))
    if (allFinite(data)) continue
    const hint = 'the training diverged: try a smaller --learning-rate, and leave --no-standardize out'
    throw runError('MODEL_NOT_FINITE', `${name} of the ${loss} model are not finite numbers`, hint)
  }
  return encodeSafetensors(tensors, metadata)
}

/** A loop, because every calls a function for each of what may be millions of weights. */
function allFinite(data: Float32Array): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) return false
  return true
}

/**
 * Bytes of a model file → model, with every field checked: a model file is untrusted input.
 *
 * Throws MODEL_INVALID that names the field, what was expected and what was found.
 */
export function decodeModel(bytes: Uint8Array): Model {
  const { tensors, metadata } = decodeSafetensors(bytes)
  const { schema, loss, lossSettings, outputs, provenance } = readMetadata(metadata)
  const shapes = tensorShapes(schema, outputs)
  const unknown = [...tensors.keys()].find((name) => !(tensorNames as readonly string[]).includes(name))
  if (unknown !== undefined) {
    throw modelInvalid('tensors', tensorNames.join(', '), `also ${JSON.stringify(unknown)}`)
  }
  const [weights, bias, categoryWeights] = tensorNames.map((name) =>
    tensorData(tensors.get(name), name, shapes[name]),
  ) as [Float32Array, Float32Array, Float32Array]
  return { kind: 'linear', schema, loss, lossSettings, outputs, weights, bias, categoryWeights, provenance }
}

function tensorData(tensor: Tensor | undefined, name: string, shape: readonly number[]): Float32Array {
  const where = `tensor "${name}"`
  if (tensor === undefined) throw modelInvalid('tensors', `a tensor "${name}"`, 'none')
  if (tensor.shape.length !== shape.length || shape.some((size, i) => tensor.shape[i] !== size)) {
    throw modelInvalid(where, `shape [${shape.join(', ')}] by the schema`, `[${tensor.shape.join(', ')}]`)
  }
  const wrong = tensor.data.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0) throw modelInvalid(where, 'finite numbers', `${tensor.data[wrong]} at ${wrong}`)
  return tensor.data
}

/** Metadata keys that are not ours are passed over: other tools add their own. */
function readMetadata(metadata: ReadonlyMap<string, string>) {
  const version = metadata.get('millrace')
  if (version === undefined) {
    throw modelInvalid('metadata', 'an entry "millrace"', 'none: it is not a millrace model')
  }
  if (version !== FORMAT_VERSION) {
    throw modelInvalid('metadata.millrace', `format version "${FORMAT_VERSION}"`, JSON.stringify(version))
  }
  oneOf(['linear'])(metadata.get('kind'), 'metadata.kind')
  const loss = oneOf(lossNames)(metadata.get('loss'), 'metadata.loss')
  const lossSettings = parseLossSettings(loss, metadata)
  const schema = parseSchema(entry(metadata, 'schema'))
  const { targetKind, targetRange = 'any' } = lossFactory(loss)
  if (schema.target.kind !== targetKind) {
    throw modelInvalid('schema.target.kind', `"${targetKind}" by the loss`, `"${schema.target.kind}"`)
  }
  const range = schema.target.kind === 'number' ? (schema.target.range ?? 'any') : 'any'
  if (range !== targetRange) {
    throw modelInvalid('schema.target.range', `"${targetRange}" by the loss`, `"${range}"`)
  }
  const outputs = lossFactory(loss).outputs(
    schema.target.kind === 'number' ? 0 : schema.target.classes.length,
  )
  return { schema, loss, lossSettings, outputs, provenance: parseProvenance(entry(metadata, 'provenance')) }
}

/** An entry where the loss has settings, none where it has not. */
function lossSettingsText({ lossSettings }: Model): [string, string][] {
  return Object.keys(lossSettings).length === 0 ? [] : [['loss_settings', JSON.stringify(lossSettings)]]
}

function parseLossSettings(
  loss: LossName,
  metadata: ReadonlyMap<string, string>,
): Readonly<Record<string, number>> {
  const where = 'metadata.loss_settings'
  const names = Object.keys(lossFactory(loss).settings)
  const text = metadata.get('loss_settings')
  if (text === undefined && names.length === 0) return {}
  const field = fieldsOf(parseUntrustedJson(entry(metadata, 'loss_settings'), where), where, names)
  const settings = Object.fromEntries(names.map((name) => [name, field(name, finite)]))
  try {
    return createLoss(loss, settings).settings
  } catch (error) {
    if (error instanceof MillraceError)
      throw modelInvalid(where, 'settings within their ranges', error.message)
    throw error
  }
}

function entry(metadata: ReadonlyMap<string, string>, name: string): string {
  const value = metadata.get(name)
  if (value === undefined) throw modelInvalid('metadata', `an entry "${name}"`, 'none')
  return value
}

function tensorShapes(schema: Schema, outputs: number): TensorShapes {
  const dense = denseFeatures(schema).length
  const { categories } = featureColumns(schema)
  const indices = categories.reduce((sum, column) => sum + categoryCount(column), 0)
  return { weights: [outputs, dense], bias: [outputs], category_weights: [indices, outputs] }
}
