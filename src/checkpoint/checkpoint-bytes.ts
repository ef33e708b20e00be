import { createHash } from 'node:crypto'
import { modelInvalid } from '../artifact/check.js'
import {
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
  type TensorData,
} from '../artifact/safetensors.js'
import type { StateVector } from '../engine/learner-state.js'
import type { Checkpoint } from './checkpoint.js'
import { checkpointText, parseCheckpointText, type CheckpointText } from './checkpoint-text.js'
import type { FlowState } from './flow-state.js'

const TEXT = 'millrace.checkpoint'
/** The names of the vectors of the learner begin with it. */
const STATE = 'state: '
const BEST = 'weights of the best epoch'
const LAST_GOOD = 'last good weights'
/** Of a FlowState. */
const FLOW = {
  lanes: 'input: lanes',
  groups: 'input: groups of lanes',
  bytes: 'added categories: bytes',
  lengths: 'added categories: lengths',
  slots: 'added categories: slots',
  heldOut: 'held-out rows',
  categoryCounts: 'category counts',
}
/** The last 32 bytes of the file: SHA-256 of all bytes before. */
const CHECKSUM = 'sha256'
const CHECKSUM_BYTES = 32

/**
 * A checkpoint → the bytes of its file, with 0 where the checksum goes (`seal`). It is a safetensors file, so that the state of
 * an optimizer can be looked at with the library of that name. Costs one copy of all vectors, which then are free to change.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { identity, position, flow, learner, first, last, best, epochsWithoutImprovement, lastGood } =
    checkpoint
  const { kept, ...losses } = lastGood
  const text = checkpointText({
    identity,
    position,
    flow: flow === undefined ? undefined : { rows: flow.rows, badRows: flow.badRows },
    counters: learner.counters,
    first,
    last,
    best: best === undefined ? undefined : { loss: best.loss, epoch: best.epoch },
    epochsWithoutImprovement,
    lastGood: { epoch: kept?.epoch, ...losses },
  })
  const vectors = new Map<string, TensorData>()
  for (const [name, vector] of learner.vectors) vectors.set(STATE + name, vector)
  if (best !== undefined) vectors.set(BEST, best.weights)
  if (kept !== undefined) vectors.set(LAST_GOOD, kept.weights)
  if (flow !== undefined) for (const [name, data] of flowTensors(flow)) vectors.set(name, data)
  const tensors = [...vectors].map(([name, data]) => ({ name, shape: [data.length], data }))
  const checksum = { name: CHECKSUM, shape: [CHECKSUM_BYTES], data: new Uint8Array(CHECKSUM_BYTES) }
  return encodeSafetensors([...tensors, checksum], new Map([[TEXT, text]]))
}

/** Writes the checksum into its place, computed by a thread of the system's while this one goes on. */
export async function seal(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const covered = bytes.subarray(0, bytes.length - CHECKSUM_BYTES)
  // The bytes are this module's own: nothing is shared.
  const digest = await crypto.subtle.digest('SHA-256', covered)
  bytes.set(new Uint8Array(digest), covered.length)
}

/** Throws MODEL_INVALID that says what is wrong; nothing in the file is believed, a right checksum included. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  checkChecksum(bytes)
  const { tensors, metadata } = decodeSafetensors(bytes, ['F32', 'F64', 'U8'])
  const text = metadata.get(TEXT)
  if (text === undefined) throw modelInvalid('metadata', `a text "${TEXT}"`, 'none')
  const { counters, best, lastGood, flow, ...rest } = parseCheckpointText(text)
  const { epoch, ...losses } = lastGood
  return {
    ...rest,
    flow: flow === undefined ? undefined : flowOf(tensors, flow),
    learner: { vectors: stateVectors(tensors), counters },
    best: best === undefined ? undefined : { ...best, weights: vector(tensors, BEST, Float32Array) },
    lastGood: {
      ...losses,
      kept: epoch === undefined ? undefined : { epoch, weights: vector(tensors, LAST_GOOD, Float32Array) },
    },
  }
}

function checkChecksum(bytes: Uint8Array): void {
  const covered = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES))
  const digest = createHash('sha256').update(covered).digest()
  if (!digest.equals(bytes.subarray(covered.length)))
    throw modelInvalid('checksum', 'the one of its bytes', 'another')
}

type Tensors = ReadonlyMap<string, Tensor<TensorData>>

function stateVectors(tensors: Tensors): Map<string, StateVector> {
  const vectors = new Map<string, StateVector>()
  for (const [name, { data }] of tensors) {
    if (!name.startsWith(STATE)) continue
    if (data instanceof Uint8Array) throw modelInvalid(`tensor ${name}`, 'F32 or F64', 'U8')
    vectors.set(name.slice(STATE.length), data)
  }
  return vectors
}

function flowTensors({ order, grown, heldOut, categoryCounts }: FlowState): [string, TensorData][] {
  return [
    [FLOW.lanes, order.lanes],
    [FLOW.groups, order.groups],
    [FLOW.bytes, grown.bytes],
    [FLOW.lengths, grown.lengths],
    [FLOW.slots, grown.slots],
    [FLOW.heldOut, heldOut],
    [FLOW.categoryCounts, categoryCounts],
  ]
}

function flowOf(tensors: Tensors, text: NonNullable<CheckpointText['flow']>): FlowState {
  return {
    ...text,
    order: {
      lanes: vector(tensors, FLOW.lanes, Float64Array),
      groups: vector(tensors, FLOW.groups, Float64Array),
    },
    grown: {
      bytes: vector(tensors, FLOW.bytes, Uint8Array),
      lengths: vector(tensors, FLOW.lengths, Float32Array),
      slots: vector(tensors, FLOW.slots, Float32Array),
    },
    heldOut: vector(tensors, FLOW.heldOut, Uint8Array),
    categoryCounts: vector(tensors, FLOW.categoryCounts, Uint8Array),
  }
}

function vector<Data extends TensorData>(tensors: Tensors, name: string, type: new () => Data): Data {
  const data = tensors.get(name)?.data
  if (data instanceof type) return data
  throw modelInvalid(`tensor "${name}"`, type.name, data?.constructor.name ?? 'none')
}
