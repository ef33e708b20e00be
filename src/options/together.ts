/** Checks of options against each other. */

import type { MillraceError } from '../errors.js'
import { lossFacts, lossNames, type LossSettingName } from '../loss/index.js'
import { badRowConflict, conflict } from './model.js'
import { defaults, type ResolvedOptions, type TrainOptions } from '../options.js'
import { createOptimizer } from '../optimizer/index.js'
import { createSchedule } from '../schedule/index.js'
import { defaultLearningRate } from './training-defaults.js'

/**
 * Refuses options that are right one by one but not together.
 *
 * @throws MillraceError of kind `usage`.
 */
export function checkTogether(
  options: ResolvedOptions,
  given: Pick<TrainOptions, 'maxBadRows' | 'checkpointEvery' | 'maxCategories' | 'minCount'>,
): void {
  if (given.maxBadRows !== undefined && options.onBadRow === 'fail') throw badRowConflict()
  if (!options.shuffle && options.lanes !== undefined && options.lanes > 1) {
    throw conflict(
      'lanes',
      'several lanes are not file order',
      'ask for one lane, or let the rows be shuffled',
    )
  }
  checkCheckpoints(options, given.checkpointEvery !== undefined)
  checkFreezing(options, given)
  // What a model is made of is compared with the initial one when that has been read.
  if (options.initModel === undefined) {
    checkLossSettings(options)
    checkNetwork(options)
  }
  checkStopping(options)
  checkDescent(options)
  checkCharacters(options)
  checkColumns(options)
}

/** Without a folder there is nothing to write, and nothing to go on from. */
function checkCheckpoints({ checkpoint, resume }: ResolvedOptions, everyGiven: boolean): void {
  if (checkpoint !== undefined || !(resume || everyGiven)) return
  throw conflict(
    resume ? 'resume' : 'checkpointEvery',
    'there is no folder for checkpoints',
    'name it too (--checkpoint checkpoints)',
  )
}

/** Only what an initial model has fitted can be frozen, and then no vocabulary grows. */
function checkFreezing(
  { initModel, freezePreprocessing }: ResolvedOptions,
  given: Pick<TrainOptions, 'maxCategories' | 'minCount'>,
): void {
  if (!freezePreprocessing) return
  if (initModel === undefined) {
    throw conflict(
      'freezePreprocessing',
      'there is no model whose preprocessing could stay',
      'name it too (--init-model model.safetensors)',
    )
  }
  const option = (['maxCategories', 'minCount'] as const).find((name) => given[name] !== undefined)
  if (option === undefined) return
  throw conflict(option, 'with freezePreprocessing no category is added', 'leave one of them out')
}

/** The setting of one loss means nothing to another. */
function checkLossSettings(options: ResolvedOptions): void {
  for (const name of lossNames) {
    if (name === options.loss) continue
    for (const setting of Object.keys(lossFacts(name).settings) as LossSettingName[]) {
      if (options[setting] === undefined) continue
      const loss =
        options.loss === undefined ? 'the loss is chosen by the target' : `the loss is ${options.loss}`
      throw conflict(
        setting,
        `it is a setting of the loss ${name}, and ${loss}`,
        `ask for --loss ${name} too`,
      )
    }
  }
}

function checkStopping(options: ResolvedOptions): void {
  const { patience, validation, validationFiles, minImprovement } = options
  if (patience === undefined) {
    if (minImprovement === 0) return
    throw conflict(
      'minImprovement',
      'it says what patience waits for, and there is none',
      'say for how many epochs to wait (--patience 5), or leave it out',
    )
  }
  if (validation > 0 || validationFiles.length > 0) return
  // The loss of rows that have been learned from before goes on falling when the model gets worse.
  throw conflict(
    'patience',
    'it needs rows that are not learned from',
    'hold out a share of them (--validation 0.1), or give a file of others',
  )
}

/** What only a network has. */
function checkNetwork({ hidden, activation, layerNorm, embedding, dropout, init }: ResolvedOptions): void {
  if (hidden !== undefined) return
  const asked = {
    activation: activation !== defaults.activation,
    layerNorm,
    embedding: embedding !== undefined,
    dropout: dropout > 0,
    init: init !== defaults.init,
  }
  const option = Object.entries(asked).find(([, isAsked]) => isAsked)?.[0]
  if (option === undefined) return
  throw conflict(
    option,
    'a linear model has no hidden layers',
    'ask for a network (--hidden 64,32), or leave it out',
  )
}

/** The settings are those of the optimizer and of the schedule, and the optimizer has what is asked of it. */
function checkDescent(options: ResolvedOptions): void {
  const { optimizerSettings, schedule, scheduleSettings, warmup, learningRate, weightDecay } = options
  const optimizer = createOptimizer(options.optimizer, optimizerSettings)
  const rate = learningRate ?? defaultLearningRate(optimizer, schedule ?? 'cosine')
  // How long the run is shows later; any length tells whether the settings are right.
  if (schedule !== undefined) {
    createSchedule(schedule, { learningRate: rate, warmup, steps: 1, settings: scheduleSettings })
  } else if (Object.keys(scheduleSettings).length > 0) throw settingsOfNone()
  if (optimizer.appliesPenalties === true && options.hidden !== undefined) {
    throw conflict(
      'optimizer',
      `${optimizer.name} makes its weights anew from 0, where a network cannot begin`,
      'leave it out for adam, or leave out --hidden',
    )
  }
  if (weightDecay === undefined || weightDecay === 0) return
  if (optimizer.appliesPenalties === true) {
    throw conflict(
      'weightDecay',
      `the weights of ${optimizer.name} are made anew in every step`,
      'take l2, or another optimizer',
    )
  }
  if (rate * weightDecay < 1) return
  throw conflict(
    'weightDecay',
    `times a learning rate of ${rate} it would take away more than there is`,
    'lower one of them',
  )
}

/** Which schedule is taken shows later, from the input. */
function settingsOfNone(): MillraceError {
  return conflict(
    'scheduleSettings',
    'they are those of one schedule, and none is named',
    'name it too (--schedule cosine)',
  )
}

function checkCharacters({ delimiter = ',', quote, comment }: ResolvedOptions): void {
  if (delimiter === quote) throw same('quote', 'delimiter')
  if (comment === undefined) return
  if (comment === delimiter) throw same('comment', 'delimiter')
  if (comment === quote) throw same('comment', 'quote')
}

function same(option: string, other: string): MillraceError {
  return conflict(option, `it is the same character as ${other}`, `give ${option} another character`)
}

/** A column has one part to play. */
function checkColumns(options: ResolvedOptions): void {
  const { target, weight, features = [], ignore, numeric, categorical, dates } = options
  const roles: [option: string, columns: readonly string[], others: Record<string, readonly string[]>][] = [
    ['weight', weight === undefined ? [] : [weight], { target: [target] }],
    ['features', features, { target: [target], weight: weight === undefined ? [] : [weight], ignore }],
    ['ignore', ignore, { target: [target], weight: weight === undefined ? [] : [weight] }],
    ['categorical', categorical, { numeric }],
    [
      'dates',
      dates,
      { target: [target], weight: weight === undefined ? [] : [weight], ignore, numeric, categorical },
    ],
  ]
  for (const [option, columns, others] of roles) {
    for (const [other, taken] of Object.entries(others)) {
      const twice = columns.find((column) => taken.includes(column))
      if (twice === undefined) continue
      const name = JSON.stringify(twice)
      throw conflict(
        option,
        `column ${name} is also in ${other}`,
        `leave ${name} out of ${option} or of ${other}`,
      )
    }
  }
}
