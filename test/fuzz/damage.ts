/** What happens to files on their way: each takes bytes and returns damaged ones. */
import type { Draw } from './draw.js'

type Damage = (bytes: Buffer, draw: Draw, structure: readonly string[]) => Buffer

const damages: Damage[] = [
  // A byte is another one.
  (bytes, draw) => {
    const damaged = Buffer.from(bytes)
    if (damaged.length > 0) damaged[draw.below(damaged.length)] = draw.below(256)
    return damaged
  },
  // Bytes are lost.
  (bytes, draw) => {
    const [start, length] = range(bytes, draw)
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)])
  },
  // Bytes come twice.
  (bytes, draw) => {
    const [start, length] = range(bytes, draw)
    return Buffer.concat([bytes.subarray(0, start + length), bytes.subarray(start)])
  },
  // The end is missing.
  (bytes, draw) => bytes.subarray(0, draw.below(bytes.length + 1)),
  // Delimiters, quotes, line breaks and bytes that are no text, where they do not belong.
  (bytes, draw, structure) => {
    const wild = [...structure, '\0', '\r', '\n', '"', '""', "'", '\ufeff', 'NaN', '-', '\u2028']
    const piece = draw.chance(0.2) ? Buffer.of(0xff, 0xc3, 0x28) : Buffer.from(draw.of(wild))
    const at = draw.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
  },
  // A field is very long.
  (bytes, draw) => {
    const at = draw.below(bytes.length + 1)
    const long = Buffer.alloc(draw.of([100, 1000, 20_000]), draw.of(['7', 'a', '"', ',', '\n', '\0']))
    return Buffer.concat([bytes.subarray(0, at), long, bytes.subarray(at)])
  },
  // Random bytes.
  (bytes, draw) => {
    const damaged = Buffer.from(bytes)
    const [start, length] = range(bytes, draw)
    for (let i = start; i < start + length; i++) damaged[i] = draw.below(256)
    return damaged
  },
  // Every line break is another one.
  (bytes, draw) =>
    Buffer.from(
      bytes.toString('latin1').replaceAll('\n', draw.of(['\r\n', '\r', '\n\n', '\r\r\n'])),
      'latin1',
    ),
]

function range(bytes: Buffer, draw: Draw): [start: number, length: number] {
  const start = draw.below(bytes.length + 1)
  return [start, Math.min(bytes.length - start, 1 + draw.small(200))]
}

/**
 * `times` random damages, one after the other; mostly behind the first line, without which little would be read at all.
 * `structure`: texts that mean something in the file.
 */
export function damage(bytes: Buffer, draw: Draw, times: number, structure: readonly string[]): Buffer {
  const header = draw.chance(0.9) ? bytes.indexOf(10) + 1 : 0
  let rows = bytes.subarray(header)
  for (let i = 0; i < times; i++) rows = draw.of(damages)(rows, draw, structure)
  return Buffer.concat([bytes.subarray(0, header), rows])
}
