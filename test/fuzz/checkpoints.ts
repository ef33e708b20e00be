/** Checkpoints, changed by somebody who knows their format and makes the checksum fit, and runs that go on from them. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeModel, encodeModel } from '../../src/artifact/model-bytes.js'
import { decodeCheckpoint, encodeCheckpoint, seal } from '../../src/checkpoint/checkpoint-bytes.js'
import { MillraceError } from '../../src/errors.js'
import type { TrainOptions } from '../../src/options.js'
import { fit, train } from '../../src/train.js'
import type { Draw } from './draw.js'
import { mutateModel, type FileKind } from './files.js'

const CHECKSUM_BYTES = 32
/** Of the checkpoints that can be read, every so many are gone on from: that takes a run. */
const EVERY = 12
const LONGEST_RUN = 20_000

/** One of a first pass, whose place in the input it holds, and one of a later pass. */
export async function checkpointKinds(folder: string): Promise<FileKind[]> {
  const input = join(folder, 'rows.csv')
  writeFileSync(input, `x,c,y\n${Array.from({ length: 900 }, row).join('')}`)
  const common = { input, target: 'y', workers: 1, memory: '4MiB', batchSize: 16, validation: 0.1 } as const
  return [
    await checkpointKind(folder, 'checkpoint of a first pass', { ...common, epochs: 1 }, 1),
    await checkpointKind(folder, 'checkpoint of a later pass', { ...common, epochs: 3, patience: 2 }, 2),
  ]
}

/** Categories go on coming: vocabularies grow. */
function row(_: unknown, i: number): string {
  return `${(i * 7) % 23},v${(i * i) % 17}${i > 500 ? i % 90 : ''},${(i * 3) % 7 > 3 ? 'no' : 'yes'}\n`
}

async function checkpointKind(
  folder: string,
  name: string,
  options: TrainOptions,
  epoch: number,
): Promise<FileKind> {
  const checkpoint = join(folder, name)
  mkdirSync(checkpoint)
  const [file, bytes] = await firstOf(options, checkpoint, epoch)
  let readable = 0
  const load = async (changed: Uint8Array): Promise<boolean> => {
    const again = encodeCheckpoint(decodeCheckpoint(changed))
    await seal(again)
    const twice = encodeCheckpoint(decodeCheckpoint(again))
    await seal(twice)
    if (!Buffer.from(twice).equals(again)) throw new Error('it reads back differently')
    if (readable++ % EVERY > 0) return true
    for (const old of readdirSync(checkpoint)) rmSync(join(checkpoint, old))
    writeFileSync(join(checkpoint, file), changed)
    return goOn({ ...options, checkpoint, resume: true })
  }
  return { name, bytes, mutate: mutateCheckpoint, finish: withChecksum, load }
}

/** Name and bytes of the first checkpoint of an epoch. */
function firstOf(options: TrainOptions, checkpoint: string, epoch: number): Promise<[string, Buffer]> {
  let found: [string, Buffer] | undefined
  return new Promise((resolve, reject) => {
    train({ ...options, checkpoint, checkpointEvery: 10 }).subscribe({
      next: (event) => {
        if (event.type !== 'checkpoint' || event.epoch < epoch || found !== undefined) return
        const [name] = readdirSync(checkpoint).sort().reverse()
        found = [name!, readFileSync(join(checkpoint, name!))]
      },
      error: reject,
      complete: () => (found === undefined ? reject(new Error('no checkpoint')) : resolve(found)),
    })
  })
}

/** Whether the run is gone on with: its model is then a valid one. Refused it is with the words of an error of millrace. */
async function goOn(options: TrainOptions): Promise<boolean> {
  const late = AbortSignal.timeout(LONGEST_RUN)
  try {
    const model = await fit({ ...options, signal: late })
    decodeModel(encodeModel(model))
    return true
  } catch (error) {
    if (late.aborted) throw new Error('it does not end', { cause: error })
    if (error instanceof MillraceError && error.hint !== '') return false
    throw error
  }
}

/** Changes the header, or a number of a tensor. */
function mutateCheckpoint(bytes: Buffer, draw: Draw): Buffer {
  if (draw.chance(0.5)) return mutateModel(bytes, draw)
  const changed = Buffer.from(bytes)
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, unknown>
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__')
  const [, tensor] = draw.of(tensors) as [string, { dtype: string; data_offsets: [number, number] }]
  const [from, to] = tensor.data_offsets
  if (from === to) return changed
  const size = tensor.dtype === 'F64' ? 8 : tensor.dtype === 'F32' ? 4 : 1
  const at = start + from + draw.below((to - from) / size) * size
  const wild = [-1, 0.5, NaN, Infinity, 2 ** 31, 2 ** 53, 1e308, -0]
  if (size === 1) changed[at] = draw.below(256)
  else if (size === 4) changed.writeFloatLE(other(changed.readFloatLE(at)), at)
  else changed.writeDoubleLE(other(changed.readDoubleLE(at)), at)
  return changed

  function other(old: number): number {
    return draw.chance(0.5) ? draw.of(wild) : old + draw.of([-48, -1, 1, 16, 48])
  }
}

function withChecksum(bytes: Buffer, draw: Draw): Buffer {
  if (bytes.length < CHECKSUM_BYTES || draw.chance(0.05)) return bytes
  const covered = bytes.subarray(0, bytes.length - CHECKSUM_BYTES)
  return Buffer.concat([covered, createHash('sha256').update(covered).digest()])
}
