// Bundles the command line and the worker to one file each (and shared chunks): loading rxjs, zod and commander file by
// file costs a quarter of a second, which is longer than training on a small file takes.
import { chmod, rm } from 'node:fs/promises'
import { build } from 'esbuild'
import { bundlePage } from './bundle-page.mjs'
import { bundlePredict } from './bundle-predict.mjs'

const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  legalComments: 'external',
  logLevel: 'warning',
}
// Chunks carry a hash in their names: those of an earlier build would stay.
await rm('dist/cli', { recursive: true, force: true })
await build({
  ...shared,
  entryPoints: { main: 'dist/src/cli/main.js' },
  outdir: 'dist/cli',
  splitting: true,
  chunkNames: 'chunk-[hash]',
  // Piscina starts its workers from a file of its own. YAML is seldom needed, and large.
  external: ['piscina', 'yaml'],
  // Its build for Node cannot be cut down to what is used.
  alias: { rxjs: './node_modules/rxjs/dist/esm/index.js' },
  // Some packages call require, which ES modules lack.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
})
// CommonJS: Piscina finds it at once, and the thread starts without Node's loader of ES modules, which aborts the process
// (ModuleWrap::CreateRequiredModuleFacade) where a thread is ended while it loads.
await build({
  ...shared,
  format: 'cjs',
  entryPoints: ['dist/workers/worker.js', 'dist/workers/command-worker.js'],
  outdir: 'dist/workers',
  outExtension: { '.js': '.bundle.cjs' },
})
await bundlePage()
await bundlePredict()
await chmod('dist/cli/main.js', 0o755)
