/** `npm run bench [question …]`: see bench/README.md. */
import { parseArgs } from 'node:util'
import { measureCheckpoints } from './checkpoints/run.js'
import { measureEpochs } from './epochs/run.js'
import { machine } from './machine.js'
import { measureMemory } from './memory/run.js'
import { measureParsing } from './parse/run.js'
import { measureNetworks } from './networks/run.js'
import { measurePredicting } from './predict/run.js'
import { printText } from './print.js'
import { checkBuild } from './program.js'
import type { Settings } from './settings.js'
import { measureShares } from './shares/run.js'
import { measureTraining } from './train/run.js'
import { measureWatchers } from './watchers/run.js'

const questions: Readonly<Record<string, (settings: Settings) => Promise<void>>> = {
  parse: measureParsing,
  train: measureTraining,
  epochs: measureEpochs,
  checkpoints: measureCheckpoints,
  watchers: measureWatchers,
  memory: measureMemory,
  shares: measureShares,
  networks: measureNetworks,
  predict: measurePredicting,
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (number > 0 && Number.isFinite(number)) return number
  throw new Error(`${name}: expected a number above 0, got ${text}`)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      full: { type: 'boolean', default: false },
      repeat: { type: 'string' },
      scale: { type: 'string', default: '1' },
    },
  })
  const unknown = positionals.find((name) => !Object.hasOwn(questions, name))
  if (unknown !== undefined) {
    throw new Error(`there is no question ${unknown}; there are ${Object.keys(questions).join(', ')}`)
  }
  const repeat = Math.ceil(positive('--repeat', values.repeat ?? (values.full ? '5' : '3')))
  const settings: Settings = { full: values.full, repeat, scale: positive('--scale', values.scale) }
  checkBuild()
  printText(`${machine()}. Medians of ${repeat} runs (least–most).`)
  for (const name of positionals.length > 0 ? positionals : Object.keys(questions)) {
    await questions[name]!(settings)
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
