import type { StepEvent } from '../events.js'
import type { BackgroundFile } from './background-file.js'
import type { StepRecord } from './event-record.js'
import { LONGEST_NUMBER, writeNumber, writeWhole } from './number-bytes.js'

/** The fields of a step record, in their order. */
const fields = [
  'step',
  'epoch',
  'loss',
  'progressiveLoss',
  'learningRate',
  'gradientNorm',
  'batchRows',
  'rows',
  'bytes',
  'seconds',
] as const satisfies readonly (keyof StepRecord)[]

const keys = fields.map((field, i) => Buffer.from(`${i === 0 ? '{"type":"step"' : ''},"${field}":`))
const [step, epoch, loss, progressiveLoss, learningRate, gradientNorm, batchRows, rows, bytesRead, seconds] =
  keys as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]
const end = Buffer.from('}\n')
const LONGEST_LINE = keys.reduce((sum, key) => sum + key.length + LONGEST_NUMBER, end.length)

/** Writes the record of a step, a line of JSON, byte by byte: JSON.stringify takes three times as long. */
export function writeStepLine(file: BackgroundFile, event: StepEvent): void {
  const bytes = file.reserve(LONGEST_LINE)
  let at = writeWhole(bytes, copy(bytes, file.end, step), event.step)
  at = writeWhole(bytes, copy(bytes, at, epoch), event.epoch)
  at = writeNumber(bytes, copy(bytes, at, loss), event.loss)
  at = writeNumber(bytes, copy(bytes, at, progressiveLoss), event.progressiveLoss)
  at = writeNumber(bytes, copy(bytes, at, learningRate), event.learningRate)
  at = writeNumber(bytes, copy(bytes, at, gradientNorm), event.gradientNorm)
  at = writeWhole(bytes, copy(bytes, at, batchRows), event.batchRows)
  at = writeWhole(bytes, copy(bytes, at, rows), event.rows)
  at = writeWhole(bytes, copy(bytes, at, bytesRead), event.bytes)
  at = writeNumber(bytes, copy(bytes, at, seconds), event.seconds)
  file.advance(copy(bytes, at, end))
}

/** A loop: for a dozen bytes a call of `set` takes longer. */
function copy(to: Uint8Array, at: number, from: Uint8Array): number {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i]!
  return at + from.length
}
