import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Files and packages that a module loads at run time, itself and through others; type imports load nothing. */
function loadedBy(entry: string): Set<string> {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const { outputText } = ts.transpileModule(readFileSync(path.join(root, file), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    })
    for (const { fileName } of ts.preProcessFile(outputText, true, true).importedFiles) {
      if (fileName.startsWith('.')) visit(path.join(path.dirname(file), fileName.replace(/\.js$/, '.ts')))
      else seen.add(fileName)
    }
  }
  visit(entry)
  return seen
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
