import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const imports = new Map<string, readonly string[]>()

/** What a module imports at run time, files of the project by their paths; type imports load nothing. */
function importsOf(file: string): readonly string[] {
  const known = imports.get(file)
  if (known !== undefined) return known
  const { outputText } = ts.transpileModule(readFileSync(path.join(root, file), 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  })
  const found = ts.preProcessFile(outputText, true, true).importedFiles.map(({ fileName }) => {
    const isFile = fileName.startsWith('.')
    return isFile ? path.join(path.dirname(file), fileName.replace(/\.js$/, '.ts')) : fileName
  })
  imports.set(file, found)
  return found
}

const isFile = (name: string): boolean => name.endsWith('.ts')

/** Files and packages that a module loads, itself and through others. */
function loadedBy(entry: string): Set<string> {
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    if (isFile(name)) importsOf(name).forEach(visit)
  }
  visit(entry)
  return seen
}

/** Files in the order of a cycle, the first again at the end; undefined where there is none. */
function cycleFrom(entries: readonly string[]): string[] | undefined {
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): string[] | undefined => {
    const before = way.indexOf(file)
    if (before >= 0) return [...way.slice(before), file]
    if (done.has(file)) return undefined
    for (const name of importsOf(file).filter(isFile)) {
      const cycle = visit(name, [...way, file])
      if (cycle !== undefined) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const entry of entries) {
    const cycle = visit(entry, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

// eslint.config.js looks at one import at a time; these promises are about everything that comes with it.
describe('what a worker thread loads', () => {
  const loaded = [...loadedBy('workers/worker.ts')]

  it('is found through other files', () => {
    expect(loaded).toContain('workers/kernel.ts')
    expect(loaded.filter((name) => name.startsWith('src/')).length).toBeGreaterThan(1)
  })

  it('has no streams, no option checks and no command line in it', () => {
    const unwanted = /^(rxjs|zod|piscina|fast-csv|commander)(\/|$)|^src\/(flow|cli|report|source)\//
    expect(loaded.filter((name) => unwanted.test(name))).toEqual([])
  })
})

describe('imports', () => {
  const folders = ['src', 'workers', 'bench']
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules') && !name.startsWith('kernel/'))
      .map((name) => path.join(folder, name)),
  )

  it('go in no circle', () => {
    expect(files.length).toBeGreaterThan(300)
    expect(cycleFrom(files)).toBeUndefined()
  })
})
