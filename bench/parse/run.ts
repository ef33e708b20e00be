import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'
import { mustAgree } from '../agree.js'
import { alternate, secondsOf, spread, type Spread } from '../measure.js'
import { formatSpread, printRatio, printTable, printText, printTitle } from '../print.js'
import type { Settings } from '../settings.js'
import type { Contender, Opened } from './contender.js'
import { csvParse } from './csv-parse.js'
import { fastCsv } from './fast-csv.js'
import { millraceKernel } from './millrace.js'
import { papaParse } from './papaparse.js'
import { samples, type Sample } from './shapes.js'
import { udsv, udsvNumbers } from './udsv.js'

const contenders: readonly Contender[] = [millraceKernel, fastCsv, csvParse, udsv, udsvNumbers, papaParse]
const QUICK_BYTES = 8e6
const FULL_BYTES = 32e6
/** A fast contender parses the sample again until this much time has passed, so that the clock's grain does not count. */
const LEAST_SECONDS = 0.2

/** How fast is the parse kernel, alone and on one thread? */
export async function measureParsing({ full, repeat, scale }: Settings): Promise<void> {
  printTitle('Parsing, one thread')
  printText(
    'MB/s. The kernel parses bytes to encoded rows (numbers as f32, texts as indices); the others stop at strings, but for one.',
  )
  const speeds = new Map<string, Map<string, Spread>>()
  const given = samples(Math.round((full ? FULL_BYTES : QUICK_BYTES) * scale))
  for (const sample of given) speeds.set(sample.name, await measureSample(sample, repeat))
  const head = ['', ...given.map(({ name }) => name)]
  const row = (name: string) => [
    name,
    ...given.map((sample) => formatSpread(speeds.get(sample.name)!.get(name)!, 0)),
  ]
  printTable(
    head,
    contenders.map(({ name }) => row(name)),
  )
  process.stdout.write('\n')
  for (const { name } of given) {
    const speed = (contender: Contender): number => speeds.get(name)!.get(contender.name)!.median
    for (const contender of contenders.slice(1)) {
      const bound = name === given[0]!.name && contender === fastCsv ? { atLeast: 40 } : {}
      printRatio(`${name}: kernel / ${contender.name}`, speed(millraceKernel) / speed(contender), bound)
    }
  }
}

/** MB/s of every contender on one sample, after all have been found to agree. */
async function measureSample(sample: Sample, repeat: number): Promise<Map<string, Spread>> {
  const opened = contenders.map((contender) => ({ name: contender.name, ...bound(contender.open(sample)) }))
  await checkAgreement(sample, opened)
  const collectGarbage = garbageCollector()
  const runners = opened.map(({ name, parse }) => ({
    name,
    async run() {
      // What the one before left behind is not to be cleared away on this one's time.
      collectGarbage()
      return sample.bytes.length / 1e6 / (await secondsOf(parse, LEAST_SECONDS))
    },
  }))
  // One round that does not count: the compilers of V8 get to know everybody's loops.
  await alternate(runners, 1)
  const measured = await alternate(runners, repeat)
  return new Map([...measured].map(([name, numbers]) => [name, spread(numbers)]))
}

function bound(opened: Opened) {
  return { parse: () => opened.parse(), columnSums: () => opened.columnSums() }
}

/** The same rows and the same sum of every column, to the last bit: all add the same f32 in the same order. */
async function checkAgreement(sample: Sample, opened: readonly (Opened & { name: string })[]): Promise<void> {
  const [first, ...others] = opened
  const rows = await first!.parse()
  const sums = await first!.columnSums()
  for (const other of others) {
    mustAgree(`the rows of "${sample.name}" (${other.name})`, rows, await other.parse())
    const found = await other.columnSums()
    sums.forEach((sum, i) => mustAgree(`column ${i + 1} of "${sample.name}" (${other.name})`, sum, found[i]))
  }
}

/** V8's collector, which scripts see only when they ask for it. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
