import { modelInvalid } from './check.js'

/** Objects and lists in one text; a model has two a column and three a tensor. */
const MOST_CONTAINERS = 1 << 20
const DEEPEST = 16

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])
const SPACE = new Set([0x09, 0x0a, 0x0d, 0x20])

/** What a scan of JSON text counts before anything is built from it. */
interface JsonShape {
  containers: number
  depth: number
  /** Texts that a colon follows: the keys, those given twice included. */
  keys: number
}

/**
 * Parses JSON that anybody may have written.
 *
 * Refuses, with MODEL_INVALID, what JSON.parse accepts but a model never holds: a key given twice (JSON.parse keeps the
 * last one), and nesting or numbers of objects that would fill the memory from a small file.
 */
export function parseUntrustedJson(json: string, where: string): unknown {
  const shape = shapeOf(json)
  if (shape.depth > DEEPEST)
    throw modelInvalid(where, `at most ${DEEPEST} levels of JSON`, String(shape.depth))
  if (shape.containers > MOST_CONTAINERS) {
    throw modelInvalid(where, `at most ${MOST_CONTAINERS} objects and lists`, String(shape.containers))
  }
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw modelInvalid(where, 'JSON', 'something else', cause)
  }
  // Objects drop the repetitions that the text has.
  if (keysOf(value) !== shape.keys) throw modelInvalid(where, 'every key once', 'a key twice')
  return value
}

/** Right for every text that JSON.parse accepts; for others the counts mean nothing, and it still ends. */
function shapeOf(json: string): JsonShape {
  const shape: JsonShape = { containers: 0, depth: 0, keys: 0 }
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) {
      at = closingQuote(json, at)
      let next = at + 1
      while (SPACE.has(json.charCodeAt(next))) next++
      if (json.charCodeAt(next) === COLON) shape.keys++
    } else if (OPEN.has(code)) {
      shape.containers++
      depth++
      shape.depth = Math.max(shape.depth, depth)
    } else if (CLOSE.has(code)) {
      depth--
    }
  }
  return shape
}

function closingQuote(json: string, opening: number): number {
  let at = opening + 1
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at
}

function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner: unknown[] = Object.values(value)
  const own = Array.isArray(value) ? 0 : inner.length
  return inner.reduce<number>((sum, entry) => sum + keysOf(entry), own)
}
