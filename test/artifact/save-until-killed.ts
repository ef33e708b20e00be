/** A process for model-file.test.ts to kill: `half` stops in the middle of a write, `loop` saves two models in turn. */
import { encodeModel, replaceFile } from '../../src/artifact/index.js'
import { largeModel } from './example.js'

const [path, mode] = process.argv.slice(2) as [string, string]
// Encoded once, so that the loop spends its time where a kill could do harm: in what saveModel does with the bytes.
const pair = [encodeModel(largeModel(1)), encodeModel(largeModel(2))] as const

if (mode === 'half') {
  await replaceFile(path, async (handle) => {
    await handle.write(pair[1].subarray(0, pair[1].length / 2))
    process.stdout.write('ready')
    await new Promise((resolve) => setTimeout(resolve, 60_000))
  })
}
process.stdout.write('ready')
for (let i = 0; ; i++) {
  await replaceFile(path, async (handle) => {
    await handle.write(pair[i % 2]!)
  })
}
