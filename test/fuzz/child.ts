/** A process that runs the cases whose seeds it is sent, and answers with what went wrong (scripts/fuzz-train.mts). */
import { drawCase } from './case.js'
import { runCase } from './run-case.js'

const folder = process.argv[2]!

process.on('message', (seed: number) => {
  void runCase(drawCase(seed), folder).then((result) => process.send!(result))
})
