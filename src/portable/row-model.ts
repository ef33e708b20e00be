import { decodeModel } from '../artifact/model-bytes.js'
import type { TrainedModel } from '../model/model.js'
import { checkRow, type RowObject } from '../schema/value-text.js'
import { linearScores } from './linear-scores.js'
import { networkScores } from './network-scores.js'
import { predictionOf, type Prediction, type PredictionOptions } from './prediction.js'
import { RowEncoder, type EncodedRow } from './row-encoder.js'
import { rowsOf, type RowStream } from './row-stream.js'

/** A prediction, and the row that it is of. */
export type PredictedRow<Row, Predicted extends Prediction = Prediction> = Predicted & { readonly row: Row }

/** What turns a row into scores. */
export interface Scoring {
  readonly encoder: RowEncoder
  readonly scores: (row: EncodedRow) => Float32Array
}

/** A trained model, and what it says of rows. */
export type Model<Row extends object = RowObject, Predicted extends Prediction = Prediction> = TrainedModel &
  RowPredictions<Row, Predicted>

/**
 * Predictions for rows: objects with the model's columns as keys, of which more may be there. An instance has the fields of
 * its model.
 *
 * They have the bits of `millrace predict` on the same values: the arithmetic is f32, in the order of the kernels.
 * `Row` says what a row is, `Predicted` what is predicted, as far as the program knows it.
 */
export class RowPredictions<Row extends object = RowObject, Predicted extends Prediction = Prediction> {
  #made: Scoring | undefined

  /**
   * The prediction of a row, or of each of several.
   *
   * Throws a MillraceError where a feature is no key of a row, or its value none of its kind: with the column and, among
   * several, the number of the row from 1. A value that is null, undefined, NaN or '' is missing, which is none of these.
   */
  predict(row: Row, options?: PredictionOptions): Predicted
  predict(rows: readonly Row[], options?: PredictionOptions): Predicted[]
  predict(given: Row | readonly Row[], options: PredictionOptions = {}): Predicted | Predicted[] {
    const predictionFor = this.rowPrediction(options)
    return isList(given) ? given.map((row, i) => predictionFor(row, i + 1)) : predictionFor(given)
  }

  /** Rows as they come → their predictions, in order, each with its row. A row that `predict` would refuse ends the stream. */
  async *predictStream(
    rows: RowStream<Row>,
    options: PredictionOptions = {},
  ): AsyncGenerator<PredictedRow<Row, Predicted>, void, undefined> {
    const predictionFor = this.rowPrediction(options)
    let number = 0
    for await (const row of rowsOf(rows)) yield { ...predictionFor(row, ++number), row }
  }

  /** What predicts one row, which has a number among several. */
  protected rowPrediction(options: PredictionOptions): (row: Row, number?: number) => Predicted {
    const prediction = predictionOf(this.model, options)
    const { encoder, scores } = this.scoring
    return (row, number) => prediction(scores(encoder.encode(checked(row, number), number))) as Predicted
  }

  /** Made when the first row comes: a model may be loaded for its metadata alone. */
  protected get scoring(): Scoring {
    return (this.#made ??= scoringOf(this.model))
  }

  protected get model(): TrainedModel {
    return this as unknown as TrainedModel
  }
}

/**
 * The bytes of a model file → model. Everything in them is checked, nothing is executed.
 *
 * Throws MODEL_INVALID that names the field, what was expected and what was found.
 */
export function modelOfBytes<Row extends object = RowObject, Predicted extends Prediction = Prediction>(
  bytes: Uint8Array | ArrayBuffer,
): Model<Row, Predicted> {
  const trained = decodeModel(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))
  return Object.assign(new RowPredictions<Row, Predicted>(), trained)
}

function scoringOf(model: TrainedModel): Scoring {
  const encoder = new RowEncoder(model.schema)
  const { layout } = encoder
  return {
    encoder,
    scores: model.kind === 'linear' ? linearScores(model, layout) : networkScores(model, layout),
  }
}

function isList<Row>(given: Row | readonly Row[]): given is readonly Row[] {
  return Array.isArray(given)
}

function checked(row: object, number?: number): RowObject {
  checkRow(row, number)
  return row
}
