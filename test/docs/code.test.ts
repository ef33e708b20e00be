/** All code in the README and in docs/ runs: commands as a shell does, programs as Node does, page after page from the same files. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeBlocks, type CodeBlock } from './blocks.js'
import { makeFixture, millrace } from './fixture.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const run = promisify(execFile)

/**
 * What the shell finds in place of programs that are not here, would not end, or would install: what millrace gives them is
 * read to its end. A dashboard is ended after two seconds.
 */
const SHELL = `set -euo pipefail
millrace() {
  if [ "$1" = dashboard ]; then timeout -s INT 2 "$NODE" "$MILLRACE" "$@" || [ $? -eq 124 ] || [ $? -eq 130 ]
  else "$NODE" "$MILLRACE" "$@"; fi
}
npx() { shift; millrace "$@"; }
psql() { cat > /dev/null; }
jq() { cat > /dev/null; }
head() { command head "$@"; cat > /dev/null; }
tail() { cat "\${@: -1}"; }
`

/** Programs in a language that is read and not run: files of people's own, and Python, which test/artifact runs. */
const notRun = new Set(['js', 'html', 'python', 'json', 'yaml'])

let fixture: string

beforeAll(async () => {
  fixture = mkdtempSync(join(tmpdir(), 'millrace-docs-'))
  await makeFixture(fixture)
}, 60_000)
afterAll(() => rmSync(fixture, { recursive: true }))

const isCommand = ({ language, code }: CodeBlock): boolean =>
  (language === '' || language === 'sh') && /(^|[|\n] *)(npx )?millrace /.test(code)

describe.each(pages)('%s', (page) => {
  const blocks = codeBlocks(readFileSync(join(root, page), 'utf8'))
  const runnable = blocks.filter((block) => isCommand(block) || block.language === 'ts')

  it.runIf(runnable.length > 0)(
    'has code that runs',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'millrace-page-'))
      try {
        cpSync(fixture, folder, { recursive: true })
        symlinkSync(join(root, 'data'), join(folder, 'data'))
        for (const block of runnable) await runBlock(folder, block, page)
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
    120_000,
  )

  it('has no other code', () => {
    const known = (language: string): boolean => ['', 'ts', 'sh'].includes(language) || notRun.has(language)
    expect(blocks.filter(({ language }) => !known(language))).toEqual([])
  })
})

async function runBlock(folder: string, { language, line, code }: CodeBlock, page: string): Promise<void> {
  const environment = { ...process.env, NODE: process.execPath, MILLRACE: millrace }
  try {
    if (language !== 'ts') {
      await run('bash', ['-c', SHELL + code], { cwd: folder, env: environment, maxBuffer: 1 << 28 })
      return
    }
    // Beside the package, so that it finds millrace and rxjs.
    const program = join(root, 'test/docs', `.${page.replaceAll('/', '-')}-${line}.ts`)
    writeFileSync(program, code)
    try {
      await run(join(root, 'node_modules/.bin/tsx'), [program], { cwd: folder })
    } finally {
      rmSync(program)
    }
  } catch (error) {
    throw new Error(`${page}:${line}: ${(error as { stderr?: string }).stderr ?? String(error)}`, {
      cause: error,
    })
  }
}
