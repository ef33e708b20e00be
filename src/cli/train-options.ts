/** The options of `millrace train`, in the groups of its help. */

import type { Command } from 'commander'
import { activationNames } from '../activation/index.js'
import { lossNames } from '../loss/index.js'
import { initialisations } from '../model/initial.js'
import { optimizers } from '../optimizer/index.js'
import { defaults, networkOptimizer } from '../options.js'
import type { SinkKind } from '../report/sink.js'
import { sinks } from '../report/sinks.js'
import { schedules } from '../schedule/index.js'
import {
  addBadRowOptions,
  addDialectOptions,
  collectNames,
  collectTexts,
  numberOrText,
} from './option-groups.js'

export const DEFAULT_MODEL = 'model.safetensors'

/** Adds them all. */
export function addTrainOptions(command: Command): void {
  command
    .option('--target <column>', 'the column to predict (required)')
    .option('--config <file>', 'read options from this file, JSON or YAML; those of the command line win')
    .option('--explain-plan', 'print what would be done, and do nothing')
  addColumnOptions(command)
  addDialectOptions(command, { delimiter: 'by the sample', quote: '"', decimal: 'point' })
  addBadRowOptions(command)
  addStepOptions(command)
  addMachineOptions(command)
  addSinkOptions(command)
  command
    .optionsGroup('Output:')
    .option('-o, --out <file>', `where the model is written (default: ${DEFAULT_MODEL})`)
    .option('--checkpoint <folder>', 'keep the state of the run there, to go on after an interruption')
    .option(
      '--checkpoint-every <interval>',
      'between two checkpoints: steps (1000) or time (30s, 5m) (default: 60s)',
      numberOrText,
    )
    .option('--resume', 'go on from the newest checkpoint, with the same result')
    .option('--quiet', 'print nothing but warnings and errors')
    .option('--json', 'print one JSON object on standard output at the end')
}

function addColumnOptions(command: Command): void {
  command
    .optionsGroup('Columns:')
    .option('--features <names>', 'learn from these columns only (a,b)', collectNames)
    .option('--ignore <names>', 'leave these columns out', collectNames)
    .option('--numeric <names>', 'read these columns as numbers', collectNames)
    .option('--categorical <names>', 'read these columns as categories', collectNames)
    .option('--dates <names>', 'make year, month, weekday, hour and epoch of these columns', collectNames)
    .option('--interactions <pairs>', 'learn from combinations of columns (a:b,c:d)', collectTexts)
    .option(
      '--max-categories <n>',
      `values of a column with a weight of their own (default: ${defaults.maxCategories})`,
      numberOrText,
    )
    .option(
      '--min-count <n>',
      `how often a value is met before it has one (default: ${defaults.minCount})`,
      numberOrText,
    )
    .option(
      '--hash-bits <n>',
      'hash all values to 2^n weights (with the above: those of a column without one)',
      numberOrText,
    )
    .option('--weight <column>', 'column of row weights, numbers of 0 or more')
    .option('--class-weight <weights>', 'balanced, or weights of classes (no:1,yes:5)')
    .option('--na <tokens>', `texts that mean "missing" (default: ${defaults.na.join(',')})`, collectNames)
    .option('--no-standardize', 'leave numbers as they are')
}

function addStepOptions(command: Command): void {
  command
    .optionsGroup('Model and step:')
    .option('--init-model <file>', 'go on from this model: its columns, loss and layers, its weights')
    .option('--freeze-preprocessing', 'with it: no category is added, values not known share buckets')
    .option('--loss <name>', `${lossNames.join(', ')} (default: by the target)`)
    .option(
      '--huber-delta <size>',
      'huber: larger errors count linearly (default: a deviation)',
      numberOrText,
    )
    .option('--quantile <q>', 'quantile: which one, 0 … 1 (default: 0.5, the median)', numberOrText)
    .option('--tweedie-power <p>', 'tweedie: variance is mean^p, 1 … 2 (default: 1.5)', numberOrText)
    .option('--hidden <units>', 'units of the hidden layers of a network: 64,32 (default: a linear model)')
    .option('--activation <name>', `${activationNames.join(', ')} (default: ${defaults.activation})`)
    .option('--layer-norm', 'normalise the scores of hidden layers')
    .option(
      '--embedding <n>',
      'numbers that a category becomes; 0: none (default: by its values)',
      numberOrText,
    )
    .option('--dropout <share>', 'of hidden units left out in a step (default: 0)', numberOrText)
    .option('--init <name>', `${initialisations.join(', ')} (default: ${defaults.init})`)
    .option('--batch-size <rows>', 'rows of one update (default: by the size of the input)', numberOrText)
    .option('--epochs <n>', 'passes over the input (default: by its size)', numberOrText)
    .option(
      '--optimizer <name>',
      `${Object.keys(optimizers).join(', ')} (default: ${defaults.optimizer}; ${networkOptimizer} for a network)`,
    )
    .option('--learning-rate <rate>', "above 0 (default: the optimizer's)", numberOrText)
    .option('--optimizer-settings <list>', "the optimizer's own, momentum=0.95 or beta1=0.8,epsilon=1e-6")
    .option(
      '--schedule <name>',
      `${Object.keys(schedules).join(', ')} (default: cosine; constant for streams and with --patience)`,
    )
    .option('--schedule-settings <list>', "the schedule's own, power=0.25 or final=0.1,steps=10000")
    .option('--warmup <steps>', 'raise the learning rate from 0 over these steps (default: 0)', numberOrText)
    .option('--l1 <strength>', 'penalty l1·|w|: weights of little use become 0 (default: 0)', numberOrText)
    .option('--l2 <strength>', 'penalty (l2/2)·w² (default: 0; 1 / rows for a network)', numberOrText)
    .option(
      '--weight-decay <share>',
      'of the rate, lost in every step (default: 0.01 for adamw)',
      numberOrText,
    )
    .option('--penalize-bias', 'penalties and decay count for biases too')
    .option('--no-penalize-categories', 'they do not count for the weights of categories')
    .option('--clip-norm <limit>', "of a mini-batch's gradient (default: none)", numberOrText)
    .option('--clip-value <limit>', 'of each entry of it (default: none)', numberOrText)
    .option('--average-weights', 'the model is the mean of the weights over all steps (default: for streams)')
    .option('--no-average-weights', 'it is the last weights')
    .option('--lanes <n>', 'places of the input read side by side (default: by its size)', numberOrText)
    .option('--shuffle-buffer <size>', 'streams: rows are drawn from this much (default: 32MiB)')
    .option('--no-shuffle', 'use the rows in file order')
    .option('--cache <folder>', 'keep the encoded rows there for later runs')
    .option(
      '--validation <share|file>',
      'score this share of the rows, held out, or this file, after each epoch (default: 0)',
      numberOrText,
    )
    .option(
      '--patience <epochs>',
      'stop when the validation loss has not improved for so long; keep the best epoch',
      numberOrText,
    )
    .option('--min-improvement <share>', 'of the validation loss, to count as one (default: 0)', numberOrText)
}

function addMachineOptions(command: Command): void {
  command
    .optionsGroup('Machine:')
    .option('--workers <n>', 'threads (default: the CPUs there are)', numberOrText)
    .option(
      '--max-worker-failures <n>',
      `in a row, before the run stops (default: ${defaults.maxWorkerFailures})`,
      numberOrText,
    )
    .option(
      '--shards <n>',
      `parts of a mini-batch, a power of two (default: ${defaults.shards})`,
      numberOrText,
    )
    .option('--seed <n>', `of every random choice (default: ${defaults.seed})`, numberOrText)
    .option('--placement <where>', 'auto, inline or pool; same result (default: auto)')
    .option('--backend <name>', 'wasm, or reference: plain TypeScript (default: wasm)')
    .option('--memory <size>', 'shared memory for rows (default: 256MiB)')
    .option('--block-bytes <size>', "for experts: size of a lane's block (default: by memory and lanes)")
}

/** What a run is watched by keeps its option where it is. */
function addSinkOptions(command: Command): void {
  command.optionsGroup('Watching:')
  for (const { flag, help, parse } of Object.values(sinks) as readonly SinkKind<unknown>[]) {
    if (parse === undefined) command.option(flag, help)
    else command.option(flag, help, parse)
  }
}
