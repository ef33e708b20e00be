/** JSON that is still JSON, and says something else. */
import type { Draw } from './draw.js'

/** Names that mean something to JavaScript, to a shell or to a terminal. */
export const hostileNames = ['__proto__', 'constructor', 'toString', '../../etc/passwd', '\u001b[31m', '']

/** What a reader may trip over in the place of a value. */
const wild: ((draw: Draw) => unknown)[] = [
  () => null,
  () => -1,
  () => 0.5,
  () => 2 ** 31,
  () => 2 ** 32 + 1,
  () => 2 ** 53,
  () => 1e308,
  (draw) => draw.below(1000),
  (draw) => draw.chance(0.5),
  (draw) => draw.of(hostileNames),
  () => [],
  () => ({}),
  (draw) => 'x'.repeat(draw.of([1, 1000, 100_000])),
  (draw) => new Array<number>(draw.of([1, 1000, 100_000])).fill(draw.below(3)),
  (draw) => Array.from({ length: draw.of([10, 10_000, 300_000]) }, () => []),
  (draw) => nested(draw.of([10, 20, 500])),
  () => Object.fromEntries([['__proto__', { polluted: true }]]),
]

function nested(depth: number): unknown {
  let value: unknown = 0
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

/** The same value with one change somewhere in it; the given one stays as it is. */
export function mutateJson(value: unknown, draw: Draw): unknown {
  const inside = typeof value === 'object' && value !== null && draw.chance(0.85)
  if (!inside) return mutateLeaf(value, draw)
  if (Array.isArray(value)) {
    const list = [...(value as unknown[])]
    const at = draw.below(list.length + 1)
    if (at === list.length || draw.chance(0.1)) list.splice(at, draw.below(2), draw.of(wild)(draw))
    else if (draw.chance(0.1)) list.splice(at, 0, list[at])
    else list[at] = mutateJson(list[at], draw)
    return list
  }
  const entries = Object.entries(value)
  const at = draw.below(entries.length)
  if (entries.length === 0 || draw.chance(0.08)) entries.push([draw.of(hostileNames), draw.of(wild)(draw)])
  else if (draw.chance(0.08)) entries.splice(at, 1)
  else if (draw.chance(0.08)) entries[at] = [draw.of(hostileNames), entries[at]![1]]
  else entries[at] = [entries[at]![0], mutateJson(entries[at]![1], draw)]
  return Object.fromEntries(entries)
}

function mutateLeaf(value: unknown, draw: Draw): unknown {
  if (typeof value === 'number' && draw.chance(0.5)) return value + draw.of([-1, 1, 4, -4, 0.5, 1000])
  if (typeof value === 'string' && draw.chance(0.5)) return mutateText(value, draw)
  return draw.of(wild)(draw)
}

/** Many texts of a model file are JSON themselves. */
function mutateText(value: string, draw: Draw): string {
  if (!value.startsWith('{')) return value + draw.of(['x', '\0', '\u202e', '"'])
  return JSON.stringify(mutateJson(JSON.parse(value), draw))
}
