import { mkdirSync, readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, extname, join } from 'node:path'
import type { ResolvedOptions } from '../../options.js'

/** Of runs that nobody gave a model's name. */
const NAMELESS = 'run'

/** The name of a model without its folder and ending. */
function nameOf({ out }: ResolvedOptions): string {
  return out === undefined ? NAMELESS : basename(out, extname(out)) || NAMELESS
}

/**
 * The folder of a run among those of other runs, which TensorBoard shows side by side: `flights-20261123-100512`, the model's name
 * and the time (UTC). `goesOn`: the newest of this name, where there is one. Makes it; throws what the system throws.
 */
export function openRunFolder(folder: string, options: ResolvedOptions, now: Date, goesOn: boolean): string {
  const name = nameOf(options)
  const earlier = goesOn ? newestOf(folder, name) : undefined
  if (earlier !== undefined) return join(folder, earlier)
  const time = now
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '-')
  for (let count = 1; ; count++) {
    // Two runs may begin in one second.
    const path = join(folder, count === 1 ? `${name}-${time}` : `${name}-${time}-${count}`)
    try {
      mkdirSync(path)
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function newestOf(folder: string, name: string): string | undefined {
  const times = new Map<string, [time: string, count: number]>()
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.startsWith(`${name}-`)) continue
    const match = /^(\d{8}-\d{6})(?:-(\d+))?$/.exec(entry.name.slice(name.length + 1))
    if (match !== null) times.set(entry.name, [match[1]!, Number(match[2] ?? 1)])
  }
  const newer = ([, a]: [string, [string, number]], [, b]: [string, [string, number]]): number =>
    a[0] === b[0] ? b[1] - a[1] : a[0] < b[0] ? 1 : -1
  return [...times].sort(newer)[0]?.[0]
}

const FILE = /^events\.out\.tfevents\.(\d{10})\./

/**
 * A name by which TensorBoard knows an event file. It reads those of a folder in the order of their seconds: those of the new one are
 * above all others, also where a run goes on in the second in which it was interrupted.
 */
export function eventFileName(folder: string, now: Date): string {
  const earlier = readdirSync(folder).map((name) => Number(FILE.exec(name)?.[1] ?? 0))
  const seconds = Math.max(Math.floor(now.getTime() / 1000), ...earlier.map((second) => second + 1))
  const host = hostname().replaceAll(/[^\w.-]/g, '_')
  return `events.out.tfevents.${String(seconds).padStart(10, '0')}.${host}.${process.pid}.0.millrace`
}
