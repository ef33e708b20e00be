import fc from 'fast-check'
import { createLoss, lossFacts, lossNames, type LossName } from '../../src/loss/index.js'
import type { LinearModel as Model, Provenance } from '../../src/model/model.js'
import { interactionName } from '../../src/schema/interactions.js'
import type { ColumnSchema, InteractionColumn, Schema, TargetColumn } from '../../src/schema/schema.js'

// JSON has one zero.
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const scale = fc.double({ min: 5e-324, noNaN: true, noDefaultInfinity: true })
const count = fc.nat({ max: 2 ** 31 - 1 })
const optionName = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,8}$/)
const anyText = fc.string({ unit: 'binary', maxLength: 12 })

const numberPart = fc.record({
  kind: fc.constantFrom('number' as const, 'boolean' as const),
  mean: finite,
  scale,
  fill: finite,
  indicator: fc.boolean(),
  limit: fc.option(scale),
})
const datePart = fc.record({
  kind: fc.constant('date' as const),
  parts: fc.array(fc.record({ mean: finite, scale, fill: finite }), { minLength: 5, maxLength: 5 }),
  indicator: fc.boolean(),
  limit: fc.option(scale),
})
const categoryPart = fc.record({
  kind: fc.constant('category' as const),
  values: fc.uniqueArray(anyText, { maxLength: 5 }),
  buckets: fc.constantFrom(0, 1, 2, 16),
})
const column = fc.oneof(
  numberPart,
  datePart,
  categoryPart,
  fc.record({ kind: fc.constant('ignored' as const) }),
)

/** A loss and a target that it is for. */
const targets: fc.Arbitrary<[LossName, TargetColumn]> = fc
  .constantFrom(...lossNames)
  .chain((loss): fc.Arbitrary<[LossName, TargetColumn]> => {
    const { targetKind: kind, targetRange: range } = lossFacts(loss)
    if (kind === 'number') {
      const ranged = range === undefined || range === 'any' ? {} : { range }
      return fc.record({ mean: finite, scale }).map((part) => [loss, { kind, name: '', ...part, ...ranged }])
    }
    return fc
      .uniqueArray(anyText, { minLength: 2, maxLength: kind === 'binary' ? 2 : 5 })
      .map((classes) => [loss, { kind, name: '', classes }])
  })

const dialects = fc
  .record({
    characters: fc.shuffledSubarray([...',;\t|"\'#~'], { minLength: 3, maxLength: 3 }),
    quoted: fc.boolean(),
    commented: fc.boolean(),
    decimal: fc.constantFrom('.' as const, ',' as const),
    header: fc.boolean(),
    missingTokens: fc.array(anyText, { maxLength: 3 }),
  })
  .map(({ characters, quoted, commented, decimal, header, missingTokens }) => ({
    delimiter: characters[0]!,
    quote: quoted && characters[1] !== '\t' ? characters[1] : undefined,
    comment: commented ? characters[2] : undefined,
    decimal,
    header,
    missingTokens,
  }))

const provenances: fc.Arbitrary<Provenance> = fc
  .record({
    version: anyText,
    seed: fc.nat({ max: 2 ** 32 - 1 }),
    options: fc
      .array(fc.tuple(optionName, fc.oneof(fc.constant(null), fc.boolean(), finite, anyText)), {
        maxLength: 6,
      })
      .map((entries): Provenance['options'] => Object.fromEntries(entries)),
    epochs: count,
    steps: count,
    rows: fc.tuple(count, count, count),
    loss: fc.oneof(finite, fc.constant(NaN)),
    validation: fc.option(fc.record({ loss: finite, r2: fc.oneof(finite, fc.constant(NaN)) }), {
      nil: undefined,
    }),
  })
  .map(({ rows: [trained, validation, skipped], loss, ...rest }) => ({
    ...rest,
    rows: { read: trained + validation + skipped, trained, validation, skipped },
    train: { loss },
  }))

/** Any model that millrace could write, small. */
export const models: fc.Arbitrary<Model> = fc
  .record({
    dialect: dialects,
    parts: fc.array(column, { maxLength: 5 }),
    names: fc.uniqueArray(anyText, { minLength: 7, maxLength: 7 }),
    target: targets,
    targetAt: fc.nat(5),
    weighted: fc.boolean(),
    sharedBuckets: fc.constantFrom(0, 0, 1, 8),
    provenance: provenances,
    values: fc.infiniteStream(fc.float({ noNaN: true, noDefaultInfinity: true })),
  })
  .map(({ dialect, parts, names, target: [loss, target], targetAt, weighted, sharedBuckets, ...rest }) => {
    const { provenance, values } = rest
    const ownBuckets = sharedBuckets > 0 ? { buckets: 0 } : {}
    const columns = parts.map((part, i): ColumnSchema => {
      return { ...part, ...(part.kind === 'category' ? ownBuckets : {}), name: names[i]! }
    })
    columns.splice(targetAt, 0, { kind: 'target', name: names[5]! })
    if (weighted) columns.push({ kind: 'weight', name: names[6]! })
    const interactions = interactionsOf(columns).map((made) => ({ ...made, ...ownBuckets }))
    const shared = sharedBuckets > 0 ? { sharedBuckets } : {}
    const schema: Schema = {
      dialect,
      columns,
      interactions,
      ...shared,
      target: { ...target, name: names[5]! },
    }
    return modelOf(schema, loss, provenance, values)
  })

/** The first two categories as a pair, and the first number with the last category, where there are such columns. */
function interactionsOf(columns: readonly ColumnSchema[]): InteractionColumn[] {
  const categories = columns.filter(({ kind }) => kind === 'category')
  const number = columns.find(({ kind }) => kind === 'number' || kind === 'boolean')
  const made: InteractionColumn[] = []
  const [first, second] = categories
  if (first !== undefined && second !== undefined) {
    made.push(interaction([first.name, second.name], ['a\x1fb', '\x1f']))
  }
  const last = categories.at(-1)
  if (number !== undefined && last !== undefined) made.push(interaction([number.name, last.name], ['', 'é']))
  return made
}

function interaction(columns: [string, string], values: string[]): InteractionColumn {
  return { kind: 'interaction', name: interactionName(columns), columns, values, buckets: 2 }
}

/** Sizes are counted here as docs/model-file.md says, not by the code that is tested. */
function modelOf(schema: Schema, loss: LossName, provenance: Provenance, values: Iterator<number>): Model {
  const { target } = schema
  const outputs = target.kind === 'classes' ? target.classes.length : 1
  let dense = 0
  let indices = schema.sharedBuckets ?? 0
  for (const entry of schema.columns) {
    if (entry.kind === 'number' || entry.kind === 'boolean') dense += entry.indicator ? 2 : 1
    if (entry.kind === 'date') dense += entry.indicator ? 6 : 5
    if (entry.kind === 'category') indices += entry.values.length + entry.buckets + 1
  }
  for (const { values, buckets } of schema.interactions) indices += values.length + buckets + 1
  const take = (length: number) => Float32Array.from({ length }, () => values.next().value as number)
  const [weights, bias, categoryWeights] = [take(outputs * dense), take(outputs), take(indices * outputs)]
  return {
    kind: 'linear',
    schema,
    loss,
    lossSettings: createLoss(loss).settings,
    outputs,
    weights,
    bias,
    categoryWeights,
    provenance,
  }
}
