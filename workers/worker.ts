/**
 * A worker thread: parses blocks and computes partial gradients in the shared memory. It keeps no state between
 * tasks, so a task may run on any worker, or again on another one, with the same result.
 */
import { readSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { shardsGradient } from '../src/engine/shards.js'
import { kernelSteps } from '../src/engine/steps.js'
import { instantiateKernel } from './kernel.js'
import { ParseResult, Slot } from './layout.js'
import type { GradientTask, ParseTask, WorkerStart, WorkerTask } from './protocol.js'

const start = workerData as WorkerStart
const kernel = instantiateKernel(start.module, start.memory)
let buffer = start.memory.buffer
let u8 = new Uint8Array(buffer)
let u32 = new Uint32Array(buffer)
let view = new DataView(buffer)

export default function work(task: WorkerTask): void {
  // The main thread may have grown the memory; a view keeps the old length.
  if (start.memory.buffer !== buffer) {
    buffer = start.memory.buffer
    u8 = new Uint8Array(buffer)
    u32 = new Uint32Array(buffer)
    view = new DataView(buffer)
  }
  switch (task.kind) {
    case 'ready':
      return
    case 'parse':
      for (const slot of task.slots) parse(slot, task)
      return
    case 'gradient':
      gradient(task)
  }
}

function parse(slot: number, task: ParseTask): void {
  const length = view.getUint32(slot + Slot.Length, true)
  const raw = view.getUint32(slot + Slot.Raw, true)
  const started = performance.now()
  const bytes = raw === 0 ? task.scratch : raw
  const lacking = raw === 0 ? length - read(slot, bytes, length) : 0
  const parsing = performance.now()
  view.setUint32(slot + Slot.Lacking, lacking, true)
  if (lacking > 0) view.setUint32(slot + Slot.Result + ParseResult.Consumed, 0, true)
  else {
    kernel.parseBlock(
      task.context,
      bytes,
      length,
      view.getUint32(slot + Slot.Ends, true),
      view.getFloat64(slot + Slot.Position, true),
      view.getUint32(slot + Slot.Rows, true),
      view.getUint32(slot + Slot.Capacity, true),
      slot + Slot.Result,
      task.scratch + task.scratchBytes,
    )
  }
  view.setFloat64(slot + Slot.ReadSeconds, (parsing - started) / 1000, true)
  view.setFloat64(slot + Slot.ParseSeconds, (performance.now() - parsing) / 1000, true)
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

function gradient(task: GradientTask): void {
  const steps = kernelSteps(kernel, task.plan)
  shardsGradient(kernel, steps, u32, task.plan, task.firstShard, task.shards, task.partials)
}
