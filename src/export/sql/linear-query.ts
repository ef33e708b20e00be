import { shown, usageError } from '../../errors.js'
import { lossFacts } from '../../loss/index.js'
import type { LinearModel } from '../../model/model.js'
import { isNumber, type NumberColumn } from '../../schema/schema.js'
import {
  knownValues,
  modelFeatures,
  pairsOf,
  type DenseFeatures,
  type SlotFeatures,
} from '../model-features.js'
import { Columns, tableName } from './columns.js'
import { outputColumns, scoreNames } from './outputs.js'
import { exactNumber, identifier, literal, number, sum } from './text.js'

/** Vocabularies up to this size are a CASE; a larger one is a table of its own, which is joined and not searched through. */
const LARGEST_CASE = 20
/** SQLite joins 64 tables at most; then the larger vocabularies are. */
const MOST_JOINS = 60

/** A query that adds scores, `prediction` and the probabilities to every row of a table. */
export function linearQuery(model: LinearModel, table: string): string {
  return new LinearQuery(model).text(table)
}

class LinearQuery {
  readonly #columns: Columns
  readonly #dense: readonly DenseFeatures[]
  readonly #slots: readonly SlotFeatures[]
  /** Slots whose vocabulary is a table, and the name of it. */
  readonly #tables: ReadonlyMap<SlotFeatures, string>
  /** Units of the score in one of the model's: those of the target where it is a number without a logarithm. */
  readonly #unit: number
  readonly #shift: number

  constructor(private readonly model: LinearModel) {
    const { schema, loss } = model
    this.#columns = new Columns(schema)
    const { dense, slots } = modelFeatures(model)
    checkDates(dense)
    checkHashes(slots)
    this.#dense = dense
    this.#slots = slots
    const large = slots.filter(({ slot }) => slot.values.length > LARGEST_CASE)
    const largest = large.sort((a, b) => b.slot.values.length - a.slot.values.length).slice(0, MOST_JOINS)
    this.#tables = new Map(largest.map((slot, i) => [slot, `weights_${i + 1}`]))
    const { target } = schema
    const isIdentity = target.kind === 'number' && lossFacts(loss).kernel.predict === 'predictIdentity'
    this.#unit = isIdentity ? target.scale : 1
    this.#shift = isIdentity ? target.mean : 0
  }

  text(table: string): string {
    const { model } = this
    const scores = scoreNames(model)
    const tables = [...this.#tables].map(([slot, name]) => this.#valuesTable(slot, name))
    const joins = [...this.#tables].map(
      ([slot, name]) => `  LEFT JOIN ${name} ON ${this.#isValue(slot, name)}`,
    )
    const scoreColumns = scores.map((name, k) => `    ${this.#score(k)} AS ${identifier(name)}`)
    return [
      `-- Predicts ${shown(model.schema.target.name)} for the rows of ${tableName(table).replaceAll(/\s+/g, ' ')}: a linear model, trained`,
      `-- with the loss ${model.loss}. NULL is a missing value. Standard SQL, for SQLite and PostgreSQL.`,
      ...(tables.length === 0 ? [] : [`WITH ${tables.join(',\n')}`]),
      'SELECT',
      '  scored.*,',
      outputColumns(model, scores).join(',\n'),
      'FROM (',
      '  SELECT',
      '    t.*,',
      scoreColumns.join(',\n'),
      `  FROM ${tableName(table)} AS t`,
      ...joins,
      ') AS scored',
      '',
    ].join('\n')
  }

  /** The sum of the terms of score k; all numbers are double because the first is. */
  #score(k: number): string {
    const bias = this.model.bias[k]! * this.#unit + this.#shift
    const terms = [
      `CAST(${exactNumber(bias)} AS DOUBLE PRECISION)`,
      ...this.#dense.map((features) => this.#denseTerm(features, k)),
      ...this.#slots.map((features) => this.#slotTerm(features, k)),
    ]
    return sum(terms, '      ')
  }

  #weight(d: number, k: number): number {
    const { weights, outputs } = this.model
    return weights[k * (weights.length / outputs) + d]! * this.#unit
  }

  #categoryWeight(index: number, k: number): number {
    return this.model.categoryWeights[index * this.model.outputs + k]! * this.#unit
  }

  #denseTerm({ column, first, indicator }: DenseFeatures, k: number): string {
    const scaling = column as NumberColumn
    const weight = this.#weight(first, k)
    const absent = weight * scaling.fill + (indicator === undefined ? 0 : this.#weight(indicator, k))
    return this.#caseOfNumber(scaling, number(absent), weight)
  }

  /** What is `absent` where the number is missing, else factor · x, x being the encoded number. */
  #caseOfNumber(column: NumberColumn, absent: string, factor: number): string {
    const { name, mean, scale, limit } = column
    const start = `CASE WHEN ${this.#columns.isMissing(name)} THEN ${absent}`
    if (column.kind === 'boolean') {
      const ofTruth = (truth: number): string => number(factor * held((truth - mean) / scale, limit))
      const word = this.#columns.word(name)
      const yes = `WHEN ${word} IN ('true', 'yes', 't', '1', '1.0') THEN ${ofTruth(1)}`
      return `${start} ${yes} WHEN ${word} IN ('false', 'no', 'f', '0', '0.0') THEN ${ofTruth(0)} END`
    }
    const value = this.#columns.number(name)
    const difference =
      mean === 0 ? value : `(${value} ${mean < 0 ? '+' : '-'} ${exactNumber(Math.abs(mean))})`
    const product = `${number(factor / scale)} * ${difference}`
    if (limit === null) return `${start} ELSE ${product} END`
    const high = `WHEN ${value} > ${exactNumber(mean + limit * scale)} THEN ${number(factor * limit)}`
    const low = `WHEN ${value} < ${exactNumber(mean - limit * scale)} THEN ${number(-factor * limit)}`
    return `${start} ${high} ${low} ELSE ${product} END`
  }

  #slotTerm(features: SlotFeatures, k: number): string {
    const { columns, missing, unseen, factor } = features
    const isMissing = columns.map((name) => this.#columns.isMissing(name)).join(' OR ')
    const others = number(this.#categoryWeight(unseen!, k))
    const table = this.#tables.get(features)
    const known =
      table === undefined
        ? knownValues(features, this.model.schema).flatMap(([value, index]) => {
            return this.#conditions(features, value).map(
              (is) => `WHEN ${is} THEN ${number(this.#categoryWeight(index, k))}`,
            )
          })
        : [`WHEN ${table}.value_1 IS NOT NULL THEN ${table}.weight_${k + 1}`]
    const absent = number(this.#categoryWeight(missing, k))
    const weight = `CASE WHEN ${isMissing} THEN ${absent} ${[...known, `ELSE ${others}`].join(' ')} END`
    if (factor === undefined) return weight
    const column = this.#dense.find(({ first }) => first === factor)!.column as NumberColumn
    return `${weight} * ${this.#caseOfNumber(column, number(column.fill), 1)}`
  }

  /** That the columns of a slot have this value: one condition, or one for each way to take a pair apart. */
  #conditions({ columns }: SlotFeatures, value: string): string[] {
    const texts = columns.map((name) => this.#columns.text(name))
    return valuesOf(columns, value).map((parts) => {
      return parts.map((part, i) => `${texts[i]!} = ${literal(part)}`).join(' AND ')
    })
  }

  /** weights_1 (value_1, …, weight_1, …): a row for each value. */
  #valuesTable(features: SlotFeatures, name: string): string {
    const { columns } = features
    const { outputs } = this.model
    const rows = knownValues(features, this.model.schema).flatMap(([value, index]) => {
      const weights = Array.from({ length: outputs }, (_, k) => number(this.#categoryWeight(index, k)))
      return valuesOf(columns, value).map((parts) => `  (${[...parts.map(literal), ...weights].join(', ')})`)
    })
    const names = [
      ...columns.map((_, i) => `value_${i + 1}`),
      ...Array.from({ length: outputs }, (_, k) => `weight_${k + 1}`),
    ]
    return `${name} (${names.join(', ')}) AS (VALUES\n${rows.join(',\n')}\n)`
  }

  #isValue({ columns }: SlotFeatures, table: string): string {
    return columns.map((name, i) => `${table}.value_${i + 1} = ${this.#columns.text(name)}`).join(' AND ')
  }
}

/** The texts of the columns that make a value. A text that no database can hold is left out: no row has it. */
function valuesOf(columns: readonly string[], value: string): string[][] {
  if (value.includes('\0')) return []
  return columns.length === 1 ? [[value]] : pairsOf(value)
}

function held(x: number, limit: number | null): number {
  return limit === null ? x : Math.min(Math.max(x, -limit), limit)
}

function checkDates(dense: readonly DenseFeatures[]): void {
  const date = dense.find(({ column }) => !isNumber(column))
  if (date === undefined) return
  throw usageError(
    'EXPORT_NOT_POSSIBLE',
    `format: sql cannot read the date ${shown(date.column.name)}: databases have no common way to`,
    'export as js or onnx, or train with --ignore, and with columns that the query makes of the date',
    { option: 'format', column: date.column.name },
  )
}

function checkHashes(slots: readonly SlotFeatures[]): void {
  const hashed = slots.find(({ unseen }) => unseen === undefined)
  if (hashed === undefined) return
  throw usageError(
    'EXPORT_NOT_POSSIBLE',
    `format: sql cannot hash: rare values of ${shown(hashed.slot.name)} have weights by their hash`,
    'train with --hash-bits 0, so that rare values count as missing, or export as js or onnx',
    { option: 'format', column: hashed.slot.name },
  )
}
