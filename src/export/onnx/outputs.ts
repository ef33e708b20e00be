import { lossFacts } from '../../loss/index.js'
import type { TrainedModel } from '../../model/model.js'
import type { NumberTarget } from '../../schema/schema.js'
import type { Graph } from './graph.js'

/** Names of what comes out; no input has one of them. */
export const outputNames = ['prediction', 'probabilities', 'score'] as const

/** Scores → `prediction`, and for classes `probabilities` or `score`. */
export function predictions(graph: Graph, { schema: { target }, loss }: TrainedModel, z: string): void {
  const { kernel, metrics } = lossFacts(loss)
  if (target.kind === 'number') {
    numbers(graph, target, kernel.predict === 'predictMean' ? mean(graph, z) : z)
    return
  }
  const names = graph.constant('class_names', [target.classes.length], target.classes)
  if (metrics === 'score') {
    const isSecond = graph.cast(graph.node('Greater', [z, graph.floats('zero', [0])]), 'int64')
    graph.node('Gather', [names, isSecond], {}, 'prediction')
    graph.node('Identity', [z], {}, 'score')
    graph.output({ name: 'prediction', type: 'string', width: 1 })
    graph.output({ name: 'score', type: 'float', width: 1 })
    return
  }
  const probabilities = target.kind === 'classes' ? graph.node('Softmax', [z], { axis: 1 }) : ofTwo(graph, z)
  const best = graph.node('ArgMax', [probabilities], { axis: 1, keepdims: 1 })
  graph.node('Gather', [names, best], {}, 'prediction')
  graph.node('Identity', [probabilities], {}, 'probabilities')
  graph.output({ name: 'prediction', type: 'string', width: 1 })
  graph.output({ name: 'probabilities', type: 'float', width: target.classes.length })
}

/** mean + scale · z, in f64. */
function numbers(graph: Graph, { mean, scale }: NumberTarget, z: string): void {
  const scaled = graph.node('Mul', [graph.cast(z, 'double'), graph.doubles('target_scale', [scale])])
  const shifted = graph.node('Add', [scaled, graph.doubles('target_mean', [mean])])
  graph.node('Cast', [shifted], { to: 1 }, 'prediction')
  graph.output({ name: 'prediction', type: 'float', width: 1 })
}

/** e^z, z held between ±30. */
function mean(graph: Graph, z: string): string {
  return graph.node('Exp', [
    graph.node('Clip', [z, graph.floats('lowest', [-30], []), graph.floats('highest', [30], [])]),
  ])
}

/**
 * 1 − p and p = 1 / (1 + e^−z), from e^−|z|: small probabilities keep their digits, which runtimes' own sigmoid functions cut
 * off.
 */
function ofTwo(graph: Graph, z: string): string {
  const power = graph.node('Exp', [graph.node('Neg', [graph.node('Abs', [z])])])
  const one = graph.floats('one', [1])
  const isPositive = graph.node('Greater', [z, graph.floats('zero', [0])])
  const over = graph.node('Where', [isPositive, one, power])
  const second = graph.node('Div', [over, graph.node('Add', [power, one])])
  return graph.columns([graph.node('Sub', [one, second]), second])
}
