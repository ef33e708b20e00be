/**
 * Brings dist/ up to date before the tests: worker threads run compiled JavaScript and the compiled kernel, while the
 * tests import the sources. Only what is older than its source is compiled, so a second run starts at once. Types are
 * not checked here; `npm run typecheck` does that.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { bundlePage } from '../scripts/bundle-page.mjs'
import { bundlePredict } from '../scripts/bundle-predict.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const kernel = path.join(root, 'dist/workers/kernel.wasm')

/** Time of the last change in milliseconds, −∞ where there is no such file. */
function changed(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity
}

function typescriptFiles(folder: string, recursive: boolean): string[] {
  return readdirSync(path.join(root, folder), { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => path.join(folder, name))
}

/** A run that reads while another one builds sees the whole old file or the whole new one. */
function replaceFile(file: string, text: string): void {
  const beside = `${file}.${process.pid}.tmp`
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(beside, text)
  renameSync(beside, file)
}

function compileSources(): void {
  const sources = typescriptFiles('src', true).filter((name) => !name.startsWith('src/dashboard-page'))
  for (const name of [...sources, ...typescriptFiles('workers', false)]) {
    const source = path.join(root, name)
    const compiled = path.join(root, 'dist', name.replace(/\.ts$/, '.js'))
    if (changed(compiled) > changed(source)) continue
    const { outputText } = ts.transpileModule(readFileSync(source, 'utf8'), {
      fileName: source,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    })
    replaceFile(compiled, outputText)
  }
}

function buildKernel(): void {
  const build = 'scripts/build-kernel.mjs'
  const sources = [...typescriptFiles('workers/kernel', true), build]
  const newest = Math.max(...sources.map((name) => changed(path.join(root, name))))
  if (changed(kernel) > newest) return
  const beside = `dist/workers/kernel.${process.pid}.tmp`
  const { status } = spawnSync(process.execPath, [build, 'workers/kernel/index.ts', beside], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status === 0) {
    renameSync(path.join(root, beside), kernel)
  } else {
    // Without a kernel the tests that need one fail; with an outdated one they would pass for the wrong reason.
    rmSync(kernel, { force: true })
    console.error('The kernel does not compile (see above): every test that runs it will fail.')
  }
}

async function buildPage(): Promise<void> {
  const folders = ['src/dashboard-page', 'src/report']
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      path.join(root, folder, name),
    ),
  )
  const newest = Math.max(...files.map(changed))
  if (!(changed(path.join(root, 'dist/dashboard-page/index.html')) > newest)) await bundlePage()
}

/** millrace/predict: of which sources it is made only the bundler knows. */
async function buildPredict(): Promise<void> {
  const newest = Math.max(...typescriptFiles('src', true).map((name) => changed(path.join(root, name))))
  if (!(changed(path.join(root, 'dist/predict.js')) > newest)) await bundlePredict()
}

export default async function setup(): Promise<void> {
  mkdirSync(path.dirname(kernel), { recursive: true })
  compileSources()
  buildKernel()
  await buildPage()
  await buildPredict()
}
