export { decodeModel, encodeModel } from './model-bytes.js'
export { checkModelPath, loadTrainedModel, saveModel } from './model-file.js'
export { replaceFile } from './replace-file.js'
