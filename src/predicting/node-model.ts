import { map, from, type Observable } from 'rxjs'
import { decodeModel } from '../artifact/model-bytes.js'
import { loadTrainedModel, saveModel } from '../artifact/model-file.js'
import type { TrainedModel } from '../model/index.js'
import { explainer, type Explanation } from './explanation.js'
import { RowPredictions, type PredictedRow } from '../portable/row-model.js'
import type { Prediction, PredictionOptions } from '../portable/prediction.js'
import type { RowStream } from '../portable/row-stream.js'
import { checkRow, type RowObject } from '../schema/value-text.js'

/** A trained model, and what it says of rows. */
export type Model<Row extends object = RowObject, Predicted extends Prediction = Prediction> = TrainedModel &
  NodePredictions<Row, Predicted>

/** What a model can do besides where there is Node: explain, stream Observables, be saved. */
export class NodePredictions<
  Row extends object = RowObject,
  Predicted extends Prediction = Prediction,
> extends RowPredictions<Row, Predicted> {
  /** Rows as they come → their predictions, in order, each with its row. A row that `predict` would refuse ends the stream. */
  override predictStream(
    rows: Observable<Row>,
    options?: PredictionOptions,
  ): Observable<PredictedRow<Row, Predicted>>
  override predictStream(
    rows: RowStream<Row>,
    options?: PredictionOptions,
  ): AsyncGenerator<PredictedRow<Row, Predicted>, void, undefined>
  override predictStream(rows: RowStream<Row> | Observable<Row>, options: PredictionOptions = {}): unknown {
    if (!('subscribe' in rows)) return super.predictStream(rows, options)
    const predictionOf = this.rowPrediction(options)
    return from(rows).pipe(map((row, i) => ({ ...predictionOf(row, i + 1), row })))
  }

  /** What each column of the row adds to its score. Throws a usage error for a network, whose columns do not add up. */
  explain(row: Row): Explanation {
    checkRow(row, undefined)
    const { encoder, scores } = this.scoring
    const explanationOf = explainer(this.model, encoder.layout)
    const encoded = encoder.encode(row)
    return explanationOf(encoded, scores(encoded))
  }

  /** Writes the model file, whole or not at all. Throws MODEL_NOT_SAVED that names the path and the cause. */
  save(path: string): Promise<void> {
    return saveModel(path, this.model)
  }
}

/** The data is not copied; it must not change any more. */
export function asModel<Row extends object = RowObject, Predicted extends Prediction = Prediction>(
  trained: TrainedModel,
): Model<Row, Predicted> {
  return Object.assign(new NodePredictions<Row, Predicted>(), trained)
}

/**
 * Reads a model file, or its bytes. Everything in it is checked, nothing is executed.
 *
 * Rejects with MODEL_NOT_READ that names the path and the cause, and MODEL_INVALID that names the field, what was expected
 * and what was found.
 */
export async function loadModel<Row extends object = RowObject, Predicted extends Prediction = Prediction>(
  source: string | Uint8Array | ArrayBuffer,
): Promise<Model<Row, Predicted>> {
  if (typeof source === 'string') return asModel(await loadTrainedModel(source))
  return asModel(decodeModel(source instanceof Uint8Array ? source : new Uint8Array(source)))
}
