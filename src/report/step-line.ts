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

/** Text that is written eight bytes at a time: byte by byte takes five times as long, and a call of `set` still longer. */
interface Piece {
  /** The text as f64 (no ASCII is NaN, whose bits may change), spaces behind it: what comes next is written over them. */
  readonly words: readonly number[]
  readonly bytes: number
}

function piece(text: string): Piece {
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const words = Array.from({ length: padded.length / 8 }, (_, i) => padded.readDoubleLE(8 * i))
  return { words, bytes: text.length }
}

const pieces = fields.map((field, i) => piece(`${i === 0 ? '{"type":"step"' : ''},"${field}":`))
const [step, epoch, loss, progressiveLoss, learningRate, gradientNorm, batchRows, rows, bytesRead, seconds] =
  pieces as [Piece, Piece, Piece, Piece, Piece, Piece, Piece, Piece, Piece, Piece]
const end = piece('}\n')
const LONGEST_LINE = [...pieces, end].reduce((sum, { words }) => sum + 8 * words.length + LONGEST_NUMBER, 0)

/** Writes the record of a step, a line of JSON, into bytes: JSON.stringify takes several times as long. */
export function writeStepLine(file: BackgroundFile, event: StepEvent): void {
  const { bytes, view } = file.reserve(LONGEST_LINE)
  let at = writeWhole(bytes, writePiece(view, file.end, step), event.step)
  at = writeWhole(bytes, writePiece(view, at, epoch), event.epoch)
  at = writeNumber(bytes, writePiece(view, at, loss), event.loss)
  at = writeNumber(bytes, writePiece(view, at, progressiveLoss), event.progressiveLoss)
  at = writeNumber(bytes, writePiece(view, at, learningRate), event.learningRate)
  at = writeNumber(bytes, writePiece(view, at, gradientNorm), event.gradientNorm)
  at = writeWhole(bytes, writePiece(view, at, batchRows), event.batchRows)
  at = writeWhole(bytes, writePiece(view, at, rows), event.rows)
  at = writeWhole(bytes, writePiece(view, at, bytesRead), event.bytes)
  at = writeNumber(bytes, writePiece(view, at, seconds), event.seconds)
  file.advance(writePiece(view, at, end))
}

function writePiece(view: DataView, at: number, { words, bytes }: Piece): number {
  for (let i = 0; i < words.length; i++) view.setFloat64(at + 8 * i, words[i]!, true)
  return at + bytes
}
