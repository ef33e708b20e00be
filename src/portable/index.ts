/** `millrace/predict`: a model's predictions anywhere, in a browser or at the edge of a network; it needs nothing of Node. */
export { modelOfBytes as loadModel, type Model, type PredictedRow, type RowPredictions } from './row-model.js'
export type { ClassPrediction, NumberPrediction, Prediction, PredictionOptions } from './prediction.js'
export type { RowStream } from './row-stream.js'
export type { RowObject } from '../schema/value-text.js'
export type { LayerTensors, LinearModel, NetworkModel, Provenance, TrainedModel } from '../model/model.js'
export type { NetworkSettings } from '../model/network.js'
export type * from '../schema/schema.js'
export { MillraceError, type ErrorKind, type Place } from '../errors.js'
