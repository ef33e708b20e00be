/**
 * The options of a run in three types: as given (TrainOptions), as checked (ResolvedOptions), and the defaults.
 * This file stays free of zod, whose import costs 60 ms: the checks are in options/check.ts, and only the
 * commands that need them import it.
 */

import type { ActivationName } from './activation/index.js'
import type { LossName } from './loss/index.js'
import type { InitialisationName } from './model/initial.js'
import type { TrainedModel } from './model/model.js'
import type { OptimizerName } from './optimizer/index.js'
import type { SinkOptions } from './report/sinks.js'
import type { RunControl } from './run/run-control.js'
import type { ScheduleName } from './schedule/index.js'
import type { GivenClassWeights } from './schema/class-weights.js'
import type { ColumnPair } from './schema/index.js'

export const badRowPolicies = ['fail', 'skip', 'quarantine'] as const
export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'latin1'] as const
export const decimalMarks = ['.', ','] as const
export const placements = ['auto', 'inline', 'pool'] as const
export const backends = ['wasm', 'reference'] as const

export type BadRowPolicy = (typeof badRowPolicies)[number]
export type EncodingName = (typeof encodings)[number]
export type DecimalMark = (typeof decimalMarks)[number]
export type Placement = (typeof placements)[number]
export type Backend = (typeof backends)[number]

/** A number of bytes, or a text such as `64MB` (10⁶), `64MiB` (2²⁰), `1.5GiB`. */
export type Size = number | string

/** One name or several. On the command line they are separated by commas. */
export type Names = string | readonly string[]

/** Sizes of layers. On the command line they are separated by commas. */
export type Units = number | string | readonly number[]

/** How the CSV is written. */
export interface DialectOptions {
  /** One ASCII character. Default: the one of comma, semicolon, tab and pipe that fits the sample best. */
  delimiter?: string | undefined
  /** One ASCII character, or '' for no quoting. Default: `"`. */
  quote?: string | undefined
  /** Whether the first record names the columns; without one they are called c0, c1, … Default: true. */
  header?: boolean | undefined
  /** One ASCII character: records that start with it are passed over. Default: none. */
  comment?: string | undefined
  /** Default: by the byte order mark, else utf-8. */
  encoding?: EncodingName | undefined
  /** What stands between the whole and the fraction of a number. Default: a point. */
  decimal?: DecimalMark | undefined
}

/** Rows as objects, whose keys are the columns. */
export type RowSource<Row extends object> = AsyncIterable<Row> | readonly Row[] | Subscribable<Row>

/** Bytes from front to back, or rows. */
export type InputSource = AsyncIterable<Uint8Array> | RowSource<Readonly<Record<string, unknown>>>

/** What rxjs's Observable is, as far as it is needed here. */
export interface Subscribable<Value> {
  /** Calls the observer with what there is. */
  subscribe(observer: { next(value: Value): void; error(error: unknown): void; complete(): void }): {
    /** No more of it. */
    unsubscribe(): void
  }
}

/** Numbers by name, or a text such as `beta1=0.8,epsilon=1e-6`. */
export type Settings = string | Readonly<Record<string, number>>

/** Paths, globs, URLs, `-` for standard input; or bytes or rows of the program's own. */
export type Input = string | readonly string[] | InputSource

/** A model to go on from: its path, its bytes, or itself. */
export type InitialModelSource = string | Uint8Array | TrainedModel

/** How many bad rows are let pass: Infinity for no limit; as a share of the rows read, 0 … 1. */
export interface BadRowLimit {
  readonly rows: number
  readonly share: number
}

/** How much may be lost: a number of steps, or seconds. */
export type CheckpointInterval = { readonly steps: number } | { readonly seconds: number }

/** What becomes of a row that cannot be read. */
export interface BadRowOptions {
  /**
   * `fail` stops the run at the first bad row; `skip` leaves bad rows out and counts them; `quarantine` writes them to a
   * file as well. Default: fail.
   */
  onBadRow?: BadRowPolicy | undefined
  /** Where `quarantine` writes bad rows. Default: quarantine.csv. */
  quarantine?: string | undefined
  /**
   * With `skip` and `quarantine`: the run stops when more rows than this are bad: a number of rows, or a share of those
   * read (0.01, `1%`). Default: no limit.
   */
  maxBadRows?: number | string | undefined
}

/** Threads and memory. The number of workers does not change the result; `memory` may, by the size of the blocks. */
export interface MachineOptions {
  /** Worker threads, 1 … 1024. Default: the CPUs this process may use. */
  workers?: number | undefined
  /** Shared memory for blocks that pass through, one half, and for rows that stay for later epochs, the other. Default: 256 MiB. */
  memory?: Size | undefined
  /** Stops the run and frees its threads; a run with checkpoints writes one first. */
  signal?: AbortSignal | undefined
}

/** Options of `train`. Only `input` and `target` are needed. */
export interface TrainOptions extends DialectOptions, BadRowOptions, MachineOptions, SinkOptions {
  /**
   * Paths, globs, http(s) URLs, or `-` for standard input; several are read as one stream of rows. Or bytes (a Readable,
   * any AsyncIterable of Uint8Array), or rows as objects (an array, an AsyncIterable, an Observable).
   */
  input: Input
  /** The column to predict. */
  target: string

  /** Columns to learn from. Default: all but target, weight and ignored ones. */
  features?: Names | undefined
  /** Columns to leave out. */
  ignore?: Names | undefined
  /** Columns to read as numbers, whatever the sample says. */
  numeric?: Names | undefined
  /** Columns to read as categories, whatever the sample says. */
  categorical?: Names | undefined
  /** Columns of dates (ISO 8601, or seconds or milliseconds since 1970): year, month, day of week, hour and epoch become features. */
  dates?: Names | undefined
  /** Pairs of columns, `a:b`, whose combinations are features: two categories, or a category and a number. A name with a colon, a comma or a quote stands in double quotes: `"a:b":c`. */
  interactions?: Names | undefined
  /** Column of row weights: numbers ≥ 0. */
  weight?: string | undefined
  /**
   * What the weights of rows are multiplied by, by class: `balanced` (rows / (classes · rows of the class), counted in the
   * sample), or `no:1,yes:5`, or `{ no: 1, yes: 5 }`, numbers ≥ 0. It counts in training alone. Default: 1 for every class.
   */
  classWeight?: string | Readonly<Record<string, number>> | undefined
  /** The most values of a column that have a weight of their own, 0 … 2^20. Default: 65,536; 0 where hashBits is given, and minCount is not. */
  maxCategories?: number | undefined
  /** A value gets a weight of its own when it has been met this often, 1 … 2^31 − 1. Default: 1. */
  minCount?: number | undefined
  /** All values share 2^hashBits weights, 0 … 24; with maxCategories or minCount, those outside the vocabulary of a column do, as many for each column. Default: by the sample. */
  hashBits?: number | undefined
  /** Texts that mean "missing", besides the empty field. Default: NA, N/A, NaN, nan, null, NULL, None, ?. */
  na?: Names | undefined
  /** Whether numeric columns are scaled to mean 0 and deviation 1. Default: true. */
  standardize?: boolean | undefined

  /** Default: by the target: squared for numbers, logistic for two classes, softmax for several. */
  loss?: LossName | undefined
  /** Loss `huber`: errors beyond this count only linearly; > 0, in the units of the target. Default: its standard deviation, 1 where it is not standardised. */
  huberDelta?: number | undefined
  /** Loss `quantile`: which quantile is predicted, 0 < quantile < 1. Default: 0.5, the median. */
  quantile?: number | undefined
  /** Loss `tweedie`: the variance grows as this power of the mean, 1 < power < 2. Default: 1.5. */
  tweediePower?: number | undefined

  /**
   * Goes on from this model: a path, its bytes, or itself. The input needs its columns; what makes the model (columns, loss,
   * layers) is taken from it. Default: none, weights begin at 0 or are drawn.
   */
  initModel?: InitialModelSource | undefined
  /** With `initModel`: no category is added, so that rows are encoded as the model encodes them. Default: false. */
  freezePreprocessing?: boolean | undefined

  /** Units of the hidden layers of a network, `[64, 32]` or `64,32`: 1 to 16 of them, 1 … 16,384 units each. Default: none, a linear model. */
  hidden?: Units | undefined
  /** Of hidden layers. Default: relu. */
  activation?: ActivationName | undefined
  /** Normalises the scores of a hidden layer before they are activated. Default: false. */
  layerNorm?: boolean | undefined
  /** Numbers that a category becomes in a network, 0 … 256; 0: it adds to the scores of the first layer. Default: 4 where no vocabulary has more than 4 values, 8 up to 16, else 16. */
  embedding?: number | undefined
  /** Share of the units of hidden layers that a training step leaves out, 0 ≤ share < 1. Default: 0. */
  dropout?: number | undefined
  /** How the weights of a network are drawn. Default: glorot. */
  init?: InitialisationName | undefined

  /** Rows of one update, 1 … 2^24. Default: 4096 for large inputs, fewer for small ones. */
  batchSize?: number | undefined
  /** Passes over the input, ≥ 1. Default: 1 for large inputs, several for small ones; with `patience` up to 1000. */
  epochs?: number | undefined
  /** Default: adagrad; adam for a network. */
  optimizer?: OptimizerName | undefined
  /** > 0. Default: the optimizer's own, and twice that for the schedules cosine and linear. */
  learningRate?: number | undefined
  /** The optimizer's own, `momentum=0.95` or `{ momentum: 0.95 }`. Default: as in src/optimizer. */
  optimizerSettings?: Settings | undefined
  /** How the learning rate changes from step to step. Default: cosine; constant for streams, with `patience` and with `l1`. */
  schedule?: ScheduleName | undefined
  /** The schedule's own, `power=0.25` or `{ power: 0.25 }`; `steps` in place of the estimated steps of the run. Default: as in src/schedule. */
  scheduleSettings?: Settings | undefined
  /** Steps over which the learning rate rises from 0, ≥ 0. Default: 0. */
  warmup?: number | undefined
  /** Strength of the penalty l1·|w|, ≥ 0: weights that are of little use become exactly 0. Default: 0. */
  l1?: number | undefined
  /** Strength of the penalty (l2 / 2)·w², ≥ 0. Default: 0; 1 / rows for a network that meets them several times and has no other penalty. */
  l2?: number | undefined
  /** Share of the learning rate that a weight loses in every step, ≥ 0. Default: 0.01 for adamw, else 0. */
  weightDecay?: number | undefined
  /** Whether penalties and decay count for biases too. Default: false. */
  penalizeBias?: boolean | undefined
  /** Whether they count for the weights of categories. Default: true. */
  penalizeCategories?: boolean | undefined
  /** The most that the norm of a mini-batch's mean gradient may be, > 0. Default: no limit. */
  clipNorm?: number | undefined
  /** The most that an entry of it may be from 0, > 0. Default: no limit. */
  clipValue?: number | undefined
  /** Whether the model is the mean of the weights over all steps. Default: for streams that are shuffled through the buffer. */
  averageWeights?: boolean | undefined
  /** Places of the input that are read side by side, 1 … 4096; 1 is file order. Default: 256, fewer for small files. */
  lanes?: number | undefined
  /** Rows of a stream are drawn from a buffer of this size. Default: 32 MiB. */
  shuffleBuffer?: Size | undefined
  /** false: rows are used in file order (one lane, no buffer). Default: true. */
  shuffle?: boolean | undefined

  /** Folder in which the encoded rows are kept for later runs. Default: a temporary file, where there are several epochs. */
  cache?: string | undefined

  /**
   * Rows that are scored after each epoch, and not learned from: a share of the input, 0 ≤ share < 1 (0.1, `10%`), or files
   * of their own (paths, globs, http(s) URLs) with the columns of the input, found by name. Default: 0.
   */
  validation?: number | Names | undefined
  /**
   * Stops when the validation loss has not improved for this many epochs, ≥ 1; the model is that of the best epoch. Needs
   * `validation`; `epochs` is then a limit, by default 1000.
   */
  patience?: number | undefined
  /** With `patience`: share of the best validation loss by which a better one must be below it, 0 ≤ share < 1. Default: 0. */
  minImprovement?: number | undefined

  /** Parts of a mini-batch whose gradients are summed by a fixed tree: a power of two, 1 … 256. Default: 8. */
  shards?: number | undefined
  /** Worker failures in a row (threads that throw, end or hang) after which the run stops; each before is made good. Default: 8. */
  maxWorkerFailures?: number | undefined
  /** Seed of every random choice, 0 … 2^32 − 1. Default: 0. */
  seed?: number | undefined
  /** Where gradients are computed: inline, on the main thread; pool, on it and the workers; the result is the same. Default: auto, by a cost measured at start. */
  placement?: Placement | undefined
  /** `wasm` kernels, or the plain TypeScript `reference`. Default: wasm. */
  backend?: Backend | undefined
  /** For experts and tests: bytes of a lane's block, 64 B … 256 MiB. Default: by memory and lanes. */
  blockBytes?: Size | undefined

  /** Where the model is written; without it, it is only in the last event. */
  out?: string | undefined
  /** Folder in which the state of the run is kept as it goes, so that it can go on after an interruption. Default: none. */
  checkpoint?: string | undefined
  /** Steps between two checkpoints, `1000`, or the time between them, `30s`, `5m`, `1h`. Default: 60s. */
  checkpointEvery?: number | string | undefined
  /**
   * Goes on from the newest checkpoint in the folder `checkpoint`, and begins anew where there is none; the model is that of a
   * run that was not interrupted, to the bit. Default: false.
   */
  resume?: boolean | undefined
  /** For pause, resume, checkpoint and stop while the run goes. Default: none. */
  control?: RunControl | undefined
}

/**
 * Options after all checks, with defaults filled in. What stays `undefined` is decided from the data
 * ("auto") or was not asked for.
 */
export interface ResolvedOptions extends Readonly<SinkOptions> {
  /** Names, or a source of bytes or rows. */
  readonly input: readonly string[] | InputSource
  readonly target: string

  readonly features: readonly string[] | undefined
  readonly ignore: readonly string[]
  readonly numeric: readonly string[]
  readonly categorical: readonly string[]
  readonly dates: readonly string[]
  readonly interactions: readonly ColumnPair[]
  readonly maxCategories: number
  readonly minCount: number
  readonly weight: string | undefined
  readonly classWeight: GivenClassWeights | undefined
  /** Undefined: by the sample. */
  readonly hashBits: number | undefined
  readonly na: readonly string[]
  readonly standardize: boolean

  readonly delimiter: string | undefined
  /** '' for no quoting. */
  readonly quote: string
  readonly header: boolean
  readonly comment: string | undefined
  /** Undefined: by the byte order mark. */
  readonly encoding: EncodingName | undefined
  readonly decimal: DecimalMark

  readonly onBadRow: BadRowPolicy
  readonly quarantine: string
  readonly maxBadRows: BadRowLimit

  readonly loss: LossName | undefined
  readonly huberDelta: number | undefined
  readonly quantile: number | undefined
  readonly tweediePower: number | undefined

  readonly initModel: InitialModelSource | undefined
  readonly freezePreprocessing: boolean
  /** With initModel: the names of the options that were given, whose values must be those of the model. */
  readonly given?: ReadonlySet<string>

  readonly hidden: readonly number[] | undefined
  readonly activation: ActivationName
  readonly layerNorm: boolean
  readonly embedding: number | undefined
  readonly dropout: number
  readonly init: InitialisationName

  readonly batchSize: number | undefined
  readonly epochs: number | undefined
  readonly optimizer: OptimizerName
  readonly learningRate: number | undefined
  readonly optimizerSettings: Readonly<Record<string, number>>
  /** Undefined: by whether the steps of the run are known. */
  readonly schedule: ScheduleName | undefined
  readonly scheduleSettings: Readonly<Record<string, number>>
  readonly warmup: number
  readonly l1: number
  /** Undefined: by the rows. */
  readonly l2: number | undefined
  /** Undefined: the optimizer's own. */
  readonly weightDecay: number | undefined
  readonly penalizeBias: boolean
  readonly penalizeCategories: boolean
  readonly clipNorm: number | undefined
  readonly clipValue: number | undefined
  /** Undefined: by the input. */
  readonly averageWeights: boolean | undefined
  readonly lanes: number | undefined
  /** Bytes. */
  readonly shuffleBuffer: number
  readonly shuffle: boolean
  readonly cache: string | undefined

  /** Share of the input, 0 where there are files. */
  readonly validation: number
  readonly validationFiles: readonly string[]
  readonly patience: number | undefined
  readonly minImprovement: number

  readonly workers: number
  readonly maxWorkerFailures: number
  readonly shards: number
  readonly seed: number
  readonly placement: Placement
  readonly backend: Backend
  /** Bytes. */
  readonly memory: number
  /** Bytes. */
  readonly blockBytes: number | undefined

  readonly out: string | undefined
  readonly checkpoint: string | undefined
  readonly checkpointEvery: CheckpointInterval
  readonly resume: boolean
  readonly control: RunControl | undefined
  readonly signal: AbortSignal | undefined
}

/** Options of `predict` and `evaluate` that are the same. */
interface ModelInputOptions extends DialectOptions, BadRowOptions, MachineOptions {
  /** Path of the model file. */
  model: string
  /** As for `train`. */
  input: Input
}

export const predictionFormats = ['csv', 'ndjson'] as const
/** How predictions are written: CSV, or JSON objects, one a line. */
export type PredictionFormat = (typeof predictionFormats)[number]

/** Options of `predict`. */
export interface PredictOptions extends ModelInputOptions {
  /** Where the predictions go, `-` for standard output. Default: standard output. */
  out?: string | undefined
  /** Default: ndjson where `out` ends in .ndjson or .jsonl, else csv. */
  format?: PredictionFormat | undefined
  /** Input columns to copy in front of the prediction. */
  keep?: Names | undefined
  /** Of two classes the second is predicted where its probability, or its score, is above this. Default: 0.5; 0 for scores. */
  threshold?: number | undefined
  /** Adds what each column contributes to the prediction of a linear model. Default: false. */
  explain?: boolean | undefined
}

/** Options of `evaluate`. The input must have the target column. */
export interface EvaluateOptions extends ModelInputOptions {
  /** As for `predict`. */
  threshold?: number | undefined
}

/** Options of `inspect` for a CSV file. */
export type InspectOptions = DialectOptions

/** The optimizer of a network where the options do not say; a linear model's is among the defaults. */
export const networkOptimizer = 'adam' satisfies OptimizerName

/** Every default in one place. What is missing here is decided from the data. */
export const defaults = {
  ignore: [],
  numeric: [],
  categorical: [],
  dates: [],
  interactions: [],
  maxCategories: 65_536,
  minCount: 1,
  na: ['NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '?'],
  standardize: true,
  quote: '"',
  header: true,
  decimal: '.',
  onBadRow: 'fail',
  quarantine: 'quarantine.csv',
  maxBadRows: { rows: Infinity, share: 1 },
  freezePreprocessing: false,
  activation: 'relu',
  layerNorm: false,
  dropout: 0,
  init: 'glorot',
  optimizer: 'adagrad',
  optimizerSettings: {},
  scheduleSettings: {},
  warmup: 0,
  l1: 0,
  penalizeBias: false,
  penalizeCategories: true,
  shuffleBuffer: 32 * 2 ** 20,
  shuffle: true,
  validation: 0,
  validationFiles: [],
  minImprovement: 0,
  maxWorkerFailures: 8,
  shards: 8,
  seed: 0,
  placement: 'auto',
  backend: 'wasm',
  memory: 256 * 2 ** 20,
  checkpointEvery: { seconds: 60 },
  resume: false,
} as const satisfies Partial<ResolvedOptions>
