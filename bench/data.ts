import { spawnSync } from 'node:child_process'
import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.data/', import.meta.url))
const scripts = fileURLToPath(new URL('../scripts/', import.meta.url))

/** Path of a script that makes data. */
export function dataScript(name: 'make-numeric' | 'make-clicklog'): string {
  return `${scripts}${name}.mjs`
}

/** `rows` rows of 28 numbers with 4 decimals and a label y, about 212 bytes each; made once and kept. */
export function numericFile(rows: number): string {
  return madeOnce(`numeric-${rows}.csv`, (path) => [dataScript('make-numeric'), `${rows}`, '28', '4', path])
}

/** `rows` rows of a label, 13 counts and 26 categories; made once and kept. */
export function clickLogFile(rows: number): string {
  return madeOnce(`clicklog-${rows}.csv`, (path) => [dataScript('make-clicklog'), `${rows}`, path])
}

function madeOnce(name: string, command: (path: string) => readonly string[]): string {
  const path = `${folder}${name}`
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  process.stderr.write(`making ${path}\n`)
  const { status } = spawnSync(process.execPath, command(path), { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${path} could not be made`)
  return path
}

/** Counts the line feeds of a stream of bytes. */
export async function countLineFeeds(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const chunk of stream) {
    const bytes = chunk as Buffer
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++
  }
  return count
}

/** Rows of a file that has a header and no line breaks inside fields. Reading it also puts it into the page cache. */
export async function countRows(path: string): Promise<number> {
  return (await countLineFeeds(createReadStream(path, { highWaterMark: 1 << 20 }))) - 1
}
