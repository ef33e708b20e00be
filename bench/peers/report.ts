import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { machine } from '../machine.js'
import { verdict, type Answer, type Claim, type Settings, type Table } from './answer.js'
import { barChart } from './bar-chart.js'
import { contenders } from './contenders.js'

const folder = fileURLToPath(new URL('.', import.meta.url))
const resultsFile = path.join(folder, 'results.json')

/** An answer and how it was measured: the questions need not be asked in one go. */
interface Kept extends Answer {
  readonly machine: string
  readonly date: string
  readonly repeat: number
  readonly scale: number
}

interface Results {
  readonly answers: readonly Kept[]
}

/** Keeps the answers, those of questions that were not asked again included. */
export function keep(answers: readonly Answer[], { repeat, scale }: Settings): Results {
  const before = existsSync(resultsFile)
    ? (JSON.parse(readFileSync(resultsFile, 'utf8')) as Results).answers
    : []
  const asked = new Set(answers.map(({ id }) => id))
  const measured = { machine: machine(), date: new Date().toISOString().slice(0, 10), repeat, scale }
  const all = [
    ...before.filter(({ id }) => !asked.has(id)),
    ...answers.map((answer) => ({ ...answer, ...measured })),
  ].sort((a, b) => a.id.localeCompare(b.id))
  const results = { answers: all }
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`)
  return results
}

/** BENCHMARKS.md and its charts. */
export function writeReport({ answers }: Results): void {
  const charts = path.join(folder, 'charts')
  mkdirSync(charts, { recursive: true })
  for (const { id, chart } of answers) {
    if (chart !== undefined) writeFileSync(path.join(charts, `${id}.svg`), barChart(chart))
  }
  const versions = Object.assign({}, ...answers.map((answer) => answer.versions)) as Record<string, string>
  const known = Object.entries(versions).filter(([name]) => name !== 'millrace')
  const missing = contenders.flatMap(({ name, missing }) => {
    const why = missing()
    return why === undefined ? [] : [`- **${name}** was not run: ${why}.`]
  })
  const text = [
    '# Benchmarks',
    '',
    'Written by `npm run bench:peers -- --write`, from what it measured; do not edit.',
    '',
    `Medians of several runs, in turns (least–most). Files are in the page cache. **The ratios count, not the seconds**: they come from one run, in which a slow minute of the machine slows everybody.`,
    '',
    `Versions: ${known.map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    '',
    ...contenders.map(({ name, does }) => `- **${name}**: ${does}.`),
    ...missing,
    '',
    '## What was promised, and what came of it',
    '',
    markdownTable({
      head: ['', 'what', 'found', 'bound', ''],
      rows: answers.flatMap(({ id, claims }) =>
        claims.map((claim) => [id, claim.what, ...claimCells(claim)]),
      ),
    }),
    ...shortfalls(answers),
    ...answers.flatMap(section),
  ]
  writeFileSync(path.join(folder, '../../BENCHMARKS.md'), `${text.join('\n')}\n`)
}

const shown = (value: number): string =>
  value >= 20 ? value.toFixed(0) : value >= 2 ? value.toFixed(1) : value.toFixed(2)

function claimCells(claim: Claim): string[] {
  const { value, atLeast, atMost } = claim
  const bounds = [atLeast === undefined ? '' : `≥ ${atLeast}`, atMost === undefined ? '' : `≤ ${atMost}`]
  const bound = bounds.filter((each) => each !== '').join(', ')
  const found = verdict(claim)
  return [value === undefined ? '' : shown(value), bound, found === 'not held' ? '**not held**' : found]
}

/** What is not held, and what stands in the way. */
function shortfalls(answers: readonly Answer[]): string[] {
  const short = answers.flatMap(({ id, claims }) =>
    claims
      .filter((claim) => verdict(claim) === 'not held')
      .map(({ what, inTheWay }) => `- (${id}) **${what}**: ${inTheWay ?? 'no reason is known yet'}`),
  )
  return short.length === 0 ? [] : ['What is not held, and what it would take:', '', ...short, '']
}

function section({ id, title, text, tables, notes, chart, ...measured }: Kept): string[] {
  const { machine, date, repeat, scale } = measured
  const reduced = scale === 1 ? '' : `, **a trial on ${scale} × the rows**`
  return [
    `## (${id}) ${title}`,
    '',
    `${machine}; ${date}; ${repeat} ${repeat === 1 ? 'run' : 'runs'}${reduced}.`,
    '',
    text,
    '',
    ...tables.flatMap((table) => [
      ...(table.title === undefined ? [] : [`*${table.title}*`, '']),
      markdownTable(table),
    ]),
    ...(chart === undefined ? [] : [`![${chart.title}](bench/peers/charts/${id}.svg)`, '']),
    ...notes.flatMap((note) => [note, '']),
  ]
}

function markdownTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'))
  return `${[line(head), line(rule), ...rows.map(line)].join('\n')}\n`
}
