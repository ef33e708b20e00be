import { createHash } from 'node:crypto'
import { basename, join, resolve } from 'node:path'
import type { ResolvedOptions } from '../options.js'
import type { Schema } from '../schema/schema.js'
import { readAt, type InputFile } from '../source/files.js'
import { version } from '../version.js'
import { schemaText } from './schema-text.js'

/** Of the content of a file, so many pieces are hashed, spread over it evenly. */
const PIECES = 64
const PIECE_BYTES = 4 << 10

/**
 * Options that leave the encoded rows, their blocks, the order of the blocks and the held-out rows as they are. All
 * others decide them, those of tomorrow included.
 */
const WITHOUT_INFLUENCE = new Set<keyof ResolvedOptions>([
  'input',
  'loss',
  'huberDelta',
  'quantile',
  'tweediePower',
  'activation',
  'layerNorm',
  'dropout',
  'init',
  'epochs',
  'optimizer',
  'learningRate',
  'optimizerSettings',
  'schedule',
  'scheduleSettings',
  'warmup',
  'l1',
  'l2',
  'weightDecay',
  'penalizeBias',
  'penalizeCategories',
  'clipNorm',
  'clipValue',
  'averageWeights',
  'validationFiles',
  'patience',
  'minImprovement',
  'cache',
  'workers',
  'maxWorkerFailures',
  'placement',
  'backend',
  'quarantine',
  'out',
  'signal',
])

/** They decide the order in which the first pass opens blocks. */
const ORDER_OF_OPENING = new Set<keyof ResolvedOptions>(['batchSize', 'shards'])

/**
 * Where the cache of these files under these options is kept. Another run on them finds it there, and replaces it where
 * the files have changed.
 *
 * The order of opening matters only where something is decided in that order: which bad row is one too many
 * (`opensInOrder`), or which index a new category is given.
 */
export function cachePath(
  folder: string,
  files: readonly InputFile[],
  options: ResolvedOptions,
  opensInOrder: boolean,
): string {
  const decisive = Object.entries(options)
    .filter(([name]) => !WITHOUT_INFLUENCE.has(name as keyof ResolvedOptions))
    .filter(([name]) => opensInOrder || !ORDER_OF_OPENING.has(name as keyof ResolvedOptions))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, value ?? null] as const)
  const paths = files.map(({ path }) => resolve(path))
  const hash = hashed(JSON.stringify([paths, decisive], numbersAsText)).slice(0, 16)
  const name = basename(paths[0]!)
    .replaceAll(/[^\w.-]/g, '_')
    .slice(-60)
  return join(folder, `${name}.${hash}.rows`)
}

/** JSON has no Infinity. */
function numbersAsText(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? String(value) : value
}

/** What the rows of a cache were made of: the same text, the same rows. */
export function cacheContent(
  files: readonly InputFile[],
  schema: Schema,
  shape: { strideBytes: number; lanes: number; categoryIndices: number; room: number },
): string {
  const identities = files.map((file) => {
    const { size, mtimeNs, ctimeNs, inode, device } = file.identity
    return [...[size, mtimeNs, ctimeNs, inode, device].map(String), hashOfPieces(file)]
  })
  return hashed(JSON.stringify([version, identities, schemaText(schema), shape]))
}

/** A file system may lie about times; this finds most changes all the same. */
export function hashOfPieces(file: InputFile): string {
  const hash = createHash('sha256')
  const piece = new Uint8Array(PIECE_BYTES)
  const pieces = Math.min(PIECES, Math.ceil(file.size / PIECE_BYTES))
  for (let i = 0; i < pieces; i++) {
    const last = Math.max(0, file.size - PIECE_BYTES)
    const offset = pieces === 1 ? 0 : Math.floor((i * last) / (pieces - 1))
    hash.update(piece.subarray(0, readAt(file, piece, PIECE_BYTES, offset)))
  }
  return hash.digest('hex')
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
