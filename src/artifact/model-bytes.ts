import { MillraceError, runError } from '../errors.js'
import { checkedSettings, lossFacts, lossNames, type LossName } from '../loss/index.js'
import type { TrainedModel } from '../model/model.js'
import { fieldsOf, finite, modelInvalid, oneOf } from './check.js'
import { checkedTensors, linearTensors, networkTensors, tensorShapes, tensorsOf } from './model-tensors.js'
import { networkText, parseNetwork } from './network-text.js'
import { parseProvenance, provenanceText } from './provenance-text.js'
import { decodeSafetensors, encodeSafetensors } from './safetensors.js'
import { parseSchema, schemaText } from './schema-text.js'
import { parseUntrustedJson } from './untrusted-json.js'

/** Version of the model file; a change that older millraces cannot read counts it up. */
export const FORMAT_VERSION = '1'

/**
 * Model → bytes of its file (docs/model-file.md). Equal models give equal bytes.
 *
 * Throws MODEL_INVALID for a model that could not be read back, MODEL_NOT_FINITE where a weight is NaN or infinite (the
 * training diverged), MODEL_TOO_LARGE where the vocabularies are.
 */
export function encodeModel(model: TrainedModel): Uint8Array {
  const metadata = new Map([
    ['millrace', FORMAT_VERSION],
    ['kind', model.kind],
    ['loss', model.loss],
    ...lossSettingsText(model),
    ...(model.kind === 'network' ? ([['network', networkText(model.network)]] as const) : []),
    ['schema', schemaText(model.schema)],
    ['provenance', provenanceText(model.provenance)],
  ])
  const { schema, loss, outputs, network } = readMetadata(metadata)
  if (model.outputs !== outputs) throw modelInvalid('outputs', String(outputs), String(model.outputs))
  const given = tensorsOf(model)
  const tensors = tensorShapes(schema, outputs, network).map((tensor) => {
    const data = given.get(tensor.name)
    if (data === undefined) throw modelInvalid('tensors', `a tensor "${tensor.name}"`, 'none')
    return { ...tensor, data }
  })
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
export function decodeModel(bytes: Uint8Array): TrainedModel {
  const { tensors, metadata } = decodeSafetensors(bytes)
  const { network, ...facts } = readMetadata(metadata)
  const tensor = checkedTensors(tensors, tensorShapes(facts.schema, facts.outputs, network))
  return network === undefined
    ? { kind: 'linear', ...facts, ...linearTensors(tensor) }
    : { kind: 'network', network, ...facts, ...networkTensors(tensor, network) }
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
  const kind = oneOf(['linear', 'network'])(metadata.get('kind'), 'metadata.kind')
  const network = kind === 'network' ? parseNetwork(entry(metadata, 'network')) : undefined
  const loss = oneOf(lossNames)(metadata.get('loss'), 'metadata.loss')
  const lossSettings = parseLossSettings(loss, metadata)
  const schema = parseSchema(entry(metadata, 'schema'))
  const { targetKind, targetRange = 'any' } = lossFacts(loss)
  if (schema.target.kind !== targetKind) {
    throw modelInvalid('schema.target.kind', `"${targetKind}" by the loss`, `"${schema.target.kind}"`)
  }
  const range = schema.target.kind === 'number' ? (schema.target.range ?? 'any') : 'any'
  if (range !== targetRange) {
    throw modelInvalid('schema.target.range', `"${targetRange}" by the loss`, `"${range}"`)
  }
  const outputs = lossFacts(loss).outputs(schema.target.kind === 'number' ? 0 : schema.target.classes.length)
  return {
    network,
    schema,
    loss,
    lossSettings,
    outputs,
    provenance: parseProvenance(entry(metadata, 'provenance')),
  }
}

/** An entry where the loss has settings, none where it has not. */
function lossSettingsText({ lossSettings }: TrainedModel): [string, string][] {
  return Object.keys(lossSettings).length === 0 ? [] : [['loss_settings', JSON.stringify(lossSettings)]]
}

function parseLossSettings(
  loss: LossName,
  metadata: ReadonlyMap<string, string>,
): Readonly<Record<string, number>> {
  const where = 'metadata.loss_settings'
  const names = Object.keys(lossFacts(loss).settings)
  const text = metadata.get('loss_settings')
  if (text === undefined && names.length === 0) return {}
  const field = fieldsOf(parseUntrustedJson(entry(metadata, 'loss_settings'), where), where, names)
  const settings = Object.fromEntries(names.map((name) => [name, field(name, finite)]))
  try {
    return checkedSettings(loss, settings)
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
