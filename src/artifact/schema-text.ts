import { Parts } from '../../workers/layout.js'
import { shown } from '../errors.js'
import { datePartNames } from '../schema/dates.js'
import { interactionName, interactionSides, isPairValue } from '../schema/interactions.js'
import {
  isNumber,
  type CategorySlot,
  type ColumnPair,
  type ColumnSchema,
  type Dialect,
  type InteractionColumn,
  type Scaling,
  type Schema,
  type TargetColumn,
} from '../schema/schema.js'
import * as is from './check.js'
import { parseUntrustedJson } from './untrusted-json.js'

const columnKinds = ['ignored', 'number', 'boolean', 'date', 'category', 'target', 'weight'] as const
const decimalMarks = ['.', ','] as const
const targetKinds = ['number', 'binary', 'classes'] as const
const targetRanges = ['not negative', 'positive'] as const

/** Schema → JSON text; equal schemas give equal texts, whatever the order of their fields. */
export function schemaText({ dialect, columns, interactions, sharedBuckets = 0, target }: Schema): string {
  const { delimiter, quote = null, comment = null, decimal, header, missingTokens } = dialect
  return JSON.stringify({
    dialect: { delimiter, quote, comment, decimal, header, missingTokens },
    columns: columns.map(orderedColumn),
    interactions: interactions.map(({ columns, ...slot }) => ({ columns, ...orderedVocabulary(slot) })),
    ...(sharedBuckets > 0 ? { sharedBuckets } : {}),
    target: orderedTarget(target),
  })
}

function orderedColumn(column: ColumnSchema): object {
  const { kind, name } = column
  if (isNumber(column)) {
    const { mean, scale, fill, indicator, limit } = column
    return { kind, name, mean, scale, fill, indicator, limit }
  }
  if (kind === 'date') {
    const { indicator, limit } = column
    const parts = column.parts.map(({ mean, scale, fill }) => ({ mean, scale, fill }))
    return { kind, name, parts, indicator, limit }
  }
  if (kind === 'category') return { kind, name, ...orderedVocabulary(column) }
  return { kind, name }
}

type Vocabulary = Pick<CategorySlot, 'buckets' | 'values' | 'counts' | 'others' | 'missing'>

/** What is undefined is not written. */
function orderedVocabulary({ buckets, values, counts, others, missing }: Vocabulary): Vocabulary {
  return { buckets, values, counts, others, missing } as Vocabulary
}

function orderedTarget(target: TargetColumn): object {
  const { kind, name } = target
  if (kind !== 'number') return { kind, name, classes: target.classes }
  const { mean, scale, range } = target
  return { kind, name, mean, scale, ...(range === undefined ? {} : { range }) }
}

/** JSON text → schema. Throws MODEL_INVALID that says which field is wrong. */
export function parseSchema(json: string): Schema {
  const value = parseUntrustedJson(json, 'schema')
  const shares = is.entriesOf(value, 'schema').some(([name]) => name === 'sharedBuckets')
  const names = ['dialect', 'columns', 'interactions', 'sharedBuckets', 'target'] as const
  const field = is.fieldsOf(
    value,
    'schema',
    names.filter((name) => name !== 'sharedBuckets' || shares),
  )
  const schema = {
    dialect: field('dialect', checkDialect),
    columns: field('columns', is.listOf(checkColumn, 1)),
    interactions: field('interactions', is.listOf(checkInteraction)),
    ...(shares ? { sharedBuckets: field('sharedBuckets', is.buckets) } : {}),
    target: field('target', checkTarget),
  }
  checkRoles(schema)
  checkInteractions(schema)
  checkBuckets(schema)
  return schema
}

function checkDialect(value: unknown, where: string): Dialect {
  // Models from before there was a choice do not name it.
  const hasDecimal = is.entriesOf(value, where).some(([name]) => name === 'decimal')
  const names = ['delimiter', 'quote', 'comment', 'decimal', 'header', 'missingTokens'] as const
  const field = is.fieldsOf(
    value,
    where,
    names.filter((name) => name !== 'decimal' || hasDecimal),
  )
  const dialect: Dialect = {
    delimiter: field('delimiter', is.character),
    quote: field('quote', is.orNull(is.quote)) ?? undefined,
    comment: field('comment', is.orNull(is.character)) ?? undefined,
    decimal: hasDecimal ? field('decimal', is.oneOf(decimalMarks)) : '.',
    header: field('header', is.flag),
    missingTokens: field('missingTokens', is.listOf(is.text)),
  }
  const used = [dialect.delimiter, dialect.quote, dialect.comment].filter((entry) => entry !== undefined)
  if (new Set(used).size < used.length) {
    throw is.modelInvalid(where, 'delimiter, quote and comment to differ', used.map(shown).join(', '))
  }
  return dialect
}

function checkColumn(value: unknown, where: string): ColumnSchema {
  const entries = new Map(is.entriesOf(value, where))
  const kind = is.oneOf(columnKinds)(entries.get('kind'), `${where}.kind`)
  if (kind === 'number' || kind === 'boolean') {
    const field = is.fieldsOf(value, where, ['kind', 'name', 'mean', 'scale', 'fill', 'indicator', 'limit'])
    return {
      kind,
      name: field('name', is.text),
      ...scalingOf(field),
      indicator: field('indicator', is.flag),
      limit: field('limit', is.orNull(is.positive)),
    }
  }
  if (kind === 'date') {
    const field = is.fieldsOf(value, where, ['kind', 'name', 'parts', 'indicator', 'limit'])
    return {
      kind,
      name: field('name', is.text),
      parts: field('parts', checkParts),
      indicator: field('indicator', is.flag),
      limit: field('limit', is.orNull(is.positive)),
    }
  }
  if (kind === 'category') {
    const field = is.fieldsOf(value, where, ['kind', 'name', ...vocabularyFields(entries)])
    return { kind, name: field('name', is.text), ...checkVocabulary(field, entries, where) }
  }
  return { kind, name: is.fieldsOf(value, where, ['kind', 'name'])('name', is.text) }
}

/** One scaling for each number of a date. */
function checkParts(value: unknown, where: string): Scaling[] {
  const parts = is.listOf((part, at) => scalingOf(is.fieldsOf(part, at, ['mean', 'scale', 'fill'])))(
    value,
    where,
  )
  if (parts.length === datePartNames.length) return parts
  throw is.modelInvalid(
    where,
    `${datePartNames.length} entries: ${datePartNames.join(', ')}`,
    String(parts.length),
  )
}

function scalingOf(field: <T>(name: 'mean' | 'scale' | 'fill', check: is.Check<T>) => T): Scaling {
  return {
    mean: field('mean', is.finite),
    scale: field('scale', is.positive),
    fill: field('fill', is.finite),
  }
}

function checkInteraction(value: unknown, where: string): InteractionColumn {
  const entries = new Map(is.entriesOf(value, where))
  const field = is.fieldsOf(value, where, ['columns', ...vocabularyFields(entries)])
  const columns = field('columns', checkPair)
  return {
    kind: 'interaction',
    name: interactionName(columns),
    columns,
    ...checkVocabulary(field, entries, where),
  }
}

/** Models from before rows were counted have no counts. */
function vocabularyFields(entries: ReadonlyMap<string, unknown>): (keyof Vocabulary)[] {
  const counted = (['counts', 'others', 'missing'] as const).filter((name) => entries.has(name))
  return ['buckets', 'values', ...counted]
}

function checkVocabulary(
  field: <T>(name: keyof Vocabulary, check: is.Check<T>) => T,
  entries: ReadonlyMap<string, unknown>,
  where: string,
): Vocabulary {
  const values = field('values', is.distinctTexts())
  const counts = entries.has('counts') ? { counts: field('counts', is.listOf(is.count)) } : {}
  if (counts.counts !== undefined && counts.counts.length !== values.length) {
    throw is.modelInvalid(`${where}.counts`, `${values.length} counts`, String(counts.counts.length))
  }
  return {
    values,
    buckets: field('buckets', is.buckets),
    ...counts,
    ...(entries.has('others') ? { others: field('others', is.count) } : {}),
    ...(entries.has('missing') ? { missing: field('missing', is.count) } : {}),
  }
}

function checkPair(value: unknown, where: string): ColumnPair {
  const names = is.listOf(is.text, 2)(value, where)
  if (names.length > 2) throw is.modelInvalid(where, 'two names', String(names.length))
  return [names[0]!, names[1]!]
}

function checkTarget(value: unknown, where: string): TargetColumn {
  const entries = new Map(is.entriesOf(value, where))
  const kind = is.oneOf(targetKinds)(entries.get('kind'), `${where}.kind`)
  if (kind === 'number') {
    const ranged = entries.has('range')
    const names = ['kind', 'name', 'mean', 'scale', 'range'] as const
    const field = is.fieldsOf(value, where, ranged ? names : names.slice(0, 4))
    const [mean, scale] = [field('mean', is.finite), field('scale', is.positive)]
    const range = ranged ? { range: field('range', is.oneOf(targetRanges)) } : {}
    return { kind, name: field('name', is.text), mean, scale, ...range }
  }
  const field = is.fieldsOf(value, where, ['kind', 'name', 'classes'])
  const classes = field('classes', is.distinctTexts(2))
  if (kind === 'binary' && classes.length !== 2) {
    throw is.modelInvalid(`${where}.classes`, 'two classes', String(classes.length))
  }
  return { kind, name: field('name', is.text), classes }
}

/** Buckets belong to all category slots or to each of them. */
function checkBuckets({ columns, interactions, sharedBuckets = 0 }: Schema): void {
  const own = [...columns, ...interactions].find((slot) => 'buckets' in slot && slot.buckets > 0)
  if (sharedBuckets === 0 || own === undefined) return
  throw is.modelInvalid('schema.sharedBuckets', `0, as ${shown(own.name)} has buckets`, String(sharedBuckets))
}

/** One target, at most one weight, no name twice. */
function checkRoles({ columns, target }: Schema): void {
  is.distinctTexts()(
    columns.map(({ name }) => name),
    'names of schema.columns',
  )
  const targets = columns.filter(({ kind }) => kind === 'target').map(({ name }) => name)
  if (targets.length !== 1 || targets[0] !== target.name) {
    throw is.modelInvalid('schema.columns', `${shown(target.name)} as the one target`, shown(targets))
  }
  const weights = columns.filter(({ kind }) => kind === 'weight').length
  if (weights > 1) throw is.modelInvalid('schema.columns', 'at most one weight', String(weights))
}

/** Each of two categories, or, behind those, of a category and a number; values of two categories are pairs. */
function checkInteractions({ columns, interactions }: Schema): void {
  const sides = interactions.map((interaction, i) => {
    const where = `schema.interactions[${i}]`
    const found = interactionSides(columns, interaction.columns)
    if (found === undefined) {
      const expected = 'two categories, or a category and a number'
      throw is.modelInvalid(`${where}.columns`, expected, shown(interaction.columns))
    }
    const single = interaction.values.find((value) => !isPairValue(value))
    if (found.factor === undefined && single !== undefined) {
      throw is.modelInvalid(`${where}.values`, 'pairs of values', shown(single))
    }
    return found
  })
  const firstScaled = sides.findIndex(({ factor }) => factor !== undefined)
  if (firstScaled >= 0 && sides.slice(firstScaled).some(({ factor }) => factor === undefined)) {
    throw is.modelInvalid('schema.interactions', 'those of two categories first', 'another order')
  }
  const parts = new Set(sides.flatMap(({ categories }) => categories)).size
  if (parts > Parts.Capacity) {
    throw is.modelInvalid(
      'schema.interactions',
      `categories of at most ${Parts.Capacity} columns`,
      String(parts),
    )
  }
}
