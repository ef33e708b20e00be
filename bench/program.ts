import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiled = new URL('../dist/src/', import.meta.url)

/** The command line, as a user has it. */
export const millrace = path.join(root, 'dist/src/cli/main.js')

/** Throws where there is no build to measure. */
export function checkBuild(): void {
  if (!existsSync(millrace)) throw new Error('there is no dist/: run npm run build first')
}

/**
 * Compiles one file of bench/ (`train/parse-only.ts`) to plain JavaScript that imports dist/, so that it starts as fast
 * as the command line does: no loader in between. Returns its path.
 */
export function compileProgram(name: string): string {
  const source = readFileSync(new URL(name, import.meta.url), 'utf8')
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
    },
  })
  const out = path.join(root, '.cache/bench', name.replace(/\.ts$/, '.js'))
  mkdirSync(path.dirname(out), { recursive: true })
  writeFileSync(out, outputText.replaceAll("'../../src/", `'${compiled.href}`))
  return out
}

/** What a process said and how long it took, from before it was started until it had ended. */
export interface Finished {
  readonly seconds: number
  readonly output: string
}

export interface ProcessOptions {
  readonly input?: Readable
  readonly environment?: NodeJS.ProcessEnv
}

/** Runs Node with these arguments; rejects where it ends with a code other than 0. */
export async function runNode(
  parameters: readonly string[],
  options: ProcessOptions = {},
): Promise<Finished> {
  const started = performance.now()
  const child = spawn(process.execPath, parameters, {
    stdio: [options.input ?? 'ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...options.environment },
  })
  const [output, ending] = await Promise.all([text(child.stdout), once(child, 'close')])
  const seconds = (performance.now() - started) / 1000
  const code = (ending as [number | null])[0]
  if (code !== 0) throw new Error(`node ${parameters.join(' ')} ended with ${String(code)}`)
  return { seconds, output }
}
