/** Runs that are interrupted in tests and in scripts/kill-matrix.mts: their files and their options. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { TrainOptions } from '../../src/options.js'
import { scattered } from '../train/files.js'

/** Options that JSON can carry to another process; `-` as input is standard input, which is then `stdin`. */
export interface Scenario {
  readonly name: string
  readonly options: Partial<TrainOptions> & { readonly input: string[] }
  readonly stdin?: string
  /** Files that the run leaves besides the model. */
  readonly leaves?: readonly string[]
}

const PADDING = 'p'.repeat(120)
const HEAD = 'site,user,x,z,padding,late,kind,amount\n'

/** Texts in quotes, missing values, values that the sample does not show; `bad`: every 50th row has a word for a number. */
function records(from: number, count: number, bad: boolean): string {
  const lines = Array.from({ length: count }, (_, at) => {
    const i = from + at
    const site = i % 3 === 0 ? `"rare ""${Math.floor(scattered(i) * 900)}"""` : `site ${i % 7}`
    const user = i % 11 === 0 ? '' : `u${Math.floor(i / 40)}`
    const x = bad && i % 50 === 7 ? 'many' : scattered(i, 0.7548776662).toFixed(4)
    const z = (scattered(i, 0.569840291) * 100).toFixed(2)
    const late = scattered(i) + (i % 7) / 20 > 0.6 ? 'yes' : 'no'
    const kind = ['a', 'b', 'c'][(i + Math.floor(scattered(i) * 2)) % 3]!
    const amount = (scattered(i) * 3 + (i % 7)).toFixed(3)
    return `${site},${user},${x},${z},${i % 5 === 0 ? '' : PADDING},${late},${kind},${amount}\n`
  })
  return lines.join('')
}

/** Writes the files of `rows` rows into the folder. */
export function scenarios(folder: string, rows: number): Scenario[] {
  const write = (name: string, bytes: string | Buffer): string => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return path
  }
  const part = Math.floor(rows / 3)
  const parts = [0, 1, 2].map((i) => write(`part-${i}.csv`, HEAD + records(i * part, part, false)))
  const whole = write('whole.csv', HEAD + records(0, rows, false))
  const others = write('others.csv', HEAD + records(rows, Math.floor(rows / 5), false))
  const bad = write('bad.csv', HEAD + records(0, rows, true))
  const packed = write('packed.csv.gz', gzipSync(HEAD + records(0, rows, false)))
  const late = { target: 'late', ignore: 'padding,kind,amount', batchSize: 64, seed: 3 }
  return [
    {
      name: 'several files, several epochs, growing vocabularies, l1',
      options: { ...late, input: parts, epochs: 3, l1: 1e-4, learningRate: 0.05 },
    },
    {
      name: 'one pass over files, held-out rows, bad rows left out',
      options: {
        ...late,
        input: [bad, ...parts],
        epochs: 1,
        validation: 0.2,
        onBadRow: 'skip',
        classWeight: 'balanced',
        averageWeights: true,
      },
    },
    {
      name: 'early stopping, a falling rate',
      options: {
        ...late,
        input: [whole],
        validation: 0.2,
        patience: 2,
        learningRate: 0.3,
        optimizer: 'momentum',
        schedule: 'plateau',
        scheduleSettings: 'patience=0',
      },
    },
    {
      name: 'quarantine, rare values, a validation file',
      options: {
        ...late,
        input: [bad],
        epochs: 2,
        onBadRow: 'quarantine',
        quarantine: join(folder, 'quarantine.csv'),
        minCount: 2,
        validation: [others],
        l2: 1e-3,
      },
      leaves: [join(folder, 'quarantine.csv')],
    },
    {
      name: 'a network with dropout, layer norm and embeddings',
      options: {
        ...late,
        input: [whole],
        epochs: 2,
        hidden: '16,8',
        dropout: 0.2,
        layerNorm: true,
        embedding: 4,
        validation: 0.1,
        placement: 'pool',
      },
    },
    {
      name: 'a compressed stream, averaged weights, held-out rows',
      options: { ...late, input: [packed], epochs: 2, validation: 0.1, shuffleBuffer: '64KiB' },
    },
    {
      name: 'standard input',
      options: { ...late, input: ['-'], epochs: 2, classWeight: 'balanced' },
      stdin: whole,
    },
    {
      name: 'classes, a kept cache, ftrl',
      options: {
        ...late,
        target: 'kind',
        ignore: 'padding,late,amount',
        input: parts,
        epochs: 3,
        optimizer: 'ftrl',
        cache: join(folder, 'cache'),
      },
    },
    {
      name: 'a number, adamw with decay, clipped, hashed, in file order',
      options: {
        ...late,
        target: 'amount',
        ignore: 'padding,late,kind',
        input: [whole],
        epochs: 2,
        optimizer: 'adamw',
        clipNorm: 1,
        hashBits: 12,
        shuffle: false,
        averageWeights: true,
      },
    },
  ]
}
