import type { SharedMemory } from '../engine/memory.js'
import type { GivenDialect } from '../flow/heads.js'
import { openInput } from '../flow/open-input.js'
import type { OpenInput } from '../flow/row-flow.js'
import type { ResolvedOptions } from '../options.js'
import { canBeKept, streamNotKept } from './run-cache.js'
import { openSource } from '../source/open-source.js'

/** Opens what is to be trained on. `stopped` ends the wait for a stream that sends nothing. */
export async function openTrainingInput(
  memory: SharedMemory,
  options: ResolvedOptions,
  stopped: AbortSignal,
): Promise<OpenInput> {
  const source = await openSource(options.input, { encoding: options.encoding, stopped })
  if (options.cache !== undefined && !canBeKept(source.files ?? [])) {
    source.close()
    throw streamNotKept()
  }
  return openInput(source, { memory, dialect: givenDialect(options), options })
}

/** The dialect, as far as the options say it. */
export function givenDialect({
  delimiter,
  quote,
  comment,
  decimal,
  header,
  na,
}: ResolvedOptions): GivenDialect {
  return {
    delimiter,
    quote: quote === '' ? undefined : quote,
    comment,
    decimal,
    header,
    missingTokens: na,
  }
}
