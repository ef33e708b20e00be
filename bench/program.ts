import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The command line, as a user has it. */
export const millrace = path.join(root, 'dist/cli/main.js')

/** Throws where there is no build to measure. */
export function checkBuild(): void {
  if (!existsSync(millrace)) throw new Error('there is no dist/: run npm run build first')
}

/**
 * Bundles one file of bench/ (`train/parse-only.ts`) as the command line is bundled (scripts/bundle.mjs), so that both
 * take as long to start. Returns its path.
 */
export function compileProgram(name: string): string {
  // Beside dist/cli: from there it finds the same workers as the command line does.
  const out = path.join(root, 'dist/bench', `${name.replace(/\.ts$/, '').replaceAll('/', '-')}.js`)
  buildSync({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    outfile: out,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['piscina', 'fast-csv', '@fast-csv/*'],
    alias: { rxjs: path.join(root, 'node_modules/rxjs/dist/esm/index.js') },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
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
