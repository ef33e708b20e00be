/**
 * Writes docs/options.md from docs/config.schema.json, which is compared with the library, option by option
 * (test/config-schema.test.ts): npm run docs:options
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

interface Property {
  readonly description: string
  readonly type?: string
  readonly enum?: readonly unknown[]
}

interface OptionSchema {
  readonly properties: Readonly<Record<string, Property>>
}

const root = new URL('../', import.meta.url)

/** Where each group of the page begins, by its first option; the order is that of the schema. */
const groups: Readonly<Record<string, string>> = {
  input: 'Input and columns',
  delimiter: 'How the CSV is written',
  onBadRow: 'Bad rows',
  initModel: 'Model',
  batchSize: 'Steps',
  lanes: 'Order of the rows, and what is kept of them',
  validation: 'Holding out',
  workers: 'Machine',
  out: 'Output',
  events: 'Watching',
}

/** `batchSize` → `--batch-size`; what is so unless it is said otherwise → `--no-header`. */
function flagOf(name: string, { type, description }: Property): string {
  if (name === 'input') return 'the arguments'
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return type === 'boolean' && description.includes('Default: true') ? `\`--no-${flag}\`` : `\`--${flag}\``
}

function row(name: string, property: Property): string {
  const values = property.enum?.map((value) => `\`${String(value)}\``).join(', ')
  const what = values === undefined ? property.description : `${values}. ${property.description}`
  return `| \`${name}\` | ${flagOf(name, property)} | ${what.replaceAll('|', '\\|')} |`
}

/** The page for a schema. */
export function optionReference({ properties }: OptionSchema): string {
  const lines = [
    '# Options of a run',
    '',
    'What `train` and `fit` take, and a file of `--config`: names as in the library and in such a file, and as they are typed. `millrace train --help`',
    'has them in short, [defaults](defaults.md) tells how those that depend on the data are chosen. Only `input` and `target` are needed.',
    '',
    'Written by `npm run docs:options` from [config.schema.json](config.schema.json); do not edit.',
  ]
  for (const [name, property] of Object.entries(properties)) {
    if (name.startsWith('$')) continue
    const group = groups[name]
    if (group !== undefined)
      lines.push('', `## ${group}`, '', '| option | typed as | what |', '|---|---|---|')
    lines.push(row(name, property))
  }
  return `${lines.join('\n')}\n`
}

/** The published schema. */
export function readOptionSchema(): OptionSchema {
  return JSON.parse(readFileSync(new URL('docs/config.schema.json', root), 'utf8')) as OptionSchema
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('docs/options.md', root), optionReference(readOptionSchema()))
}
