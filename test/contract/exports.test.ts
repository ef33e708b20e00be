/** What every format keeps: what a model predicts with the format is what it predicts in millrace. */
import { afterAll, describe, expect, it } from 'vitest'
import { exportFormatNames, exportModel, type ExportFormatName } from '../../src/export/index.js'
import { lossNames } from '../../src/loss/index.js'
import type { TrainedModel } from '../../src/model/model.js'
import { expectAgreement } from '../export/agreement.js'
import { exampleRows, linearExample, networkExample, type Shape } from '../export/examples.js'
import {
  closePostgres,
  runJs,
  runJson,
  runOnnx,
  runPostgres,
  runSqlite,
  type Run,
} from '../export/formats.js'

/** One row a format: where it runs, and which models it refuses. */
const rows: Record<
  ExportFormatName,
  { runs: Run[]; refuses: (kind: TrainedModel['kind'], shape: Shape) => boolean }
> = {
  onnx: { runs: [runOnnx], refuses: () => false },
  js: { runs: [runJs], refuses: () => false },
  json: { runs: [runJson], refuses: () => false },
  sql: {
    runs: [runSqlite, runPostgres],
    refuses: (kind, { dates, buckets }) =>
      kind === 'network' || dates || buckets === 'own' || buckets === 'shared',
  },
}

const shapes: Shape[] = [
  { dates: true, buckets: 'own' },
  { dates: false, buckets: 'none' },
  { dates: true, buckets: 'shared' },
  { dates: false, buckets: 'equal' },
]

afterAll(closePostgres)

describe.each(exportFormatNames)('format %s', (format) => {
  const { runs, refuses } = rows[format]

  it.each(lossNames)('predicts what the model does, with the loss %s', async (loss) => {
    for (const [i, shape] of shapes.entries()) {
      const seed = lossNames.indexOf(loss) * shapes.length + i
      for (const model of [linearExample(loss, shape, seed), networkExample(loss, shape, seed)]) {
        if (refuses(model.kind, shape)) {
          expect(() => exportModel(model, { format })).toThrow(/^format: sql/)
          continue
        }
        for (const run of runs) await expectAgreement(model, exampleRows(60, seed), run)
      }
    }
  })

  it('gives equal bytes for equal models', () => {
    const export_ = () => exportModel(linearExample('softmax', shapes[1]!, 7), { format })
    expect(export_()).toEqual(export_())
  })
})
