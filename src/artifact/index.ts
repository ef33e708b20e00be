export { decodeModel, encodeModel, FORMAT_VERSION } from './model-bytes.js'
export { checkModelPath, loadTrainedModel, saveModel } from './model-file.js'
export { checkReplaceable, replaceFile } from './replace-file.js'
