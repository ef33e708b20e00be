// Bundles the page of the dashboard to four files, which the server reads into memory: page.js, page.css, index.html, icon.svg.
import { copyFile, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const source = fileURLToPath(new URL('../src/dashboard-page/', import.meta.url))
const target = fileURLToPath(new URL('../dist/dashboard-page/', import.meta.url))

export async function bundlePage() {
  // uPlot's own comment is none that esbuild keeps; its licence wants to go with every copy.
  const licence = await readFile(new URL('../node_modules/uplot/LICENSE', import.meta.url), 'utf8')
  await build({
    entryPoints: { page: `${source}page.ts` },
    outdir: target,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    banner: { js: `/* uPlot:\n${licence.trim()}\n*/` },
    logLevel: 'warning',
  })
  // The newest file tells that all are there.
  for (const name of ['icon.svg', 'index.html']) await copyFile(source + name, target + name)
}
