/**
 * A worker thread: parses blocks, scores their rows and computes partial gradients in the shared memory. It keeps no state between
 * tasks, so a task may run on any worker, or again on another one, with the same result.
 */
import { readSync } from 'node:fs'
import { threadId, workerData } from 'node:worker_threads'
import { Pulse } from '../src/engine/pulse.js'
import { scoreBlock } from '../src/engine/score-block.js'
import { shardsGradient } from '../src/engine/shards.js'
import { kernelSteps } from '../src/engine/steps.js'
import { TaskClaims } from '../src/engine/task-claims.js'
import { failPoint } from '../src/fail-points.js'
import { instantiateKernel } from './kernel.js'
import { BadReason, BadRow, BadRows, ParseContext, ParseResult, Parts, Slot } from './layout.js'
import type { GradientTask, ParseTask, ShareTask, WorkerMessage, WorkerStart } from './protocol.js'

const start = workerData as WorkerStart
const kernel = instantiateKernel(start.module, start.memory)
let buffer = start.memory.buffer
let u8 = new Uint8Array(buffer)
let u32 = new Uint32Array(buffer)
let view = new DataView(buffer)

export default function work({ task, pulse: number, memoryBytes }: WorkerMessage): void {
  const pulse = new Pulse(start.pulses, number)
  pulse.begin(threadId)
  see(memoryBytes)
  try {
    if (task.kind === 'parse') parseSlots(task, pulse)
    else if (task.kind === 'share') share(task, pulse)
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) pulse.trap()
    throw error
  }
  pulse.end()
}

function parseSlots(task: ParseTask, pulse: Pulse): void {
  for (const slot of task.slots) {
    const started = pulse.beat()
    failPoint('before parse')
    if (view.getUint32(slot + Slot.Context, true) === 0) readRows(slot)
    else if (view.getUint32(slot + Slot.FirstRow, true) === 0) parse(slot, task)
    if (task.scoring !== undefined) scoreBlock(kernel, view, slot, task.scoring)
    failPoint('after parse')
    pulse.worked(performance.now() - started)
  }
}

/**
 * Brings the views up to the memory that the main thread had when it sent the task. Growing by nothing makes this
 * thread look again: the news of a growth is sent to the threads that are there, and one that is just starting up may
 * miss it.
 */
function see(memoryBytes: number): void {
  if (buffer.byteLength >= memoryBytes) return
  start.memory.grow(0)
  buffer = start.memory.buffer
  u8 = new Uint8Array(buffer)
  u32 = new Uint32Array(buffer)
  view = new DataView(buffer)
}

function parse(slot: number, task: ParseTask): void {
  const length = view.getUint32(slot + Slot.Length, true)
  const raw = view.getUint32(slot + Slot.Raw, true)
  const started = performance.now()
  const bytes = raw === 0 ? task.scratch : raw
  const lacking = raw === 0 ? length - read(slot, bytes, length) : 0
  const parsing = performance.now()
  view.setUint32(slot + Slot.Lacking, lacking, true)
  view.setUint32(slot + Slot.UnseenEnd, view.getUint32(slot + Slot.Unseen, true), true)
  u8.fill(0, slot + Slot.Reasons, slot + Slot.Reasons + BadReason.Count * 4)
  const badRecords = view.getUint32(slot + Slot.BadRecords, true)
  if (badRecords !== 0) u8.fill(0, badRecords, badRecords + (length >>> 3) + 1)
  if (lacking > 0) view.setUint32(slot + Slot.Result + ParseResult.Consumed, 0, true)
  else parseAll(slot, bytes, length, task)
  view.setFloat64(slot + Slot.ReadSeconds, (parsing - started) / 1000, true)
  view.setFloat64(slot + Slot.ParseSeconds, (performance.now() - parsing) / 1000, true)
}

/** Reads encoded rows to where they would be parsed to. */
function readRows(slot: number): void {
  const started = performance.now()
  const length = view.getUint32(slot + Slot.Length, true)
  const rows = view.getUint32(slot + Slot.Rows, true)
  const lacking = length - read(slot, rows, length)
  const intact =
    lacking === 0 && kernel.checksum(rows, length) === view.getFloat64(slot + Slot.Checksum, true)
  view.setUint32(slot + Slot.Lacking, intact ? 0 : Math.max(1, lacking), true)
  view.setFloat64(slot + Slot.ReadSeconds, (performance.now() - started) / 1000, true)
}

/**
 * Parses the whole request. The kernel stops when its list of bad rows is full; it is then called again for the rest,
 * and the counts are added up; the list of unseen values goes on. The entries of the list stay those of the first call.
 */
function parseAll(slot: number, bytes: number, length: number, task: ParseTask): void {
  const ends = view.getUint32(slot + Slot.Ends, true)
  const context = view.getUint32(slot + Slot.Context, true)
  const position = view.getFloat64(slot + Slot.Position, true)
  const rows = view.getUint32(slot + Slot.Rows, true)
  const capacity = view.getUint32(slot + Slot.Capacity, true)
  const stride = view.getUint32(context + ParseContext.Stride, true)
  const count = { consumed: 0, rows: 0, validation: 0, bad: 0 }
  let result = slot + Slot.Result
  for (;;) {
    view.setUint32(result + ParseResult.Unseen, view.getUint32(slot + Slot.UnseenEnd, true), true)
    kernel.parseBlock(
      context,
      bytes + count.consumed,
      length - count.consumed,
      ends,
      position + count.consumed,
      rows + count.rows * stride,
      capacity - count.rows - count.validation,
      result,
      task.scratch + task.scratchBytes + Parts.Room,
    )
    view.setUint32(slot + Slot.UnseenEnd, view.getUint32(result + ParseResult.Unseen, true), true)
    const bad = view.getUint32(result + ParseResult.BadRows, true)
    noteBad(slot, result, bad, count.consumed)
    count.consumed += view.getUint32(result + ParseResult.Consumed, true)
    count.rows += view.getUint32(result + ParseResult.Rows, true)
    count.validation += view.getUint32(result + ParseResult.ValidationRows, true)
    count.bad += bad
    const full = count.rows + count.validation >= capacity
    if (bad < BadRows.Capacity || full || count.consumed >= length) break
    result = task.spareResult
  }
  view.setUint32(slot + Slot.Result + ParseResult.Consumed, count.consumed, true)
  view.setUint32(slot + Slot.Result + ParseResult.Rows, count.rows, true)
  view.setUint32(slot + Slot.Result + ParseResult.ValidationRows, count.validation, true)
  view.setUint32(slot + Slot.Result + ParseResult.BadRows, count.bad, true)
}

/** Adds the bad rows of one parse call, which began at byte `from` of the block, to those of the slot: by reason, and where they are. */
function noteBad(slot: number, result: number, bad: number, from: number): void {
  const badRecords = view.getUint32(slot + Slot.BadRecords, true)
  for (let i = 0; i < bad; i++) {
    const entry = result + ParseResult.Bad + i * BadRow.SIZE
    const count = slot + Slot.Reasons + view.getUint32(entry + BadRow.Reason, true) * 4
    view.setUint32(count, view.getUint32(count, true) + 1, true)
    if (badRecords === 0) continue
    const record = from + view.getUint32(entry + BadRow.Record, true)
    u8[badRecords + (record >>> 3)]! |= 1 << (record & 7)
  }
}

/** Reads from the file that the main thread opened, straight into the shared memory; returns the bytes read. */
function read(slot: number, to: number, length: number): number {
  const file = view.getUint32(slot + Slot.File, true)
  const offset = view.getFloat64(slot + Slot.Offset, true)
  let done = 0
  while (done < length) {
    const bytes = readSync(file, u8, to + done, length - done, offset + done)
    if (bytes === 0) break
    done += bytes
  }
  return done
}

/** What computes the task, as often as it is called. */
function gradientOf({ plan, scratch, firstShard, shards, partials }: GradientTask): () => void {
  const steps = kernelSteps(kernel, plan, scratch)
  return () => shardsGradient(kernel, steps, u32, plan, firstShard, shards, partials)
}

/**
 * Milliseconds for which a thread that helps waits for the next mini-batch: longer than the main thread needs to average and
 * update, so that it is there again when work comes; short enough to lose little where the main thread waits for rows, which
 * this thread is to parse.
 */
const PATIENCE = 1

function share({ tasks, claims: address, owner }: ShareTask, pulse: Pulse): void {
  const claims = new TaskClaims(new Int32Array(buffer), address >>> 2, tasks.length, owner)
  const gradients = tasks.map(gradientOf)
  let turn: number | undefined
  do {
    turn = claims.turn
    for (let task = claims.claim(); task >= 0; task = claims.claim()) {
      const started = pulse.beat()
      failPoint('before gradient')
      gradients[task]!()
      failPoint('after gradient')
      pulse.worked(performance.now() - started)
      claims.finish(task)
    }
    pulse.beat()
    turn = claims.nextTurn(turn, PATIENCE)
  } while (turn !== undefined)
  claims.countHelper(-1)
}
