export { fit, train } from './train.js'
export { predict, type PredictResult } from './predict.js'
export { evaluate, type EvaluateResult } from './evaluate.js'
export { inspect, type Inspection } from './inspect.js'
export type * from './events.js'
export type {
  EvaluateOptions,
  InspectOptions,
  PredictOptions,
  ResolvedOptions,
  TrainOptions,
} from './options.js'
export { paced } from './paced.js'
export { RunControl } from './run-control.js'
export type { EventSink } from './report/sink.js'
export { MillraceError, type ErrorKind, type Place } from './errors.js'
export { DivergedError } from './diverged.js'
export type { TrainedModel, Provenance } from './model/index.js'
export type { Metrics } from './metric/index.js'
export type * from './schema/schema.js'
export { loadModel, type Model } from './node-model.js'
export type { PredictedRow } from './portable/row-model.js'
export type {
  ClassPrediction,
  NumberPrediction,
  Prediction,
  PredictionOptions,
} from './portable/prediction.js'
export { exportModel, type ExportFormatName, type ExportOptions } from './export/index.js'
export type { Explanation } from './explanation.js'
export type { RowStream } from './portable/row-stream.js'
export type { RowObject } from './schema/value-text.js'
