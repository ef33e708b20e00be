import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { millrace, runNode } from '../program.js'

/** What a run of a program on the file came to; seconds of the whole process, and of the part after its imports. */
export interface Timed {
  readonly seconds: number
  readonly inside: number
  readonly rows: number
}

/** A run of `millrace train`, and the SHA-256 of the model it wrote. */
export interface Trained extends Timed {
  readonly model: string
}

interface Summary {
  seconds: number
  rows: { read: number }
}

/** `millrace train <file> --target y --epochs 1` as a user runs it: process start to model written. */
export async function trainOnce(file: string, model: string, options: readonly string[]): Promise<Trained> {
  const command = [
    millrace,
    'train',
    file,
    '--target',
    'y',
    '--epochs',
    '1',
    '--quiet',
    '--json',
    '-o',
    model,
    ...options,
  ]
  const { seconds, output } = await runNode(command)
  const summary = JSON.parse(output) as Summary
  const digest = createHash('sha256').update(readFileSync(model)).digest('hex')
  return { seconds, inside: summary.seconds, rows: summary.rows.read, model: digest }
}
