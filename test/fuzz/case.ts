/** A random command on random files. */
import { gzipSync } from 'node:zlib'
import { lossNames } from '../../src/loss/index.js'
import { csvBytes, drawColumns, drawDialect, type Column, type Dialect } from './csv.js'
import { damage } from './damage.js'
import { Draw } from './draw.js'

export interface FuzzCase {
  seed: number
  files: { name: string; bytes: Buffer }[]
  /** Of `millrace`; files are named as above, in the working folder. */
  args: string[]
  /** Where bad rows go, where they are kept. */
  quarantine: string | undefined
}

export const MODEL = 'model.safetensors'
/** The options of the run, beside it. */
export const OPTIONS = `${MODEL}.run.json`

export function drawCase(seed: number): FuzzCase {
  const draw = new Draw(seed)
  const dialect = drawDialect(draw)
  const columns = drawColumns(draw)
  const count = draw.of([1, 1, 1, 1, 2, 3])
  const files = Array.from({ length: count }, (_, i) => {
    const order = i > 0 && draw.chance(0.3) ? [...columns].reverse() : columns
    const structure = [dialect.delimiter, dialect.quote, dialect.lineBreak, dialect.comment ?? '#']
    const bytes = damage(csvBytes(draw, order, dialect), draw, draw.of([0, 0, 1, 1, 2, 4]), structure)
    if (!draw.chance(0.08)) return { name: `${i}.csv`, bytes }
    const zipped = gzipSync(bytes, { level: 1 })
    return { name: `${i}.csv.gz`, bytes: draw.chance(0.8) ? zipped : damage(zipped, draw, 1, []) }
  })
  const args = [
    'train',
    ...files.map(({ name }) => name),
    '--target',
    dialect.header ? 'y' : targetPlace(columns),
  ]
  args.push('-o', MODEL, '--json', '--workers', '1', '--memory', '4MiB')
  args.push(...dialectOptions(draw, dialect), ...columnOptions(draw, columns), ...stepOptions(draw))
  const policy = draw.of(['fail', 'skip', 'skip', 'quarantine', 'quarantine'])
  args.push('--on-bad-row', policy)
  if (policy !== 'fail' && draw.chance(0.2))
    args.push('--max-bad-rows', draw.of(['0', '3', '1%', '0.5', '100%']))
  const quarantine = policy === 'quarantine' ? 'bad.csv' : undefined
  if (quarantine !== undefined) args.push('--quarantine', quarantine)
  return { seed, files, args, quarantine }
}

function targetPlace(columns: readonly Column[]): string {
  return `c${columns.findIndex(({ name }) => name === 'y')}`
}

/** Mostly right, sometimes left to the program, rarely wrong. */
function dialectOptions(draw: Draw, { delimiter, quote, comment, header }: Dialect): string[] {
  const args: string[] = []
  const wrong = draw.chance(0.05)
  if (draw.chance('^ '.includes(delimiter) ? 0.9 : 0.4))
    args.push('--delimiter', wrong ? draw.of([',', ';', 'x']) : delimiter)
  if (quote !== '"' && !draw.chance(0.1)) args.push('--quote', quote)
  if (comment !== undefined) args.push('--comment', comment)
  if (!header) args.push('--no-header')
  if (draw.chance(0.05)) args.push('--encoding', draw.of(['utf-8', 'latin1', 'utf-16le']))
  if (draw.chance(0.05)) args.push('--decimal', ',')
  if (draw.chance(0.1)) args.push('--na', draw.of(['NA', '?,null', '0', '-1']))
  return args
}

function columnOptions(draw: Draw, columns: readonly Column[]): string[] {
  const others = columns.map(({ name }) => name).filter((name) => name !== 'y' && /^\w+$/.test(name))
  if (others.length === 0) return []
  const args: string[] = []
  const name = (): string => draw.of(others)
  if (draw.chance(0.1)) args.push('--numeric', name())
  if (draw.chance(0.1)) args.push('--categorical', name())
  if (draw.chance(0.1)) args.push('--dates', name())
  if (draw.chance(0.1)) args.push('--ignore', name())
  if (draw.chance(0.05)) args.push('--weight', name())
  if (draw.chance(0.1)) args.push('--interactions', `${name()}:${name()}`)
  if (draw.chance(0.1)) args.push('--max-categories', draw.of(['0', '1', '3', '65536']))
  if (draw.chance(0.1)) args.push('--min-count', draw.of(['1', '2', '10']))
  if (draw.chance(0.1)) args.push('--hash-bits', draw.of(['0', '1', '8']))
  return args
}

function stepOptions(draw: Draw): string[] {
  const args = ['--epochs', draw.of(['1', '1', '1', '2', '3'])]
  const inOrder = draw.chance(0.1)
  if (inOrder) args.push('--no-shuffle')
  if (draw.chance(0.3)) args.push('--lanes', inOrder ? '1' : draw.of(['1', '2', '7', '300']))
  if (draw.chance(0.4)) args.push('--block-bytes', draw.of(['64', '100', '1000', '30000']))
  if (draw.chance(0.1)) args.push('--shuffle-buffer', draw.of(['1', '1000']))
  if (draw.chance(0.4)) args.push('--batch-size', draw.of(['1', '7', '64', '100000']))
  if (draw.chance(0.3)) args.push('--validation', draw.of(['0.1', '0.5', '0.99']))
  if (draw.chance(0.2)) args.push('--optimizer', draw.of(['sgd', 'adam', 'momentum', 'adagrad']))
  if (draw.chance(0.1)) args.push('--loss', draw.of(lossNames))
  if (draw.chance(0.1)) args.push('--learning-rate', draw.of(['1e-9', '1000', '0.5']))
  if (draw.chance(0.1)) args.push('--shards', draw.of(['1', '2', '256']))
  if (draw.chance(0.1)) args.push('--placement', draw.of(['inline', 'pool']))
  if (draw.chance(0.05)) args.push('--backend', 'reference')
  if (draw.chance(0.05)) args.push('--no-standardize')
  if (draw.chance(0.05)) args.push('--cache', 'cache')
  args.push('--seed', String(draw.below(1000)))
  return args
}
