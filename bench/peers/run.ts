/**
 * millrace against what people would pick instead: `npm run bench:peers -- --only a,c --repeat 5 --scale 0.1 --full --write`. Without
 * --write it prints what it found and leaves BENCHMARKS.md as it is.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { printTable, printText, printTitle } from '../print.js'
import { checkBuild } from '../program.js'
import { verdict, type Answer, type Question } from './answer.js'
import { installPeers } from './program.js'
import { question as numbers } from './questions/a-numbers/run.js'
import { question as clicks } from './questions/b-clicks/run.js'
import { question as flights } from './questions/c-flights/run.js'
import { question as networks } from './questions/d-networks/run.js'
import { question as epochs } from './questions/e-epochs/run.js'
import { question as small } from './questions/f-small/run.js'
import { question as growth } from './questions/g-growth/run.js'
import { question as workers } from './questions/h-workers/run.js'
import { question as batch } from './questions/i-batch/run.js'
import { question as sorted } from './questions/j-sorted/run.js'
import { keep, writeReport } from './report.js'

const questions: readonly Question[] = [
  numbers,
  clicks,
  flights,
  networks,
  epochs,
  small,
  growth,
  workers,
  batch,
  sorted,
]

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: questions.map(({ id }) => id).join(',') },
    repeat: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    full: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})

function positive(name: string, text: string): number {
  const value = Number(text)
  if (value > 0 && value < Infinity) return value
  throw new Error(`--${name}: expected a number above 0, got ${text}`)
}

function print({ title, text, tables, claims, notes }: Answer): void {
  printTitle(title)
  printText(text)
  for (const { title: of, head, rows } of tables) {
    if (of !== undefined) printText(of)
    printTable(head, rows)
    process.stdout.write('\n')
  }
  for (const claim of claims) {
    const found = verdict(claim).replace('not held', 'NOT HELD')
    const value = claim.value === undefined ? '' : ` ${claim.value.toFixed(2)}`
    const reason = found === 'NOT HELD' && claim.inTheWay !== undefined ? `: ${claim.inTheWay}` : ''
    process.stdout.write(`- ${claim.what}:${value}${found === '' ? '' : ` (${found})`}${reason}\n`)
  }
  for (const note of notes) process.stdout.write(`${note}\n`)
}

checkBuild()
installPeers()
const asked = values.only.split(',')
const unknown = asked.filter((id) => !questions.some((question) => question.id === id))
if (unknown.length > 0) throw new Error(`--only: there is no question ${unknown.join(', ')}`)
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-peers-'))
const settings = {
  repeat: positive('repeat', values.repeat),
  scale: positive('scale', values.scale),
  full: values.full,
  folder,
}
try {
  const answers: Answer[] = []
  for (const question of questions.filter(({ id }) => asked.includes(id))) {
    process.stderr.write(`(${question.id})\n`)
    const answer = await question.answer(settings)
    print(answer)
    answers.push(answer)
  }
  if (values.write) writeReport(keep(answers, settings))
} finally {
  rmSync(folder, { recursive: true })
}
