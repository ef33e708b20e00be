import fc from 'fast-check'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cutLines, type LinePlace } from '../../src/report/cut-lines.js'
import { temporaryFolder } from '../train/files.js'

const { folder } = temporaryFolder()
const path = join(folder, 'lines')

function cut(content: string, placeOf: (line: string) => LinePlace): string {
  writeFileSync(path, content)
  const descriptor = openSync(path, 'a+')
  cutLines(descriptor, placeOf)
  closeSync(descriptor)
  return readFileSync(path, 'utf8')
}

const placeOf = (line: string): LinePlace => line.slice(0, line.indexOf(' ')) as LinePlace

/** The lines in plain steps, from the top: what is after the last line that is before goes from the first that is after. */
function expected(lines: readonly string[]): string[] {
  const begin = lines.findLastIndex((line) => placeOf(line) === 'before') + 1
  const rest = lines.slice(begin)
  const first = rest.findIndex((line) => placeOf(line) === 'after')
  if (first < 0) return [...lines]
  const kept = rest.slice(first).filter((line) => placeOf(line) === 'kept')
  return [...lines.slice(0, begin + first), ...kept]
}

const line = fc
  .tuple(
    fc.constantFrom<LinePlace>('before', 'between', 'after', 'kept'),
    fc.constantFrom('', 'ä€😀', 'x'.repeat(100)),
  )
  .map(([place, text]) => `${place} ${text}`)

describe('cutLines', () => {
  it('leaves what the rule says, and no half line', () => {
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('', 'before', 'kep'), (lines, half) => {
        const content = lines.map((text) => `${text}\n`).join('')
        expect(cut(content + half, placeOf)).toBe(
          expected(lines)
            .map((text) => `${text}\n`)
            .join(''),
        )
      }),
    )
  })

  it('finds lines longer than what is read at once', () => {
    const long = `before ${'é'.repeat(400_000)}\n`
    const also = `between ${'y'.repeat(300_000)}\n`
    expect(cut(`${long}${also}after 1\nkept 2\nafter 3\n`, placeOf)).toBe(`${long}${also}kept 2\n`)
  })

  it('reads no further than where the run goes on', () => {
    const lines = Array.from({ length: 200_000 }, (_, i) => `${i}\n`).join('')
    let read = 0
    const kept = cut(lines, (text) => {
      read++
      return Number(text) > 199_000 ? 'after' : 'before'
    })
    expect(kept.endsWith('\n199000\n')).toBe(true)
    expect(read).toBe(1000)
  })
})
