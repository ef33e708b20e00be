import type { TrainedModel } from '../model/model.js'

/** What may be chosen besides the format. */
export interface FormatSettings {
  /** Of `sql`: the table that the rows are in. */
  readonly table: string
}

/** A form in which a model can be used without millrace. */
export interface ExportFormat {
  /** Completes "…: ". */
  readonly description: string
  /** Whether it is bytes that no terminal can show. */
  readonly binary: boolean
  /** Settings that it takes. */
  readonly settings: readonly (keyof FormatSettings)[]
  /** Throws a usage error where the format cannot hold the model, which says why and what to do. */
  write(model: TrainedModel, settings: FormatSettings): string | Uint8Array
}
