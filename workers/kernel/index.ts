export { heapBase } from './heap'
export { parseNumber } from './number'
export { parseBlock } from './parse'
export { profileBlock } from './profile'
export { listFields, listRecord } from './fields'
export { writeLines } from './lines'
export { writeNumber } from './shortest'
export { contributionsOf } from './contributions'
export { isUtf8, firstInvalid } from './utf8'
export { nextRecord, findBorder, lastBorder, countLines } from './border'
export { forwardLinear } from './linear-forward'
export { backpropLinear } from './linear-backprop'
export { backpropCategories, countCategories } from './category'
export { forwardScaled, backpropScaled, backpropTouchedScaled } from './scaled'
export * from './loss/squared'
export * from './loss/robust'
export * from './loss/log-link'
export * from './loss/logistic'
export * from './loss/margin'
export * from './loss/softmax'
export { backpropTouched, gather, scatter, scatterAdd } from './sparse'
export { add, scale, sumOfSquares, zero } from './vector'
export { exp, log, log1pUnit, sigmoid } from './math'
export { settleUnseen, closeVocabularies } from './grown'
export { checksum, rowsWithin } from './cached'
export { matrixForward, matrixBackpropWeights } from './matrix'
export { matrixBackpropInput } from './matrix-input'
export {
  activateRelu,
  activateReluGradient,
  activateLeakyRelu,
  activateLeakyReluGradient,
  activateTanh,
  activateTanhGradient,
  activateSigmoid,
  activateSigmoidGradient,
  activateGelu,
  activateGeluGradient,
  activateSilu,
  activateSiluGradient,
} from './activation'
export { layerNormForward, layerNormBackprop } from './layer-norm'
export { dropout } from './dropout'
export { copyDense, addCategory } from './embedding'
