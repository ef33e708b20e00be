import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { hashOfPieces } from '../artifact/cache-key.js'
import { schemaText } from '../artifact/schema-text.js'
import { shown, shownPath, usageError, type MillraceError } from '../errors.js'
import { sinks, type SinkOptions } from '../report/sinks.js'
import type { ChosenOptions } from '../run/run.js'
import type { Schema } from '../schema/schema.js'
import type { InputFile } from '../source/files.js'
import { version } from '../version.js'

/** What has to be the same for a run to go on where another one was. */
export interface RunIdentity {
  /** Of millrace. */
  readonly version: string
  /** The files of the input and those of --validation; none where bytes come from a stream. */
  readonly files: readonly FileFacts[]
  /** Names and values, as JSON, of all options that decide the weights. */
  readonly options: ReadonlyMap<string, string>
  /** SHA-256 of the schema as it was fitted on the sample. */
  readonly schema: string
}

export interface FileFacts {
  /** For messages; a file may have moved. */
  readonly name: string
  readonly bytes: number
  /** Nanoseconds since 1970, in digits; empty for what came from a URL. */
  readonly modified: string
  /** SHA-256 of pieces spread over the file. */
  readonly content: string
}

/** Options that leave the weights as they are; all others decide them, those of tomorrow included. */
const WITHOUT_INFLUENCE = new Set<keyof ChosenOptions>([
  // Who watches does not change a bit.
  ...(Object.keys(sinks) as (keyof SinkOptions)[]),
  'control',
  // What they name is compared, not how.
  'input',
  'validationFiles',
  'cache',
  'workers',
  'maxWorkerFailures',
  'placement',
  'quarantine',
  'out',
  'checkpoint',
  'checkpointEvery',
  'resume',
  'signal',
])

/** Whether another value of the option could give other weights. */
export function decidesWeights(option: string): boolean {
  return !WITHOUT_INFLUENCE.has(option as keyof ChosenOptions)
}

export function runIdentity(
  options: ChosenOptions,
  schema: Schema,
  files: readonly InputFile[],
): RunIdentity {
  const decisive = Object.entries(options)
    .filter(([name]) => decidesWeights(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, JSON.stringify(value ?? null, numbersAsText)] as const)
  return {
    version,
    files: files.map(fileFacts),
    options: new Map(decisive),
    schema: createHash('sha256').update(schemaText(schema)).digest('hex'),
  }
}

/** JSON has no Infinity. */
function numbersAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function fileFacts(file: InputFile): FileFacts {
  const fromUrl = /^https?:\/\//.test(file.path)
  return {
    name: basename(file.path),
    bytes: file.size,
    modified: fromUrl ? '' : String(file.identity.mtimeNs),
    content: hashOfPieces(file),
  }
}

/** Throws RESUME_MISMATCH, which names the first difference, where the run of the checkpoint in `path` is not this one. */
export function checkSameRun(kept: RunIdentity, run: RunIdentity, path: string): void {
  const refuse = (difference: string, hint: string): MillraceError =>
    usageError('RESUME_MISMATCH', `cannot go on from ${shownPath(basename(path))}: ${difference}`, hint, {
      file: path,
    })
  if (kept.version !== run.version) {
    const difference = `it was written by millrace ${printableVersion(kept.version)}, this is ${run.version}`
    throw refuse(difference, 'go on with that version, or begin anew with another --checkpoint folder')
  }
  for (const name of new Set([...kept.options.keys(), ...run.options.keys()])) {
    const [before, now] = [kept.options.get(name), run.options.get(name)]
    if (before === now) continue
    const difference = `${shown(name)} was ${shown(before ?? 'not there')} and is ${shown(now ?? 'not there')}`
    throw refuse(difference, 'give the options of the interrupted run, or another --checkpoint folder')
  }
  const difference = differenceOfFiles(kept.files, run.files)
  const hint =
    'the rest of a run needs the input of its beginning: restore it, or begin anew with another --checkpoint folder'
  if (difference !== undefined) throw refuse(difference, hint)
  if (kept.schema !== run.schema) {
    throw refuse('the columns of the input, or what its sample says of them, are others', hint)
  }
}

function differenceOfFiles(kept: readonly FileFacts[], now: readonly FileFacts[]): string | undefined {
  if (kept.length !== now.length) return `the input had ${kept.length} files and has ${now.length}`
  for (const [i, before] of kept.entries()) {
    const file = now[i]!
    const name = shown(file.name)
    if (before.bytes !== file.bytes) return `${name} had ${before.bytes} bytes and has ${file.bytes}`
    if (before.content !== file.content) return `${name} has another content`
    if (before.modified !== file.modified) return `${name} was written to since then`
  }
  return undefined
}

function printableVersion(text: string): string {
  return shown(text).slice(1, -1)
}
