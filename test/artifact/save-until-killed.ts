/** A process for model-file.test.ts to kill: `half` stops in the middle of a write, `loop` saves two models in turn. */
import { encodeModel, replaceFile, saveModel } from '../../src/artifact/index.js'
import { largeModel } from './example.js'

const [path, mode] = process.argv.slice(2) as [string, string]

if (mode === 'half') {
  const bytes = encodeModel(largeModel(2))
  await replaceFile(path, async (handle) => {
    await handle.write(bytes.subarray(0, bytes.length / 2))
    process.stdout.write('ready')
    await new Promise((resolve) => setTimeout(resolve, 60_000))
  })
}
const pair = [largeModel(1), largeModel(2)] as const
process.stdout.write('ready')
for (let i = 0; ; i++) await saveModel(path, pair[i % 2]!)
