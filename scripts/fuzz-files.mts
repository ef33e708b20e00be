/**
 * Loads files that millrace writes, changed at random: each must be refused with a message or be valid, and none may take
 * more than 64 MB.
 *
 *     npx tsx scripts/fuzz-files.mts --count 100000 --seed 1
 *
 * Case i has the seed `seed + i`, so that `--count 1 --seed <n>` runs one again. Kinds of files take turns
 * (test/fuzz/files.ts). Memory is what a case adds to the heap and to the buffers, and to the most that the process has
 * ever held.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Draw } from '../test/fuzz/draw.js'
import { fileKinds, tryFile } from '../test/fuzz/files.js'

const MOST_BYTES = 64 * 2 ** 20

const { values } = parseArgs({
  options: { count: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
})
const [count, firstSeed] = [Number(values.count), Number(values.seed)]
const folder = mkdtempSync(join(tmpdir(), 'millrace-files-'))
const kinds = await fileKinds(folder)
const started = performance.now()
/** Cases by kind and end. */
const ends = new Map<string, number>()
let failures = 0
let most = 0

for (let done = 0; done < count; done++) {
  const seed = firstSeed + done
  const kind = kinds[seed % kinds.length]!
  const before = memory()
  const end = await tryFile(kind, new Draw(seed))
  const after = memory()
  const added = Math.max(after.held - before.held, after.most - before.most)
  // The first cases load the program.
  if (done >= 100) most = Math.max(most, added)
  const key = `${kind.name}: ${end instanceof Error ? 'wrong' : end}`
  ends.set(key, (ends.get(key) ?? 0) + 1)
  if (end instanceof Error) fail(seed, end.stack ?? end.message)
  else if (added > MOST_BYTES) fail(seed, `it took ${added} bytes`)
  if ((done + 1) % 10_000 === 0) report(done + 1)
}
rmSync(folder, { recursive: true, force: true })
report(count)
process.exitCode = failures > 0 ? 1 : 0

/** Bytes that the process holds now, and the most that it has held. */
function memory(): { held: number; most: number } {
  const { heapUsed, external } = process.memoryUsage()
  return { held: heapUsed + external, most: process.resourceUsage().maxRSS * 1024 }
}

function fail(seed: number, wrong: string): void {
  failures++
  if (failures <= 20) console.log(`seed ${seed}: ${wrong.slice(0, 1500)}`)
}

function report(done: number): void {
  const seconds = (performance.now() - started) / 1000
  const list = [...ends].sort().map(([key, cases]) => `${key} ${cases}`)
  console.log(`${done} files in ${seconds.toFixed(0)} s; ${list.join(', ')}; ${failures} went wrong`)
  console.log(`at most ${(most / 2 ** 20).toFixed(1)} MiB for one file`)
}
