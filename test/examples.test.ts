/** Every program in examples/ runs, and prints what stands at its end: the same on every machine, because the models are. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ts'))

it('are ten', () => {
  expect(examples.length).toBeGreaterThanOrEqual(10)
})

it.each(examples)('%s prints what it says', async (name) => {
  const program = join(root, 'examples', name)
  const [, printed = ''] = readFileSync(program, 'utf8').split('\n// Prints:\n')
  const folder = mkdtempSync(join(tmpdir(), 'millrace-example-'))
  try {
    cpSync(join(root, 'data/penguins.csv'), join(folder, 'data/penguins.csv'))
    const tsx = join(root, 'node_modules/.bin/tsx')
    const { stdout } = await promisify(execFile)(tsx, [program], { cwd: folder })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => `// ${line}`.trimEnd())).toEqual(printed.trimEnd().split('\n'))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
