/** Runs a case in this process, and says what is wrong with how it went. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommandLine } from '../../src/cli/run.js'
import { readRecords } from '../../src/schema/reference-records.js'
import type { Terminal } from '../../src/report/terminal.js'
import { MODEL, OPTIONS, type FuzzCase } from './case.js'

/** Milliseconds for a run on a few kilobytes. */
const TIME_LIMIT = 10_000
/** Milliseconds in which threads and files must be gone after it. */
const TIDY_LIMIT = 5000

interface Outcome {
  /** Undefined: it did not end. */
  code: number | undefined
  out: string
  err: string
}

export interface CaseResult {
  code: number | undefined
  wrong: string | undefined
}

/**
 * The exit code, and what is wrong, if anything. `folder` is emptied, used and left with the files of the case; the working folder is moved
 * there.
 */
export async function runCase(fuzzCase: FuzzCase, folder: string): Promise<CaseResult> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  process.chdir(folder)
  for (const { name, bytes } of fuzzCase.files) writeFileSync(join(folder, name), bytes)
  const unhandled: unknown[] = []
  const hear = (error: unknown): number => unhandled.push(error)
  process.on('unhandledRejection', hear)
  process.on('uncaughtException', hear)
  const threads = runningThreads()
  const outcome = await run(fuzzCase.args)
  const tidy = await until(() => runningThreads() <= threads && partialFiles(folder).length === 0)
  process.off('unhandledRejection', hear)
  process.off('uncaughtException', hear)
  const { code } = outcome
  if (unhandled.length > 0) return { code, wrong: `unhandled: ${describe(unhandled[0])}` }
  const left = `${runningThreads() - threads} threads, files ${partialFiles(folder).join(' ')}`
  if (!tidy) return { code, wrong: `left behind: ${left}` }
  return { code, wrong: wrongOutcome(outcome) ?? wrongResult(outcome, fuzzCase, folder) }
}

async function run(args: readonly string[]): Promise<Outcome> {
  const texts = { out: '', err: '' }
  const output = (name: 'out' | 'err') => ({
    write: (text: string) => {
      texts[name] += text
    },
  })
  const terminal: Terminal = { out: output('out'), err: output('err'), env: { NO_COLOR: '1' } }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), TIME_LIMIT)
  })
  const code = await Promise.race([runCommandLine(args, terminal), late])
  clearTimeout(timer)
  return { code, ...texts }
}

function wrongOutcome({ code, out, err }: Outcome): string | undefined {
  if (code === undefined) return `no end after ${TIME_LIMIT / 1000} s`
  if (code !== 0 && code !== 1 && code !== 2) return `exit code ${code}`
  const text = out + err
  if (/^ {4}at /m.test(text)) return `a stack trace: ${err}`
  if (/fault of millrace|rows were lost/.test(text)) return err
  if (code === 0) return undefined
  if (!/^error: ./m.test(err)) return `exit code ${code} without a message: ${err}`
  return / hint: ./.test(err) || err.includes('--help') ? undefined : `an error without a hint: ${err}`
}

interface Summary {
  rows: { read: number; trained: number; validation: number; skipped: number }
  badRows: Record<string, number>
}

function wrongResult(
  { code, out }: Outcome,
  { quarantine, files, args }: FuzzCase,
  folder: string,
): string | undefined {
  const made = readdirSync(folder).filter((name) => !files.some((file) => file.name === name))
  const allowed = [MODEL, OPTIONS, quarantine, 'cache']
  const stray = made.filter((name) => !allowed.includes(name))
  if (stray.length > 0) return `files left behind: ${stray.join(' ')}`
  if (existsSync(join(folder, MODEL)) !== (code === 0))
    return `exit code ${code}, but model: ${made.join(' ')}`
  if (existsSync(join(folder, OPTIONS)) !== (code === 0))
    return `exit code ${code}, but options of the run: ${made.join(' ')}`
  if (code !== 0) return undefined
  const { rows, badRows } = JSON.parse(out) as Summary
  const { read, trained, validation, skipped } = rows
  if (!(trained >= 1 && read === trained + validation + skipped)) return `rows: ${JSON.stringify(rows)}`
  const reasons = Object.values(badRows).reduce((sum, count) => sum + count, 0)
  if (reasons !== skipped) return `${skipped} skipped, reasons ${JSON.stringify(badRows)}`
  return quarantine === undefined
    ? undefined
    : wrongQuarantine(join(folder, quarantine), skipped, decodedBytes(files, args))
}

/** All bytes as they are parsed; undefined where that takes more than their encoding. */
function decodedBytes(files: FuzzCase['files'], args: readonly string[]): Buffer | undefined {
  if (files.some(({ name }) => name.endsWith('.gz'))) return undefined
  const bytes = Buffer.concat(files.map((file) => file.bytes))
  return args.includes('latin1') ? Buffer.from(new TextDecoder('latin1').decode(bytes)) : bytes
}

/** Every skipped row must be there, byte for byte as in the input. */
function wrongQuarantine(path: string, skipped: number, input: Buffer | undefined): string | undefined {
  const bytes = readFileSync(path)
  const dialect = { delimiter: 44, quote: 34, comment: 0 }
  const [header, ...records] = [...readRecords({ bytes, dialect, final: true })]
  const fields = header?.fields.map(({ value }) => Buffer.from(value).toString()).join()
  if (fields !== 'file,line,byte,column,reason,record') return `quarantine header ${fields}`
  if (records.length !== skipped) return `${skipped} skipped, ${records.length} in quarantine`
  // Of a file in another encoding the quarantine holds the decoded records.
  if (input === undefined || input.includes(0)) return undefined
  for (const { fields } of records) {
    if (fields.length !== 6 || fields.some(({ fault }) => fault !== 'none'))
      return 'a broken record in quarantine'
    const record = Buffer.from(fields[5]!.value)
    if (!input.includes(record)) return `not in the input: ${JSON.stringify(record.toString('latin1'))}`
  }
  return undefined
}

function runningThreads(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
}

function partialFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.partial'))
}

async function until(holds: () => boolean): Promise<boolean> {
  const end = performance.now() + TIDY_LIMIT
  while (!holds()) {
    if (performance.now() > end) return false
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return true
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
