import { alternate, spread, type Spread } from '../measure.js'
import { formatSpread } from '../print.js'
import type { Bar, Claim, Table } from './answer.js'
import { prefix, rowsOf } from './data.js'
import type { Contender, Job, Outcome } from './job.js'

/** How a contender did. */
export interface Racer {
  readonly name: string
  readonly missing?: string
  readonly seconds?: Spread
  readonly loss?: number | undefined
  readonly progressiveLoss?: number | undefined
  readonly reached?: boolean
  /** Rows that it was given where its time is multiplied up to all of them. */
  readonly rows?: number
  readonly versions: Readonly<Record<string, string>>
}

export interface RaceOptions {
  readonly repeat: number
  /** The most rows that a contender is given, by its name; the time of the rest is what such rows took. */
  readonly mostRows?: Readonly<Record<string, number>>
  /** A loss that all must reach, of those that learn. */
  readonly agreedLoss: number
}

/** Of rows that are left out, the time is the slope between a fifth of the rows and all that are given. */
const SMALLER = 5

/**
 * All contenders on the same job: first scored, so that a fast wrong answer shows, then timed in turns.
 */
export async function race(
  job: Job,
  contenders: readonly Contender[],
  options: RaceOptions,
): Promise<Racer[]> {
  const all = rowsOf(job.train)
  const absent: Racer[] = []
  const able: {
    contender: Contender
    scored: Outcome
    time: () => Promise<number>
    rows: number | undefined
  }[] = []
  for (const contender of contenders) {
    if (!contender.canDo(job)) continue
    const missing = contender.missing()
    if (missing !== undefined) {
      absent.push({ name: contender.name, missing, versions: {} })
      continue
    }
    const most = options.mostRows?.[contender.name] ?? Infinity
    const rows = all > most ? most : undefined
    const given = rows === undefined ? job : { ...job, train: prefix(job.train, rows) }
    process.stderr.write(`  ${contender.name}\n`)
    const scored = await contender.run({ ...given, score: true })
    const seconds = async (train: string): Promise<number> =>
      (await contender.run({ ...job, train, score: false })).seconds
    const time =
      rows === undefined
        ? () => seconds(job.train)
        : async () => {
            const few = Math.round(rows / SMALLER)
            const [less, more] = [await seconds(prefix(job.train, few)), await seconds(given.train)]
            return more + ((more - less) * (all - rows)) / (rows - few)
          }
    able.push({ contender, scored, time, rows })
  }
  const runners = able.map(({ contender: { name }, time }) => ({ name, run: time }))
  const measured = await alternate(runners, options.repeat)
  const racers = able.map(({ contender: { name }, scored, rows }): Racer => {
    const { loss, progressiveLoss, versions } = scored
    const reached = loss === undefined || loss <= options.agreedLoss
    const seconds = spread(measured.get(name)!)
    return {
      name,
      seconds,
      loss,
      progressiveLoss,
      reached,
      versions,
      ...(rows === undefined ? {} : { rows }),
    }
  })
  return [...racers, ...absent]
}

const digits = (seconds: number): number => (seconds >= 20 ? 0 : seconds >= 2 ? 1 : 2)

export function raceTable(racers: readonly Racer[], own = 'millrace'): Table {
  const first = racers.find(({ name }) => name === own)!.seconds!.median
  return {
    head: ['', 'seconds', 'times millrace', 'held-out log loss'],
    rows: racers.map(({ name, missing, seconds, loss, reached, rows }) => {
      if (seconds === undefined) return [name, 'not run', '', missing!]
      const shown = formatSpread(seconds, digits(seconds.median))
      const ratio = (seconds.median / first).toFixed(seconds.median >= 10 * first ? 0 : 2)
      const scaled = rows === undefined ? '' : ` †`
      const scored = loss === undefined ? '' : `${loss.toFixed(4)}${reached === true ? '' : ' (not reached)'}`
      return [name, `${shown}${scaled}`, ratio, scored]
    }),
  }
}

/**
 * How many times as long as millrace each of these took, and the bound of it. A fast wrong answer does not count. `inTheWay`: why a
 * bound may not be reached, by the contender's name.
 */
export function claims(
  racers: readonly Racer[],
  atLeast: Readonly<Record<string, number>>,
  inTheWay: Readonly<Record<string, string>> = {},
): Claim[] {
  const own = racers.find(({ name }) => name === 'millrace')!
  return Object.entries(atLeast).map(([name, bound]): Claim => {
    const what = `${name} / millrace`
    const reason = inTheWay[name]
    const known = { what, atLeast: bound, ...(reason === undefined ? {} : { inTheWay: reason }) }
    const racer = racers.find((each) => each.name === name)
    if (racer?.seconds === undefined) return { ...known, void: 'not run' }
    // Who was given a part of the rows may well reach it with all of them: its time stands.
    const short = [own, racer].find(({ reached, rows }) => reached === false && rows === undefined)
    const value = racer.seconds.median / own.seconds!.median
    if (short === undefined) return { ...known, value }
    return { ...known, value, void: `${short.name}: loss not reached` }
  })
}

export function bars(racers: readonly Racer[]): Bar[] {
  return racers.flatMap(({ name, seconds }) =>
    seconds === undefined ? [] : [{ name, value: seconds.median }],
  )
}

export function versionsOf(racers: readonly Racer[]): Record<string, string> {
  return Object.assign({}, ...racers.map(({ versions }) => versions)) as Record<string, string>
}

/** Footnotes of a race. */
export function raceNotes(racers: readonly Racer[], agreedLoss: number): string[] {
  const scaled = racers.filter(({ rows }) => rows !== undefined)
  return [
    ...(scaled.length > 0
      ? [
          `† ${scaled.map(({ name, rows }) => `${name}: ${rows!.toLocaleString('en')} rows`).join(', ')}; the time of the others is what the last four fifths of these took, multiplied, and the loss is that of these rows alone.`,
        ]
      : []),
    `All must reach a held-out log loss of ${agreedLoss}.`,
  ]
}
