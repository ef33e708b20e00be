/** The reference pages have what the sources have, and nothing else. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { optionReference, readOptionSchema } from '../../scripts/option-reference.mjs'
import { badRowCodes } from '../../src/bad-row-codes.js'
import { sinks } from '../../src/report/sinks.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('docs/options.md', () => {
  it('is what the schema of the options makes', () => {
    expect(read('docs/options.md')).toBe(optionReference(readOptionSchema()))
  })

  it('has every option once', () => {
    const { properties } = readOptionSchema()
    const names = Object.keys(properties).filter((name) => !name.startsWith('$'))
    const rows = [...read('docs/options.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
    expect(rows).toEqual(names)
  })
})

describe('docs/errors.md', () => {
  /** Names in capitals that are no errors of ours. */
  const others = /^'(ERR_|LC_|MILLRACE_|NO_COLOR|FORCE_COLOR)/
  const inSources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => read(`src/${name}`).match(/'[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+'|super\('[A-Z]+'/g) ?? [])
    .filter((text) => !others.test(text))
    .map((text) => text.replace(/^super\(/, '').slice(1, -1))
  // Put together where they are thrown: schema/separators.ts, report/output-path.ts.
  const made = ['DECIMAL_COMMAS', 'DECIMAL_POINTS']
  const ofSinks = Object.keys(sinks)
    .filter((name) => name !== 'dashboard')
    .map((name) => `${name.toUpperCase()}_NOT_WRITTEN`)
  const inPage = [...read('docs/errors.md').matchAll(/^\| (`[A-Z].*?) \|/gm)].flatMap(([, codes]) =>
    codes!.split(', ').map((code) => code.replaceAll('`', '')),
  )

  it('has every code of the sources, and no other', () => {
    expect(inSources).toEqual(expect.arrayContaining(Object.values(badRowCodes)))
    expect(new Set(inPage)).toEqual(new Set([...inSources, ...made, ...ofSinks]))
  })

  it('has each of them once', () => {
    expect(inPage).toEqual([...new Set(inPage)])
  })
})
