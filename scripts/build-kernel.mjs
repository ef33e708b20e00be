// Compiles workers/kernel (AssemblyScript) to dist/workers/kernel.wasm.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))
const entry = process.argv[2] ?? 'workers/kernel/index.ts'
const out = process.argv[3] ?? 'dist/workers/kernel.wasm'
await mkdir(new URL('../dist/workers/', import.meta.url), { recursive: true })
const { error, stderr } = await asc.main([
  entry,
  '--baseDir',
  root,
  '--outFile',
  out,
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--exportStart',
  '_start',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
  '--enable',
  'simd,threads,bulk-memory',
])
if (error) {
  process.stderr.write(stderr.toString())
  process.exit(1)
}
