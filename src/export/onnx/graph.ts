/** An ONNX graph while it is put together (onnx.ai: Open Neural Network Exchange, IR and operator specifications). */

/** Numbers of TensorProto.DataType. */
export const dataTypes = { float: 1, int64: 7, string: 8, double: 11 } as const

export type DataType = keyof typeof dataTypes

export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | BigInt64Array | readonly string[]
}

/** Texts and lists of whole numbers not below 0, or one such number, or an f32. */
export type Attribute = { readonly float: number } | number | readonly number[] | readonly string[]

export interface Node {
  readonly operator: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** Something with a name from outside: rows of `width` values. */
export interface Value {
  readonly name: string
  readonly type: DataType
  readonly width: number
}

/** Operators of ONNX itself since version 17; the others are in operator sets of their own. */
export type Domain = '' | 'ai.onnx.ml' | 'com.microsoft'

/** The operator set of ONNX that the first texts operators are in. */
const STRING_OPERATORS = 20

/**
 * Nodes in the order in which they are added, which is one in which they can run. Every method returns the name of its
 * result.
 */
export class Graph {
  readonly nodes: Node[] = []
  readonly constants: Tensor[] = []
  readonly inputs: Value[] = []
  readonly outputs: Value[] = []
  /** Versions of the operator sets. */
  readonly operatorSets = new Map<Domain, number>([['', 17]])
  readonly #names: Set<string>

  /** `reserved`: names that are for inputs and outputs. */
  constructor(reserved: Iterable<string>) {
    this.#names = new Set(reserved)
  }

  input(value: Value): string {
    this.inputs.push(value)
    return value.name
  }

  node(
    operator: string,
    inputs: readonly string[],
    attributes: Node['attributes'] = {},
    output = this.#free(operator),
  ): string {
    return this.#add('', operator, inputs, attributes, output)
  }

  /** An operator on texts that came after version 17. */
  textNode(operator: string, inputs: readonly string[]): string {
    this.operatorSets.set('', STRING_OPERATORS)
    return this.#add('', operator, inputs, {}, this.#free(operator))
  }

  /** ai.onnx.ml: values of a table by their keys, another for what is not in it. */
  lookUp(input: string, attributes: Node['attributes']): string {
    this.operatorSets.set('ai.onnx.ml', 3)
    return this.#add('ai.onnx.ml', 'LabelEncoder', [input], attributes, this.#free('LabelEncoder'))
  }

  /** An operator that ONNX Runtime has, and others may not have. */
  runtimeNode(operator: string, inputs: readonly string[]): string {
    this.operatorSets.set('com.microsoft', 1)
    return this.#add('com.microsoft', operator, inputs, {}, this.#free(operator))
  }

  cast(input: string, type: DataType): string {
    return this.node('Cast', [input], { to: dataTypes[type] })
  }

  /** Columns beside each other. */
  columns(inputs: readonly string[]): string {
    return inputs.length === 1 ? inputs[0]! : this.node('Concat', inputs, { axis: 1 })
  }

  constant(label: string, shape: readonly number[], data: Tensor['data']): string {
    const name = this.#free(label)
    this.constants.push({ name, shape, data })
    return name
  }

  floats(label: string, values: ArrayLike<number>, shape: readonly number[] = [values.length]): string {
    return this.constant(label, shape, Float32Array.from(values))
  }

  doubles(label: string, values: ArrayLike<number>, shape: readonly number[] = [values.length]): string {
    return this.constant(label, shape, Float64Array.from(values))
  }

  wholes(label: string, values: readonly number[]): string {
    return this.constant(label, [values.length], BigInt64Array.from(values, BigInt))
  }

  output(value: Value): void {
    this.outputs.push(value)
  }

  #add(
    domain: Domain,
    operator: string,
    inputs: readonly string[],
    attributes: Node['attributes'],
    output: string,
  ): string {
    this.nodes.push({ domain, operator, inputs, output, attributes })
    return output
  }

  #free(label: string): string {
    let name = label
    for (let n = 2; this.#names.has(name); n++) name = `${label}_${n}`
    this.#names.add(name)
    return name
  }
}
