/**
 * A process that trains and is killed: its argument is JSON with the library to run, the options, and a file to which every
 * step is a line: step, epoch, loss and rate, digit for digit. Lines are written at once, so that a kill loses none.
 *
 * JavaScript, and the compiled library, because what is killed should be training and not a compiler.
 */
import { openSync, writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const { library, lines, options } = JSON.parse(process.argv[2])
const { train } = await import(pathToFileURL(library).href)
const file = openSync(lines, 'a')
train(options).subscribe({
  next(event) {
    const { type, step, epoch, loss, learningRate, validation, resumed } = event
    if (resumed !== undefined) writeSync(file, `resumed at ${resumed.step}\n`)
    if (type === 'step') writeSync(file, `step ${step} ${epoch} ${loss} ${learningRate}\n`)
    if (type === 'epoch') writeSync(file, `epoch ${epoch} ${loss} ${JSON.stringify(validation)}\n`)
  },
  error(error) {
    process.stderr.write(`${error.code}: ${error.message}\n`)
    process.exitCode = 1
  },
})
