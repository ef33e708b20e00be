import { FORMAT_VERSION } from '../artifact/model-bytes.js'
import { tensorShapes, tensorsOf } from '../artifact/model-tensors.js'
import { networkText } from '../artifact/network-text.js'
import { provenanceText } from '../artifact/provenance-text.js'
import { schemaText } from '../artifact/schema-text.js'
import type { TrainedModel } from '../model/model.js'
import { shortestText } from '../numeric/shortest.js'
import type { ExportFormat } from './format.js'
import { modelFeatures } from './model-features.js'

/** All that a model file holds as one JSON document, a line for each row of a tensor. */
export const json: ExportFormat = {
  description: 'one document for people and other programs, all numbers and vocabularies in it',
  binary: false,
  settings: [],
  write(model) {
    const { kind, loss, lossSettings, schema, provenance } = model
    const parts: [name: string, text: string][] = [
      ['millrace', JSON.stringify(FORMAT_VERSION)],
      ['kind', JSON.stringify(kind)],
      ['loss', JSON.stringify(loss)],
      ['lossSettings', JSON.stringify(lossSettings)],
      ...(model.kind === 'network' ? [['network', networkText(model.network)] as [string, string]] : []),
      ['schema', indented(schemaText(schema))],
      ['features', indented(JSON.stringify(featureNumbers(model)))],
      ['tensors', tensorsText(model)],
      ['provenance', indented(provenanceText(provenance))],
    ]
    return `{\n${parts.map(([name, text]) => `  "${name}": ${text}`).join(',\n')}\n}\n`
  },
}

function indented(text: string): string {
  return JSON.stringify(JSON.parse(text), null, 2).replaceAll('\n', '\n  ')
}

/** Which numbers of the tensors belong to which column. */
function featureNumbers(model: TrainedModel): object {
  const { dense, slots } = modelFeatures(model)
  return {
    dense: dense.map(({ column, first, indicator }) => ({ column: column.name, first, indicator })),
    categories: slots.map(({ slot, first, buckets, missing, factor }) => {
      return { column: slot.name, first, buckets, missing, factor }
    }),
  }
}

function tensorsText(model: TrainedModel): string {
  const network = model.kind === 'network' ? model.network : undefined
  const tensors = tensorsOf(model)
  const texts = tensorShapes(model.schema, model.outputs, network).map(({ name, shape }) => {
    const values = arrayText(tensors.get(name)!, shape, '      ')
    return `    "${name}": {\n      "shape": ${JSON.stringify(shape)},\n      "values": ${values}\n    }`
  })
  return `{\n${texts.join(',\n')}\n  }`
}

/** A vector, or a matrix as a list of its rows. */
function arrayText(values: Float32Array, shape: readonly number[], indent: string): string {
  if (shape.length === 1) return `[${Array.from(values, shortestText).join(', ')}]`
  const [rows = 0, width = 0] = shape
  const lines = Array.from({ length: rows }, (_, row) => {
    return `${indent}  [${Array.from(values.subarray(row * width, (row + 1) * width), shortestText).join(', ')}]`
  })
  return lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n${indent}]`
}
