import type { ExportFormat } from './format.js'
import { linearModule } from './js/linear-module.js'
import { networkModule } from './js/network-module.js'

/** A module of JavaScript with one function, `predict(row)`, that needs nothing else. */
export const js: ExportFormat = {
  description:
    'one JavaScript module without dependencies, an equation that can be read where the model is linear',
  binary: false,
  settings: [],
  write: (model) => (model.kind === 'linear' ? linearModule(model) : networkModule(model)),
}
