import type { TrainEvent } from '../events.js'
import type { Rule } from '../options/rules.js'
import type { ResolvedOptions } from '../options.js'
import type { RunControl } from '../run/run-control.js'

/**
 * Something that watches a run, and cannot change it. It is called between two steps, which wait for it: what takes long is
 * put off or left out, by a sampling of its own, and what it holds is bounded.
 *
 * A sink that throws is told no more, and the run goes on with a warning that says so.
 */
export interface EventSink {
  /** Where a person can look at it. */
  readonly address?: string
  /** Called with each event of the run, in order. */
  event(event: TrainEvent): void
  /**
   * The events have ended: after `done`, or with the error that the run failed of (an AbortError where it was stopped), or, where
   * nobody wanted them any more, with neither. Resolves when all is written.
   */
  close(error?: unknown): void | Promise<void>
}

/** What a sink may know of the run besides its events. */
export interface SinkContext {
  readonly options: ResolvedOptions
  /** For buttons. */
  readonly control: RunControl
  /** A warning to all who watch, from a sink that cannot throw it: it came up later. */
  warn(message: string): void
}

/** An option that asks for a sink, and how the sink is made. */
export interface SinkKind<Value> {
  /** As commander takes it: `--events <file>`. */
  readonly flag: string
  readonly help: string
  readonly rule: Rule
  /** What the command line's text means. Default: the text. */
  readonly parse?: (text: string) => Value
  /** Throws a MillraceError where it cannot be: a path that nothing can be written to. */
  readonly open: (value: Value, context: SinkContext) => Promise<EventSink>
}
