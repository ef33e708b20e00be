/** Event files as TensorBoard reads them: the oracle is protobufjs with the messages of the package tensorboard. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Root, type INamespace } from 'protobufjs'
import { expect } from 'vitest'
import { maskedCrc32c } from '../../../src/report/tensorboard/crc32c.js'

const golden = fileURLToPath(new URL('../../golden/event-files.json', import.meta.url))
const { nested } = JSON.parse(readFileSync(golden, 'utf8')) as INamespace
const Event = Root.fromJSON({ nested: nested! }).lookupType('tensorboard.Event')

export interface DecodedHistogram {
  readonly min: number
  readonly max: number
  readonly num: number
  readonly sum: number
  readonly sum_squares: number
  readonly bucket_limit: number[]
  readonly bucket: number[]
}

export interface DecodedEvent {
  readonly wall_time: number
  readonly step: number
  readonly file_version?: string
  readonly summary?: { value: { tag: string; simple_value?: number; histo?: DecodedHistogram }[] }
  readonly session_log?: { status: string; checkpoint_path: string }
  readonly source_metadata?: { writer: string }
}

/** The events of a file, after a check of every CRC, and of every byte: what a field of theirs does not hold is not there. */
export function decodeEvents(bytes: Buffer): DecodedEvent[] {
  const events: DecodedEvent[] = []
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at))
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)))
    const data = bytes.subarray(at + 12, at + 12 + length)
    expect(data.length).toBe(length)
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data))
    const message = Event.decode(data)
    expect(Buffer.from(Event.encode(message).finish()).length).toBe(length)
    events.push(Event.toObject(message, { longs: Number, enums: String }) as DecodedEvent)
    at += length + 16
  }
  return events
}

/** Those of all files of a folder, in the order in which TensorBoard reads them. */
export function eventsOf(folder: string): DecodedEvent[] {
  const files = readdirSync(folder).sort()
  return files.flatMap((file) => decodeEvents(readFileSync(join(folder, file))))
}

/** What TensorBoard shows after a restart: nothing of the step of a START event, or of later ones, from before it. */
export function shownEvents(events: readonly DecodedEvent[]): DecodedEvent[] {
  return events.reduce<DecodedEvent[]>(
    (shown, event) =>
      event.session_log?.status === 'START'
        ? shown.filter(({ step = 0 }) => step < event.step)
        : [...shown, event],
    [],
  )
}

/** Points of a curve: step and value. */
export function scalars(events: readonly DecodedEvent[], tag: string): [step: number, value: number][] {
  return events.flatMap(({ step, summary }) =>
    (summary?.value ?? [])
      .filter((value) => value.tag === tag && value.simple_value !== undefined)
      .map((value): [number, number] => [step, value.simple_value!]),
  )
}

export function histograms(events: readonly DecodedEvent[], tag: string): [number, DecodedHistogram][] {
  return events.flatMap(({ step, summary }) =>
    (summary?.value ?? [])
      .filter((value) => value.tag === tag && value.histo !== undefined)
      .map((value): [number, DecodedHistogram] => [step, value.histo!]),
  )
}
