import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const entry = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** Packages that a file loads before its first line runs, itself or through others of our files. */
function loadedPackages(file: string, seen = new Set<string>(), packages = new Set<string>()): Set<string> {
  if (seen.has(file)) return packages
  seen.add(file)
  // Type imports leave no trace; `import('…')` is not at the start of a line.
  const imports = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)(?! type\b)[^;]*?\sfrom '([^']+)'$/gms,
  )
  for (const [, name] of imports) {
    if (name!.startsWith('.'))
      loadedPackages(resolve(dirname(file), name!.replace(/\.js$/, '.ts')), seen, packages)
    else if (!name!.startsWith('node:')) packages.add(name!)
  }
  return packages
}

describe('starting the command', () => {
  // `millrace --help` has 0.25 s; importing zod alone costs 60 ms, rxjs and piscina as much.
  it('loads the command line and colours, and no more', () => {
    expect([...loadedPackages(entry)].sort()).toEqual(['commander', 'picocolors'])
  })

  it('is checked by a reader of imports that sees them', () => {
    const checks = fileURLToPath(new URL('../../src/options/check.ts', import.meta.url))
    expect([...loadedPackages(checks)]).toContain('zod')
  })
})
