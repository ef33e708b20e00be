/** What a run can be watched by, each by the name of the option that asks for it. */
import type { RunControl } from '../run/run-control.js'
import type { ResolvedOptions } from '../options.js'
import { dashboard } from './dashboard/sink.js'
import { eventsFile } from './events-file.js'
import { historyFile } from './history-file.js'
import type { EventSink, SinkKind } from './sink.js'
import { tensorboard } from './tensorboard/index.js'

export const sinks = {
  /** File that the events are written to, one JSON object a line; `-` is standard output. Default: none. */
  events: eventsFile,
  /** CSV file of losses and metrics, with a row a sampled step and one an epoch. Default: none. */
  history: historyFile,
  /** Page on 127.0.0.1 that shows the run: true, the port, or both with whether it stays when the run has ended. Default: none. */
  dashboard,
  /** Folder of event files for TensorBoard, in which each run has its own. Default: none. */
  tensorboard,
}

/** The options of `train` that ask for sinks. */
export type SinkOptions = {
  [Name in keyof typeof sinks]?:
    ((typeof sinks)[Name] extends SinkKind<infer Value> ? Value : never) | undefined
}

export interface NamedSink {
  readonly name: string
  readonly sink: EventSink
}

/** Opens the sinks that the options ask for; throws where one cannot be, after closing the others. */
export async function openSinks(
  options: ResolvedOptions,
  control: RunControl,
  warn: (message: string) => void,
): Promise<NamedSink[]> {
  const opened: NamedSink[] = []
  try {
    for (const [name, kind] of Object.entries(sinks) as [keyof SinkOptions, SinkKind<unknown>][]) {
      const value = options[name] as unknown
      if (value === undefined || value === false) continue
      opened.push({ name, sink: await kind.open(value, { options, control, warn }) })
    }
    return opened
  } catch (error) {
    for (const { sink } of opened) await sink.close(error)
    throw error
  }
}
