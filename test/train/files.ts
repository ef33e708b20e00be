/** CSV files for tests of whole runs, in a folder that goes with the test file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Call once a test file; returns what writes a file there and tells its path. */
export function temporaryFolder(): {
  folder: string
  write: (name: string, text: string | Buffer) => string
} {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    folder,
    write(name, text) {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    },
  }
}

/** A number in [0, 1) that looks random and is the same everywhere: i times the golden ratio. */
export function scattered(i: number, by = 0.618033988749895): number {
  return (i * by) % 1
}

/** Names of the columns of `cornerRecords`; three targets: a number, two classes, three classes. */
export const CORNER_TARGETS = { squared: 'amount', logistic: 'late', softmax: 'kind' } as const

/**
 * Rows with all that RFC 4180 allows: a delimiter in the header, quoted line breaks, doubled quotes, delimiters in
 * quotes, CRLF in every seventh row, missing values, and a weight. Each with its line break.
 */
export function cornerRecords(rows: number): string[] {
  const lines = ['x,"te,xt",z,w,amount,late,kind\r\n']
  for (let i = 0; i < rows; i++) {
    const x = i % 17 === 0 ? '' : String(Math.round(scattered(i) * 4000) / 8)
    const texts = [`"a ""q"",\r\n b${i % 9}"`, 'plain', `"two\n\nbreaks"`, i % 31 === 0 ? 'NA' : '"c,d"']
    const z = (scattered(i, 0.7548776662) * 10).toFixed(4)
    const amount = (scattered(i) * 3 - Number(z) + (i % 4)).toFixed(3)
    const late = scattered(i) + (i % 4) / 8 > 0.7 ? 'yes' : 'no'
    const kind = ['"k,1"', 'k2', '"k""3"'][(i + Math.floor(scattered(i) * 2)) % 3]!
    lines.push(
      `${x},${texts[i % 4]!},${z},${1 + (i % 3)},${amount},${late},${kind}${i % 7 === 0 ? '\r\n' : '\n'}`,
    )
  }
  return lines
}

export function cornersCsv(rows: number, lastLineBreak = true): string {
  const text = cornerRecords(rows).join('')
  return lastLineBreak ? text : text.trimEnd()
}
