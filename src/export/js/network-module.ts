import type { ActivationName } from '../../activation/index.js'
import type { NetworkModel } from '../../model/model.js'
import { isNumber, type Scaling } from '../../schema/schema.js'
import { knownValues, modelFeatures, type DenseFeatures, type SlotFeatures } from '../model-features.js'
import { functionsText, usedNames, type FunctionName } from './functions.js'
import { headLines, predictionSource } from './prediction.js'
import { Identifiers, quoted } from './text.js'

/** Each as an expression of z, and what it calls. */
const activationSources: Readonly<Record<ActivationName, readonly [string, ...FunctionName[]]>> = {
  relu: ['Math.max(z, 0)'],
  'leaky-relu': ['z < 0 ? 0.01 * z : z'],
  tanh: ['Math.tanh(z)'],
  sigmoid: ['sigmoid(z)', 'sigmoid'],
  gelu: ['z * normal(z)', 'normal'],
  silu: ['z * sigmoid(z)', 'sigmoid'],
}

/** A network as a loop over its layers, whose weights are texts in base64. */
export function networkModule(model: NetworkModel): string {
  return new NetworkModule(model).text()
}

class NetworkModule {
  readonly #needs = new Set<FunctionName>(['floats'])
  readonly #identifiers = new Identifiers(usedNames)
  readonly #variables = new Map<string, string>()
  readonly #tables: string[] = []
  readonly #body: string[] = []

  constructor(private readonly model: NetworkModel) {}

  text(): string {
    const { model } = this
    const { dense, slots } = modelFeatures(model)
    for (const features of dense) this.#denseColumn(features)
    for (const features of slots) this.#slot(features)
    const { lines, needs } = predictionSource(model, false)
    const [activation, ...called] = activationSources[model.network.activation]
    for (const name of [...needs, ...called]) this.#needs.add(name)
    const result =
      model.outputs > 1 ? 'const scores = forward(x, added)' : 'const [score] = forward(x, added)'
    return [
      ...headLines(model, `a network with hidden layers of ${model.network.hidden.join(', ')} units`),
      '',
      'export function predict(row) {',
      '  const x = [] // standardised numbers',
      '  const added = [] // categories: an index, and what multiplies its numbers',
      ...this.#body.map((line) => (line === '' ? '' : `  ${line}`)),
      '',
      ...[result, ...lines].map((line) => `  ${line}`),
      '}',
      '',
      forwardSource(model, activation),
      ...this.#tables,
      '',
      ...layerLines(model),
      functionsText(this.#needs, model.schema),
    ].join('\n')
  }

  #variable(name: string, read: FunctionName): string {
    let variable = this.#variables.get(name)
    if (variable === undefined) {
      this.#variables.set(name, (variable = this.#identifiers.of(name)))
      this.#needs.add(read)
      this.#body.push('', `const ${variable} = ${read}(row, ${quoted(name)})`)
    }
    return variable
  }

  #denseColumn({ column, indicator }: DenseFeatures): void {
    const scalings: readonly Scaling[] = isNumber(column) ? [column] : column.parts
    const read = column.kind === 'number' ? 'number' : column.kind === 'boolean' ? 'truth' : 'date'
    const variable = this.#variable(column.name, read)
    this.#needs.add('scaled').add('between')
    scalings.forEach(({ mean, scale, fill }, i) => {
      const value = isNumber(column) ? variable : `${variable}?.[${i}]`
      this.#body.push(`x.push(scaled(${value}, ${mean}, ${scale}, ${column.limit ?? 'Infinity'}, ${fill}))`)
    })
    if (indicator !== undefined) this.#body.push(`x.push(${variable} === undefined ? 1 : 0)`)
  }

  #slot(features: SlotFeatures): void {
    const { slot, columns, factor, buckets, unseen, missing } = features
    const [first, second] = columns.map((name) => this.#variable(name, 'value'))
    let value = first!
    if (second !== undefined) {
      value = this.#identifiers.of(slot.name)
      this.#needs.add('pair')
      this.#body.push('', `const ${value} = pair(${first!}, ${second})`)
    }
    const table = this.#identifiers.of(`indices of ${slot.name}`)
    const entries = knownValues(features, this.model.schema).map(
      ([text, index]) => `[${quoted(text)}, ${index}]`,
    )
    this.#tables.push('', `// ${quoted(slot.name)}`, `const ${table} = new Map([${entries.join(', ')}])`)
    let others = String(unseen)
    if (unseen === undefined) {
      this.#needs.add('bucket')
      others = `${buckets!.first} + bucket(${value}, ${buckets!.salt}, ${buckets!.count})`
    }
    const index = `${value} === undefined ? ${missing} : (${table}.get(${value}) ?? ${others})`
    this.#body.push(`added.push([${index}, ${factor === undefined ? '1' : `x[${factor}]`}])`)
  }
}

function forwardSource({ network, layers }: NetworkModel, activation: string): string {
  const { embedding, layerNorm } = network
  const width = embedding > 0 ? embedding : layers[0]!.bias.length
  const place = embedding > 0 ? 'x.push(factor * weight)' : 'first[j] += factor * weight'
  const activated = layerNorm ? 'normalised(z, gain, shift).map(activate)' : 'z.map(activate)'
  const norm = `
/** Layer norm (J. L. Ba and others, 2016): mean 0, variance 1, then scaled and shifted. */
function normalised(z, gain, shift) {
  const mean = z.reduce((a, b) => a + b, 0) / z.length
  const variance = z.reduce((sum, each) => sum + (each - mean) ** 2, 0) / z.length
  return z.map((each, j) => ((each - mean) / Math.sqrt(variance + 1e-5)) * gain[j] + shift[j])
}
`
  return `/** Layer after layer: z = x · weights + bias; between them x = activate(z). */
function forward(x, added) {
  const first = Array.from(layers[0].bias)
  for (const [index, factor] of added) {
    categories.subarray(index * ${width}, (index + 1) * ${width}).forEach((weight${embedding > 0 ? '' : ', j'}) => {
      ${place}
    })
  }
  layers.forEach(({ weights, bias${layerNorm ? ', gain, shift' : ''} }, i) => {
    const z = i === 0 ? first : Array.from(bias)
    x.forEach((each, from) => {
      for (let j = 0; j < z.length; j++) z[j] += each * weights[from * z.length + j]
    })
    x = i === layers.length - 1 ? z : ${activated}
  })
  return x
}

function activate(z) {
  return ${activation}
}
${layerNorm ? norm : ''}`
}

function layerLines({ layers, categoryWeights }: NetworkModel): string[] {
  const floats = (values: Float32Array): string => `floats('${base64(values)}')`
  return [
    `const categories = ${floats(categoryWeights)}`,
    '',
    '// A row of weights for each input.',
    'const layers = [',
    ...layers.map(({ weights, bias, gain, shift }) => {
      const parts = [`weights: ${floats(weights)}`, `bias: ${floats(bias)}`]
      if (gain !== undefined && shift !== undefined)
        parts.push(`gain: ${floats(gain)}`, `shift: ${floats(shift)}`)
      return `  {\n${parts.map((part) => `    ${part},`).join('\n')}\n  },`
    }),
    ']',
  ]
}

/** Little-endian whatever the machine. */
function base64(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeFloatLE(value, i * 4))
  return bytes.toString('base64')
}
