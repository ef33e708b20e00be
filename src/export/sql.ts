import { usageError } from '../errors.js'
import type { ExportFormat } from './format.js'
import { linearQuery } from './sql/linear-query.js'

/** A query in standard SQL, which SQLite and PostgreSQL run as it is; linear models only. */
export const sql: ExportFormat = {
  description: 'a SELECT that adds the prediction to the rows of a table; linear models',
  binary: false,
  settings: ['table'],
  write(model, { table }) {
    if (model.kind === 'linear') return linearQuery(model, table)
    throw usageError(
      'EXPORT_NOT_POSSIBLE',
      'format: sql is for linear models, and this is a network',
      'export it as onnx or js, or train without hidden layers',
      { option: 'format' },
    )
  },
}
