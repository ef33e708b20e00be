import { endRecord, eventRecord } from '../event-record.js'
import type { SinkKind } from '../sink.js'
import { WatchedRun } from './watched-run.js'

/** `port`: 0, or none, for any free one. `stays`: the page can be opened as long as the process lives, and not only during the run. */
export interface DashboardSettings {
  port?: number | undefined
  stays?: boolean | undefined
}

/** true, or its port, or both settings. */
export type DashboardOption = boolean | number | DashboardSettings

/** A page on this machine that shows the run, and has buttons for it. */
export const dashboard: SinkKind<DashboardOption> = {
  flag: '--dashboard [port]',
  help: 'serve a page that shows the run, and can pause and stop it, on 127.0.0.1',
  rule: {
    expected: 'true, a port (0 … 65535), or { port, stays }',
    holds: (value) => typeof value === 'boolean' || isPort(value) || areSettings(value),
  },
  parse: (text) => (/^\d+$/.test(text) ? Number(text) : (text as unknown as number)),
  async open(value, { options, control }) {
    const { port = 0, stays = false } = settingsOf(value)
    const { openServer } = await import('./server.js')
    const run = new WatchedRun(options.out ?? 'run')
    const server = await openServer(port, [run], { control, checkpoint: options.checkpoint !== undefined })
    let isDone = false
    return {
      address: server.address,
      event(event) {
        if (event.type === 'step') run.step(event)
        else run.show(eventRecord(event, options.out))
        isDone ||= event.type === 'done'
      },
      async close(error) {
        if (!isDone) run.show(endRecord(error))
        if (stays) server.tell()
        else await server.close()
      },
    }
  },
}

function settingsOf(value: DashboardOption): DashboardSettings {
  if (typeof value === 'number') return { port: value }
  return typeof value === 'boolean' ? {} : value
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65535
}

function areSettings(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { port = 0, stays = false, ...others } = value as Record<string, unknown>
  return isPort(port) && typeof stays === 'boolean' && Object.keys(others).length === 0
}
