// Bundles millrace/predict to one file, as small as it gets: a page loads it whole. Nothing of Node and no other package may
// be in it; esbuild refuses what it cannot find for a platform that has neither.
import { writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { minify } from 'terser'

export async function bundlePredict() {
  const { outputFiles } = await build({
    entryPoints: ['src/portable/index.ts'],
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    write: false,
    logLevel: 'warning',
  })
  const { code } = await minify(outputFiles[0].text, {
    module: true,
    ecma: 2022,
    compress: { passes: 3, ecma: 2022 },
    format: { ascii_only: false },
  })
  await writeFile('dist/predict.js', code)
}
