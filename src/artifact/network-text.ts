import { activationNames } from '../activation/index.js'
import type { NetworkSettings } from '../model/network.js'
import { MOST_EMBEDDING, MOST_LAYERS, MOST_UNITS } from '../model/network-limits.js'
import * as is from './check.js'
import { parseUntrustedJson } from './untrusted-json.js'

const fields = ['hidden', 'activation', 'layerNorm', 'embedding'] as const

/** Settings of a network → JSON text; equal ones give equal texts. */
export function networkText({ hidden, activation, layerNorm, embedding }: NetworkSettings): string {
  return JSON.stringify({ hidden, activation, layerNorm, embedding })
}

/** JSON text → settings. Throws MODEL_INVALID that says which field is wrong. */
export function parseNetwork(json: string): NetworkSettings {
  const where = 'metadata.network'
  const field = is.fieldsOf(parseUntrustedJson(json, where), where, fields)
  const hidden = field('hidden', is.listOf(is.wholeUpTo(1, MOST_UNITS), 1))
  if (hidden.length > MOST_LAYERS) {
    throw is.modelInvalid(`${where}.hidden`, `at most ${MOST_LAYERS} layers`, String(hidden.length))
  }
  return {
    hidden,
    activation: field('activation', is.oneOf(activationNames)),
    layerNorm: field('layerNorm', is.flag),
    embedding: field('embedding', is.wholeUpTo(0, MOST_EMBEDDING)),
  }
}
