/**
 * The published JSON Schema of `train --config`. What it takes is compared with what the library takes, for every option and
 * a pool of values; what it says of an option, with the comment in the source.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { activationNames } from '../src/activation/index.js'
import { MillraceError } from '../src/errors.js'
import { lossNames } from '../src/loss/index.js'
import { initialisations } from '../src/model/initial.js'
import { optimizers } from '../src/optimizer/index.js'
import { resolveOptions, writtenOptionNames } from '../src/options/check.js'
import { backends, badRowPolicies, decimalMarks, encodings, placements } from '../src/options.js'
import { schedules } from '../src/schedule/index.js'

interface Rule {
  readonly description?: string
  readonly enum?: readonly unknown[]
}

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const schema = JSON.parse(read('docs/config.schema.json')) as {
  readonly properties: Readonly<Record<string, Rule>>
}
const takes = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)
const annotations = ['$schema', '$comment']
const options = Object.keys(schema.properties).filter((name) => !annotations.includes(name))

const choices: Readonly<Record<string, readonly unknown[]>> = {
  loss: lossNames,
  activation: activationNames,
  init: initialisations,
  optimizer: Object.keys(optimizers),
  schedule: Object.keys(schedules),
  encoding: encodings,
  decimal: decimalMarks,
  onBadRow: badRowPolicies,
  placement: placements,
  backend: backends,
  shards: [1, 2, 4, 8, 16, 32, 64, 128, 256],
}

const numbers = [
  -1,
  0,
  1e-9,
  0.1,
  0.5,
  0.99,
  1,
  1.5,
  1.99,
  2,
  3,
  16,
  17,
  24,
  25,
  63,
  64,
  128,
  256,
  257,
  1000,
  1024,
  1025,
  4096,
  4097,
  16384,
  16385,
  65535,
  65536,
  2 ** 20,
  2 ** 20 + 1,
  2 ** 22 - 1,
  2 ** 22,
  2 ** 24,
  2 ** 24 + 1,
  2 ** 28,
  2 ** 28 + 1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 53 - 1,
  2 ** 53,
]
const texts = [
  '',
  '1%',
  '100%',
  '101%',
  '0.5 %',
  '64MB',
  '1.5 GiB',
  '64XB',
  '30s',
  '1.5m',
  '0h',
  '7steps',
  '7 days',
  '64,32',
  '64,',
  '\t',
  'tab',
  ',',
  '"',
  'é',
  'ab',
]
const lists = [
  [],
  ['a'],
  ['a', 'b'],
  [''],
  [1],
  [64, 32],
  [0],
  ['64'],
  [['a', 'b']],
  Array.from({ length: 17 }, () => 1),
]
const objects = [
  {},
  { a: 1 },
  { a: -1 },
  { a: 'x' },
  { '': 1 },
  { port: 80 },
  { port: 80, stays: true },
  { port: -1 },
]
const pool: readonly unknown[] = [
  true,
  false,
  null,
  ...numbers,
  ...texts,
  ...lists,
  ...objects,
  ...Object.values(choices).flat(),
]

const notText = [
  true,
  null,
  ...numbers,
  ...lists.filter((list) => list.length === 0 || typeof list[0] !== 'string'),
]
const names = [...notText, 'a', 'a,b', '"a,b",c', '', ['a'], ['a,b', 'c'], [''], ...objects]
const sizes = [...notText, '64MB', '64 mib', '1.5XB', '30s', '1%', '', ['64MB'], ...objects]
const settings = ['beta1=0.8', 'a=1,b=1e-6', {}, { beta1: 0.8 }, { beta1: '1' }, '', 3, [1], null]

/** Options whose texts have a form that the schema leaves to the library: they are tried with these values. */
const formed: Readonly<Record<string, readonly unknown[]>> = {
  features: names,
  ignore: names,
  numeric: names,
  categorical: names,
  dates: names,
  na: names,
  memory: sizes,
  shuffleBuffer: sizes,
  blockBytes: sizes,
  validation: [
    ...notText.filter((value) => !Array.isArray(value) || value.length === 0),
    '10%',
    'a.csv',
    ['a.csv'],
    '',
    [''],
    {},
  ],
  interactions: ['a:b', 'a:b,c:d', ['a:b'], ['a:b', 'c:d'], '', [''], 3, [3], {}, null],
  classWeight: ['balanced', 'no:1,yes:5', { no: 1 }, { no: -1 }, {}, { '': 1 }, '', 3, ['no:1'], null],
  optimizerSettings: settings,
  scheduleSettings: settings,
}

/** Whether an option may have a value; that two options contradict each other is none of the schema's. */
function libraryTakes(option: string, value: unknown): boolean {
  try {
    resolveOptions({ input: 'a.csv', target: 'b', [option]: value })
    return true
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return error.code !== 'OPTION_VALUE' || error.place.option !== option
  }
}

/** A file names its input and its model; a program may have them at hand. */
const onlyForPrograms = (option: string, value: unknown): boolean =>
  ['input', 'initModel'].includes(option) && typeof value === 'object'

describe('docs/config.schema.json', () => {
  it('has every option that can be written down, and no other', () => {
    expect(options.sort()).toEqual([...writtenOptionNames].sort())
    expect(takes({ batchsize: 3 })).toBe(false)
  })

  it.each(options)('takes for %s what the library takes', (option) => {
    const values = (formed[option] ?? pool).filter((value) => !onlyForPrograms(option, value))
    const verdicts = values.map((value) => [value, takes({ [option]: value })])
    expect(verdicts).toEqual(values.map((value) => [value, libraryTakes(option, value)]))
    // Both say yes and no, or the comparison would mean nothing.
    expect(new Set(verdicts.map(([, verdict]) => verdict)).size).toBe(2)
  })

  it('names the choices in the order of the library', () => {
    for (const [option, names] of Object.entries(choices))
      expect(schema.properties[option]!.enum).toEqual(names)
  })

  it('says of an option what the source says', () => {
    const said = { ...commentsOf('src/options.ts'), ...commentsOf('src/report/sinks.ts') }
    for (const option of options) {
      const { description } = schema.properties[option]!
      // Of these a file has but a part.
      if (option === 'input' || option === 'initModel') expect(description).toMatch(/\.$/)
      else expect(description, option).toBe(said[option])
    }
  })
})

/** What stands above each option: the members of its interfaces, the entries of `sinks`. */
function commentsOf(path: string): Record<string, string> {
  const text = read(path)
  const comments: Record<string, string> = {}
  const interfaces = ['DialectOptions', 'BadRowOptions', 'MachineOptions', 'TrainOptions']
  const visit = (node: ts.Node): void => {
    const isMember = ts.isPropertySignature(node) && interfaces.includes(nameOf(node.parent))
    const isSink = ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)
    const range = ts.getLeadingCommentRanges(text, node.getFullStart())?.at(-1)
    if ((isMember || isSink) && range !== undefined) {
      const lines = text.slice(range.pos + 3, range.end - 2).split('\n')
      comments[node.name.getText()] = lines
        .map((line) => line.replace(/^\s*\*? ?/, '').trim())
        .join(' ')
        .trim()
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  return comments
}

function nameOf(node: ts.Node): string {
  return ts.isInterfaceDeclaration(node) ? node.name.text : ''
}
