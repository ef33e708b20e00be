import { lossFacts } from '../../loss/index.js'
import type { LinearModel } from '../../model/model.js'
import { datePartNames } from '../../schema/dates.js'
import { isNumber, type Scaling } from '../../schema/schema.js'
import { knownValues, modelFeatures, type DenseFeatures, type SlotFeatures } from '../model-features.js'
import { functionsText, usedNames, type FunctionName } from './functions.js'
import { headLines, predictionSource } from './prediction.js'
import { coefficient, coefficients, Identifiers, quoted } from './text.js'

/**
 * A linear model as an equation that can be read: a term for each column, coefficients in the units of the data.
 *
 *     score = bias + Σ coefficient · (value − mean)
 *
 * The mean stays where it is, because the difference keeps its digits however large the values are. Where the target is a
 * number that is not predicted through a logarithm, the score is the prediction.
 */
export function linearModule(model: LinearModel): string {
  return new LinearModule(model).text()
}

class LinearModule {
  readonly #needs = new Set<FunctionName>()
  readonly #identifiers = new Identifiers(usedNames)
  readonly #variables = new Map<string, string>()
  readonly #tables: string[] = []
  readonly #body: string[] = []
  /** Whether there are several scores. */
  readonly #several: boolean
  /** Units of the score in one of the model's. */
  readonly #unit: number
  readonly #shift: number

  constructor(private readonly model: LinearModel) {
    const { target } = model.schema
    this.#several = model.outputs > 1
    const isIdentity = target.kind === 'number' && lossFacts(model.loss).kernel.predict === 'predictIdentity'
    this.#unit = isIdentity ? target.scale : 1
    this.#shift = isIdentity ? target.mean : 0
  }

  text(): string {
    const { model } = this
    const bias = Array.from(model.bias, (each) => each * this.#unit + this.#shift)
    const { dense, slots } = modelFeatures(model)
    for (const features of dense) this.#denseTerm(features)
    for (const features of slots) this.#slotTerm(features)
    const { lines, needs } = predictionSource(model, true)
    for (const name of needs) this.#needs.add(name)
    const start = this.#several ? `const scores = ${coefficients(bias)}` : `let score = ${coefficients(bias)}`
    return [
      ...headLines(model, 'a linear model'),
      '',
      'export function predict(row) {',
      `  ${start} // bias`,
      ...this.#body.map((line) => (line === '' ? '' : `  ${line}`)),
      '',
      ...lines.map((line) => `  ${line}`),
      '}',
      ...this.#tables,
      functionsText(this.#needs, model.schema),
    ].join('\n')
  }

  /** Of feature d to each score, times `factor`. */
  #weights(d: number, factor: number): number[] {
    const { outputs, weights } = this.model
    const count = weights.length / outputs
    return Array.from({ length: outputs }, (_, k) => weights[k * count + d]! * factor * this.#unit)
  }

  #need(name: FunctionName): FunctionName {
    this.#needs.add(name)
    return name
  }

  /** score += weights · x */
  #plus(weights: readonly number[], x = ''): string {
    if (this.#several) {
      return `${this.#need('add')}(scores, ${coefficients(weights)}, ${x === '' ? '1' : x.replace(/^\((.*)\)$/s, '$1')})`
    }
    return `score += ${coefficients(weights)}${x === '' ? '' : ` * ${x}`}`
  }

  /** The variable that holds the value of a column, made where it is met first. */
  #variable(name: string, read: FunctionName): string {
    let variable = this.#variables.get(name)
    if (variable === undefined) {
      this.#variables.set(name, (variable = this.#identifiers.of(name)))
      this.#body.push('', `const ${variable} = ${this.#need(read)}(row, ${quoted(name)})`)
    }
    return variable
  }

  #denseTerm({ column, first, indicator }: DenseFeatures): void {
    const scalings: readonly Scaling[] = isNumber(column) ? [column] : column.parts
    const read = column.kind === 'number' ? 'number' : column.kind === 'boolean' ? 'truth' : 'date'
    const variable = this.#variable(column.name, read)
    const absent = this.#weights(first, scalings[0]!.fill)
    const add = (more: readonly number[]): void => more.forEach((weight, k) => (absent[k]! += weight))
    for (const [i, { fill }] of scalings.entries()) if (i > 0) add(this.#weights(first + i, fill))
    if (indicator !== undefined) add(this.#weights(indicator, 1))
    const terms = scalings.map((scaling, i) => {
      const value = isNumber(column) ? variable : `${variable}[${i}]`
      const part = isNumber(column) ? '' : ` // ${datePartNames[i]}`
      return (
        this.#plus(
          this.#weights(first + i, 1 / scaling.scale),
          this.#difference(value, scaling, column.limit),
        ) + part
      )
    })
    this.#body.push(`if (${variable} === undefined) ${this.#plus(absent)}`)
    if (terms.length === 1) this.#body.push(`else ${terms[0]!}`)
    else this.#body.push('else {', ...terms.map((term) => `  ${term}`), '}')
  }

  /** (value − mean), held within the limit. */
  #difference(value: string, { mean, scale }: Scaling, limit: number | null): string {
    const difference = mean === 0 ? value : `(${value} ${mean < 0 ? '+' : '-'} ${Math.abs(mean)})`
    if (limit === null) return difference
    const most = coefficient(limit * scale)
    return `${this.#need('between')}(-${most}, ${difference.replace(/^\((.*)\)$/, '$1')}, ${most})`
  }

  #slotTerm(features: SlotFeatures): void {
    const { slot, columns, factor, buckets, unseen, missing } = features
    const table = this.#table(features)
    const [first, second] = columns.map((name) => this.#variable(name, 'value'))
    const value = second === undefined ? first! : this.#identifiers.of(slot.name)
    if (second !== undefined)
      this.#body.push('', `const ${value} = ${this.#need('pair')}(${first!}, ${second})`)
    const scale = factor === undefined ? undefined : this.#factor(factor)
    const ofIndex = (index: number): string => coefficients(this.#categoryWeights(index))
    const others =
      unseen === undefined
        ? `${table}_buckets.get(${this.#need('bucket')}(${value}, ${buckets!.salt}, ${buckets!.count})) ?? ${this.#zeros()}`
        : ofIndex(unseen)
    const known = `(${table}.get(${value}) ?? ${unseen === undefined ? `(${others})` : others})`
    const chosen = `${value} === undefined ? ${ofIndex(missing)} : ${known}`
    if (this.#several) this.#body.push(`${this.#need('add')}(scores, ${chosen}, ${scale ?? '1'})`)
    else this.#body.push(scale === undefined ? `score += ${chosen}` : `score += (${chosen}) * ${scale}`)
  }

  #zeros(): string {
    return coefficients(Array.from({ length: this.model.outputs }, () => 0))
  }

  #categoryWeights(index: number): number[] {
    const { outputs, categoryWeights } = this.model
    return Array.from(
      categoryWeights.subarray(index * outputs, (index + 1) * outputs),
      (weight) => weight * this.#unit,
    )
  }

  /** The standardised number that multiplies a slope. */
  #factor(feature: number): string {
    const { column } = modelFeatures(this.model).dense.find(({ first }) => first === feature)!
    const scaling = column as Scaling
    const variable = this.#variables.get(column.name)!
    const x = `${this.#difference(variable, scaling, column.limit)} / ${scaling.scale}`
    return `(${variable} === undefined ? ${scaling.fill} : ${x})`
  }

  /** Tables of the weights of known values, and of buckets that are not 0; returns the name of the first. */
  #table(features: SlotFeatures): string {
    const { slot, buckets, unseen } = features
    const name = this.#identifiers.of(`weights of ${slot.name}`)
    const entries = knownValues(features, this.model.schema).map(([value, index]) => {
      return `  [${quoted(value)}, ${coefficients(this.#categoryWeights(index))}],`
    })
    this.#tables.push('', `// ${quoted(slot.name)}`, `const ${name} = new Map([`, ...entries, '])')
    if (unseen !== undefined) return name
    const used: string[] = []
    for (let i = 0; i < buckets!.count; i++) {
      const weights = this.#categoryWeights(buckets!.first + i)
      if (weights.some((weight) => weight !== 0)) used.push(`  [${i}, ${coefficients(weights)}],`)
    }
    this.#tables.push('', '// Values that are in no vocabulary, by their hash.')
    this.#tables.push(`const ${name}_buckets = new Map([`, ...used, '])')
    return name
  }
}
