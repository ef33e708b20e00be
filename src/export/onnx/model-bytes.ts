import { MessageWriter } from '../../artifact/protobuf.js'
import { version } from '../../version.js'
import { dataTypes, type Attribute, type Graph, type Node, type Tensor, type Value } from './graph.js'

/** Numbers of AttributeProto.AttributeType. */
const attributeTypes = { float: 1, whole: 2, wholes: 7, texts: 8 }

/** The version of the file format that an operator set asks for. */
const FILE_VERSIONS = { 17: 8, 20: 9 } as const

/**
 * A graph → the bytes of an ONNX file. Numbers of the fields: onnx.proto of ONNX.
 *
 * `metadata` are texts that a runtime gives to who asks for them.
 */
export function modelBytes(graph: Graph, metadata: Readonly<Record<string, string>>): Uint8Array {
  const out = new MessageWriter()
  out.whole(1, FILE_VERSIONS[graph.operatorSets.get('') as keyof typeof FILE_VERSIONS])
  out.text(2, 'millrace')
  out.text(3, version)
  out.nested(7, () => writeGraph(out, graph))
  for (const [domain, number] of graph.operatorSets) {
    out.nested(8, () => {
      out.text(1, domain)
      out.whole(2, number)
    })
  }
  for (const [key, value] of Object.entries(metadata)) {
    out.nested(14, () => {
      out.text(1, key)
      out.text(2, value)
    })
  }
  return Uint8Array.from(out.message)
}

function writeGraph(out: MessageWriter, graph: Graph): void {
  for (const node of graph.nodes) out.nested(1, () => writeNode(out, node))
  out.text(2, 'millrace')
  for (const tensor of graph.constants) out.nested(5, () => writeTensor(out, tensor))
  for (const value of graph.inputs) out.nested(11, () => writeValue(out, value))
  for (const value of graph.outputs) out.nested(12, () => writeValue(out, value))
}

function writeNode(out: MessageWriter, { operator, domain, inputs, output, attributes }: Node): void {
  for (const input of inputs) out.text(1, input)
  out.text(2, output)
  out.text(3, output)
  out.text(4, operator)
  for (const [name, value] of Object.entries(attributes)) {
    out.nested(5, () => writeAttribute(out, name, value))
  }
  if (domain !== '') out.text(7, domain)
}

function writeAttribute(out: MessageWriter, name: string, value: Attribute): void {
  out.text(1, name)
  if (typeof value === 'number') {
    out.whole(3, value)
    out.whole(20, attributeTypes.whole)
  } else if ('float' in value) {
    out.float(2, value.float)
    out.whole(20, attributeTypes.float)
  } else if (typeof value[0] === 'string') {
    for (const text of value as readonly string[]) out.text(9, text)
    out.whole(20, attributeTypes.texts)
  } else {
    for (const whole of value as readonly number[]) out.whole(8, whole)
    out.whole(20, attributeTypes.wholes)
  }
}

function writeTensor(out: MessageWriter, { name, shape, data }: Tensor): void {
  for (const size of shape) out.whole(1, size)
  out.whole(2, dataTypes[typeOf(data)])
  out.text(8, name)
  if (isTexts(data)) for (const text of data) out.text(6, text)
  // Little-endian, as all machines that Node runs WebAssembly on.
  else out.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

function typeOf(data: Tensor['data']): keyof typeof dataTypes {
  if (isTexts(data)) return 'string'
  if (data instanceof Float32Array) return 'float'
  return data instanceof Float64Array ? 'double' : 'int64'
}

function isTexts(data: Tensor['data']): data is readonly string[] {
  return Array.isArray(data)
}

/** Rows × width; the number of rows is open. */
function writeValue(out: MessageWriter, { name, type, width }: Value): void {
  out.text(1, name)
  out.nested(2, () => {
    out.nested(1, () => {
      out.whole(1, dataTypes[type])
      out.nested(2, () => {
        out.nested(1, () => out.text(2, 'rows'))
        out.nested(1, () => out.whole(1, width))
      })
    })
  })
}
