/** The file of a checkpoint. Oracles: what went in, and the published format, which the reader of models knows. */
import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeSafetensors } from '../../src/artifact/safetensors.js'
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import { decodeCheckpoint, encodeCheckpoint, seal } from '../../src/checkpoint/checkpoint-bytes.js'
import { CheckpointFolder } from '../../src/checkpoint/checkpoint-folder.js'
import { temporaryFolder } from '../train/files.js'

const { folder } = temporaryFolder()

const epoch = {
  epoch: 2,
  steps: 14,
  rows: { read: 10, trained: 7, validation: 2, skipped: 1 },
  badRows: { NOT_A_NUMBER: 1 },
  loss: Infinity,
  validation: { loss: 0.1 + 0.2, auc: NaN },
  validationRows: { read: 3, evaluated: 3, skipped: 0, badRows: {} },
}

const checkpoint: Checkpoint = {
  identity: {
    version: '1.2.3',
    files: [{ name: '__proto__', bytes: 12, modified: '1700000000000000001', content: 'abc' }],
    options: new Map([
      ['__proto__', '1'],
      ['epochs', '3'],
    ]),
    schema: 'def',
  },
  position: {
    epoch: 3,
    batches: 4,
    step: 18,
    trained: 40,
    loss: NaN,
    weight: -0.5,
    digest: 2 ** 53 - 1,
    finished: false,
  },
  flow: {
    order: { lanes: Float64Array.of(12, 3, 12.5, 0), groups: Float64Array.of(12.5, 0) },
    rows: { read: 50, validation: 6, skipped: 4, bytes: 700 },
    badRows: { RAGGED_ROW: 4 },
    grown: { bytes: Uint8Array.of(0xff, 97), lengths: Float32Array.of(1, 1), slots: Float32Array.of(0, 2) },
    heldOut: new Uint8Array(32).fill(7),
    categoryCounts: Uint8Array.from([7, 0, 0, 0, 8, 1, 0, 0]),
  },
  learner: {
    vectors: new Map<string, Float32Array | Float64Array>([
      ['weights', Float32Array.of(1, NaN, -0, Infinity)],
      ['penalties paid', Float64Array.of(1e-300, Math.PI)],
    ]),
    counters: new Map([
      ['step', 18],
      ['learningRate', 5e-324],
    ]),
  },
  first: { ...epoch, epoch: 1, validation: undefined, validationRows: undefined },
  last: epoch,
  best: { loss: -Infinity, weights: Float32Array.of(3, 4), epoch },
  epochsWithoutImprovement: 1,
  lastGood: { kept: { epoch, weights: Float32Array.of(5) }, seen: 16, firstSum: 1 / 3, sum: NaN, steps: 2 },
}

async function sealed(content: Checkpoint = checkpoint): Promise<Uint8Array> {
  const bytes = encodeCheckpoint(content)
  await seal(bytes)
  return bytes
}

describe('the bytes of a checkpoint', () => {
  it('hold all of it, to the bit', async () => {
    expect(decodeCheckpoint(await sealed())).toEqual(checkpoint)
    const small = { ...checkpoint, flow: undefined, first: undefined, last: undefined, best: undefined }
    const first = { ...small, lastGood: { ...checkpoint.lastGood, kept: undefined } }
    expect(decodeCheckpoint(await sealed(first))).toEqual(first)
  })

  it('are a copy: what the learner does next is not in them', async () => {
    const weights = Float32Array.of(1, 2)
    const vectors = new Map([['weights', weights]])
    const bytes = encodeCheckpoint({ ...checkpoint, learner: { ...checkpoint.learner, vectors } })
    weights.fill(9)
    await seal(bytes)
    expect(decodeCheckpoint(bytes).learner.vectors.get('weights')).toEqual(Float32Array.of(1, 2))
  })

  it('are a safetensors file that ends with the SHA-256 of all before', async () => {
    const bytes = await sealed()
    const { tensors } = decodeSafetensors(bytes, ['F32', 'F64', 'U8'])
    const sum = createHash('sha256').update(bytes.subarray(0, -32)).digest()
    expect(Buffer.from(tensors.get('sha256')!.data as Uint8Array).equals(sum)).toBe(true)
    expect(Buffer.from(bytes.subarray(-32)).equals(sum)).toBe(true)
  })

  it('are refused where any byte is another', async () => {
    const bytes = await sealed()
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const damaged = bytes.slice()
        damaged[at]! ^= by
        expect(() => decodeCheckpoint(damaged)).toThrow(/checksum: expected the one of its bytes/)
      }),
    )
    for (const length of [0, 1, 31, 32, 33, bytes.length - 1]) {
      expect(() => decodeCheckpoint(bytes.slice(0, length))).toThrow(/model file: /)
    }
  })

  const changes: [string, (text: string) => string, RegExp][] = [
    [
      'an epoch below 0',
      (text) => text.replace('"epoch":3,"batches"', '"epoch":-1,"batches"'),
      /position\.epoch: expected/,
    ],
    ['a text for a number', (text) => text.replace('"seen":16', '"seen":"16"'), /lastGood\.seen/],
    ['an unknown reason', (text) => text.replaceAll('NOT_A_NUMBER', '__proto__'), /badRows/],
    [
      'a field too many',
      (text) => text.replace('"format":1', '"format":1,"path":"/etc/passwd"'),
      /only the fields/,
    ],
    ['another format', (text) => text.replace('"format":1', '"format":2'), /format: expected/],
    ['a counter twice', (text) => text.replace('["learningRate"', '["step"'), /every name once/],
  ]
  it.each(changes)('are refused with %s, whatever their checksum', async (_what, change, message) => {
    const bytes = encodeCheckpoint(checkpoint)
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const header = Buffer.from(bytes.subarray(8, 8 + headerBytes)).toString()
    const outer = JSON.parse(header) as { __metadata__: Record<string, string> }
    const key = Object.keys(outer.__metadata__)[0]!
    const changed = change(outer.__metadata__[key]!)
    expect(changed).not.toBe(outer.__metadata__[key])
    outer.__metadata__[key] = changed
    const text = Buffer.from(JSON.stringify(outer))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(text.length))
    const other = new Uint8Array(Buffer.concat([length, text, bytes.subarray(8 + headerBytes)]))
    await seal(other)
    expect(() => decodeCheckpoint(other)).toThrow(message)
  })
})

describe('the folder of checkpoints', () => {
  it('keeps the newest two, and removes what a kill has left', async () => {
    const path = join(folder, 'kept')
    mkdirSync(path)
    writeFileSync(join(path, '.checkpoint-000000000007.safetensors.1f2e3d4c5b6a.partial'), 'half')
    writeFileSync(join(path, 'mine.txt'), 'is left alone')
    const kept = await CheckpointFolder.open(path)
    expect(await kept.newest()).toBeUndefined()
    for (const step of [5, 90, 100]) await kept.write(step, await sealed())
    expect(readdirSync(path).sort()).toEqual([
      'checkpoint-000000000090.safetensors',
      'checkpoint-000000000100.safetensors',
      'mine.txt',
    ])
    expect((await kept.newest())!.path).toBe(join(path, 'checkpoint-000000000100.safetensors'))
  })
})
