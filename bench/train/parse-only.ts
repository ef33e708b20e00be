/**
 * A program: everything that `millrace train <file> --target y` does up to the parsed rows, with the same kernel,
 * lanes, slots and workers, but each block is given back at once. Prints { seconds, rows }.
 *
 *   parse-only.js <file> [workers]
 */
import { lastValueFrom, reduce } from 'rxjs'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel, WorkerPool } from '../../src/engine/pool.js'
import { holdOut } from '../../src/flow/epoch-rows.js'
import { openInput } from '../../src/flow/open-input.js'
import { resolveOptions } from '../../src/options/check.js'
import { fitSchema } from '../../src/schema/fit.js'
import { writeProgram } from '../../src/schema/program.js'
import { openSource } from '../../src/source/open-source.js'

const [file, workers] = process.argv.slice(2)
const options = resolveOptions({
  input: file!,
  target: 'y',
  workers: workers === undefined ? undefined : Number(workers),
})
const started = performance.now()
const memory = new SharedMemory(compileKernel())
const pool = new WorkerPool(options.workers, { memory: memory.memory, module: memory.module })
const dialect = {
  delimiter: options.delimiter,
  quote: options.quote === '' ? undefined : options.quote,
  comment: options.comment,
  header: options.header,
  decimal: options.decimal,
  missingTokens: options.na,
}
const source = await openSource(options.input, {
  encoding: options.encoding,
  stopped: new AbortController().signal,
})
const input = await openInput(source, { memory, dialect, options })
const schema = fitSchema(memory, input.context, input.dialect, input.names, input.sample, {
  ...options,
  limit: null,
})
const encoding = writeProgram(memory, input.context, schema, true)
const flow = input.flow(encoding, pool)
holdOut(memory, input.context, options.validation, options.seed, true)
const rows = await lastValueFrom(
  flow.blocks(1).pipe(
    reduce((sum, block) => {
      const count = block.rows + block.slot.badCount
      block.release()
      return sum + count
    }, 0),
  ),
)
await pool.close()
input.close()
const seconds = (performance.now() - started) / 1000
process.stdout.write(`${JSON.stringify({ seconds, rows })}\n`)
