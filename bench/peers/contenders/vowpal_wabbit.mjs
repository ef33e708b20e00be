// Vowpal Wabbit: its own text format, made from the CSV as the rows go by, into its standard input. The cache that it writes by the way
// is what later passes read.
import { execFileSync, spawn } from 'node:child_process'
import { createReadStream, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { job, logLoss, say } from './lines.mjs'

const model = `${job.folder}/vw.model`
const cache = `${job.folder}/vw.cache`
const predictions = `${job.folder}/vw.predictions`

/** `1 |n x1:0.5 |c origin=JFK`: blanks, colons and bars mean something to it. */
async function feed(path, input) {
  let [rest, places] = ['', undefined]
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    const text = []
    for (const line of lines) {
      const fields = line.split(',')
      if (places === undefined) {
        const place = (name) => [name, fields.indexOf(name)]
        places = {
          numbers: job.numbers.map(place),
          categories: job.categories.map(place),
          target: fields.indexOf(job.target),
        }
        continue
      }
      let example = `${fields[places.target] === '1' ? 1 : -1} |n`
      for (const [name, i] of places.numbers) if (fields[i] !== '') example += ` ${name}:${fields[i]}`
      if (places.categories.length > 0) example += ' |c'
      for (const [name, i] of places.categories) example += ` ${name}=${fields[i].replace(/[ :|]/g, '_')}`
      text.push(example)
    }
    if (!input.write(text.join('\n') + (text.length > 0 ? '\n' : ''))) await once(input, 'drain')
  }
  input.end()
}

async function run(path, ...options) {
  const vw = spawn('vw', options, { stdio: ['pipe', 'ignore', 'pipe'] })
  let told = ''
  vw.stderr.setEncoding('utf8').on('data', (text) => (told += text))
  const ended = once(vw, 'close')
  await feed(path, vw.stdin)
  const [code] = await ended
  if (code !== 0) throw new Error(`vw ended with ${code}: ${told}`)
  return told
}

const passes =
  job.epochs > 1 ? ['--passes', `${job.epochs}`, '--cache_file', cache, '-k', '--holdout_off'] : []
const told = await run(
  job.train,
  '-d',
  '/dev/stdin',
  '--loss_function',
  'logistic',
  '-b',
  `${job.hashBits ?? 18}`,
  '-f',
  model,
  ...passes,
)
const number = (name) => Number(new RegExp(`${name} = ([\\d.]+)`).exec(told)?.[1])
say({ trained: true, rows: number('number of examples'), progressiveLoss: number('average loss') })
if (job.score) {
  await run(
    job.heldOut,
    '-d',
    '/dev/stdin',
    '-t',
    '-i',
    model,
    '--loss_function',
    'logistic',
    '--link',
    'logistic',
    '-p',
    predictions,
  )
  const labels = []
  let place
  for (const line of readFileSync(job.heldOut, 'utf8').trimEnd().split('\n')) {
    if (place === undefined) place = line.split(',').indexOf(job.target)
    else labels.push(Number(line.split(',')[place]))
  }
  const probabilities = readFileSync(predictions, 'utf8').trimEnd().split('\n').map(Number)
  const sum = probabilities.reduce((total, p, i) => total + logLoss(p, labels[i]), 0)
  const version = execFileSync('vw', ['--version'], { encoding: 'utf8' }).trim()
  say({ heldOutLoss: sum / labels.length, versions: { 'Vowpal Wabbit': version } })
}
for (const file of [model, cache, predictions]) rmSync(file, { force: true })
