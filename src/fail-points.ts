/**
 * Faults on request, for the tests that show what a run survives: the environment variable MILLRACE_FAIL names points of
 * the program and what is to go wrong there. Every thread reads it when it loads, and counts its own passages.
 *
 *     MILLRACE_FAIL='before parse=throw@3'        the third time that a thread comes to parse a block
 *     MILLRACE_FAIL='after gradient=exit@3+'      the third time and every time after
 *     MILLRACE_FAIL='before rename=kill'          the first time
 *     MILLRACE_FAIL='before parse=hang@p0.01;before fsync=ENOSPC'
 *
 * With `p`, each passage has that probability, drawn from the number of the thread and of the passage. Where the variable
 * is not set, a point costs one comparison.
 */
import { isMainThread, threadId } from 'node:worker_threads'
import { usageError } from './errors.js'

const NAMES = [
  'before parse',
  'after parse',
  'before gradient',
  'after gradient',
  'before average',
  'after average',
  'before update',
  'after update',
  'before rename',
  'after rename',
  'before fsync',
  'after fsync',
] as const

/** Each hand-off of a run, from both sides. */
export type FailPointName = (typeof NAMES)[number]

const systemErrors = {
  ENOSPC: 'no space left on device',
  EIO: 'i/o error',
  EACCES: 'permission denied',
} as const

const actions: Record<string, (name: FailPointName) => void> = {
  throw(name) {
    throw new Error(`the fail point "${name}" was to throw`)
  },
  /** Ends the thread; the process, on the main thread. */
  exit() {
    process.exit(EXIT_CODE)
  },
  hang() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  },
  kill() {
    process.kill(process.pid, 'SIGKILL')
  },
  /** Fills the heap of the thread until that ends it; not of the main thread, which has no limit of its own. */
  memory(name) {
    if (isMainThread) throw new RangeError(`the fail point "${name}" was to use up the memory`)
    const kept: number[][] = []
    for (;;) kept.push(new Array<number>(1 << 16).fill(kept.length + 0.5))
  },
  trap() {
    void new WebAssembly.Instance(new WebAssembly.Module(TRAP))
  },
  ...Object.fromEntries(
    Object.entries(systemErrors).map(([code, text]) => [
      code,
      () => {
        // The system's calls that the points stand beside.
        throw Object.assign(new Error(`${code}: ${text}, write`), { code, syscall: 'write' })
      },
    ]),
  ),
}

/** Told apart from the codes that Node itself ends with. */
const EXIT_CODE = 77

/** A module whose start function is `unreachable`: (module (func unreachable) (start 0)). */
const TRAP = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
  ...[1, 4, 1, 0x60, 0, 0], // types: () → ()
  ...[3, 2, 1, 0], // functions: one, of type 0
  ...[8, 1, 0], // start: function 0
  ...[10, 5, 1, 3, 0, 0, 0x0b], // code: no locals, unreachable, end
)

interface FailPoint {
  readonly act: (name: FailPointName) => void
  /** Whether the nth passage fails, from 1. */
  readonly fails: (passage: number) => boolean
  passages: number
}

const given = process.env['MILLRACE_FAIL'] ?? ''
/** Undefined nearly always: the one comparison. */
const points = given === '' ? undefined : readFailPoints(given)

/** Does nothing, unless MILLRACE_FAIL names the point. */
export function failPoint(name: FailPointName): void {
  if (points === undefined) return
  for (const point of points.get(name) ?? []) {
    if (point.fails(++point.passages)) point.act(name)
  }
}

/** Throws a usage error where a name or an action is not known. */
export function readFailPoints(text: string): Map<FailPointName, FailPoint[]> {
  const read = new Map<FailPointName, FailPoint[]>()
  for (const entry of text.split(';').filter((part) => part.trim() !== '')) {
    const [, name = '', action = '', when] = /^\s*([^=]*?)\s*=\s*([^@\s]*)(?:@(\S+))?\s*$/.exec(entry) ?? []
    const known = NAMES.find((one) => one === name)
    const act = Object.hasOwn(actions, action) ? actions[action] : undefined
    const fails = readWhen(when ?? '1')
    if (known === undefined || act === undefined || fails === undefined) throw unknownFailPoint(entry)
    read.set(known, [...(read.get(known) ?? []), { act, fails, passages: 0 }])
  }
  return read
}

function readWhen(when: string): ((passage: number) => boolean) | undefined {
  const [, probability, nth, on] = /^(?:p(0?\.\d+|[01])|([1-9]\d*)(\+?))$/.exec(when) ?? []
  if (probability !== undefined) return (passage) => drawn(passage) < Number(probability)
  if (nth === undefined) return undefined
  return on === '+' ? (passage) => passage >= Number(nth) : (passage) => passage === Number(nth)
}

/** A fraction that the thread and the passage decide: two rounds of a multiplicative hash. */
function drawn(passage: number): number {
  let hash = Math.imul(threadId + 1, 0x9e3779b1) ^ Math.imul(passage, 0x85ebca6b)
  for (let round = 0; round < 2; round++) hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}

function unknownFailPoint(entry: string): Error {
  return usageError(
    'UNKNOWN_FAIL_POINT',
    `MILLRACE_FAIL has ${JSON.stringify(entry)}`,
    `expected "<point>=<action>", with @3, @3+ or @p0.01 behind it; points: ${NAMES.join(', ')}; ` +
      `actions: ${Object.keys(actions).join(', ')}`,
  )
}
