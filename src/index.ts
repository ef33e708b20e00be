export { fit, train } from './train.js'
export { planTraining, type MemoryPart, type PlannedModel, type TrainingPlan } from './plan.js'
export type { ChosenOptions } from './run/run.js'
export { predict, type PredictResult } from './predict.js'
export { evaluate, type EvaluateResult } from './evaluate.js'
export { inspect, type Inspection } from './inspect.js'
export type {
  BooleanStatistics,
  CategoryStatistics,
  Coefficient,
  ColumnCoefficients,
  CsvColumn,
  CsvInspection,
  HeavyWeight,
  InputStrength,
  ModelColumn,
  ModelInspection,
  ModelInteraction,
  NumberStatistics,
  ScoreCoefficients,
} from './inspect.js'
export type * from './events.js'
export type {
  BadRowLimit,
  BadRowOptions,
  CheckpointInterval,
  DialectOptions,
  EvaluateOptions,
  InitialModelSource,
  Input,
  InputSource,
  InspectOptions,
  MachineOptions,
  Names,
  PredictOptions,
  ResolvedOptions,
  RowSource,
  Settings,
  Size,
  Subscribable,
  TrainOptions,
  Units,
} from './options.js'
export type { BadRowCode, BadRowCounts } from './bad-row-codes.js'
export type { ClassWeight, GivenClassWeights } from './schema/class-weights.js'
export type { DashboardOption, DashboardSettings } from './report/dashboard/sink.js'
export { paced } from './run/paced.js'
export { RunControl } from './run/run-control.js'
export type { EventSink } from './report/sink.js'
export { MillraceError, type ErrorKind, type Place } from './errors.js'
export { DivergedError } from './run/diverged.js'
export type { LinearModel, NetworkModel, Provenance, TrainedModel } from './model/index.js'
export type { LayerTensors } from './model/model.js'
export type { NetworkSettings } from './model/network.js'
export type { WeightPart, WeightRun } from './model/weight-parts.js'
export type { CalibrationBin, Decile, EvaluationTables, Metrics } from './metric/index.js'
export type * from './schema/schema.js'
export { loadModel, type Model, type NodePredictions } from './predicting/node-model.js'
export type { PredictedRow, RowPredictions } from './portable/row-model.js'
export type {
  ClassPrediction,
  NumberPrediction,
  Prediction,
  PredictionOptions,
} from './portable/prediction.js'
export { exportModel, type ExportFormatName, type ExportOptions } from './export/index.js'
export type { Explanation } from './predicting/explanation.js'
export type { RowStream } from './portable/row-stream.js'
export type { RowObject } from './schema/value-text.js'
