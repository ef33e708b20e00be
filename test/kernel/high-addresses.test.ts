/** Numbers that lie above 2 GiB, where addresses are negative as signed numbers; the oracle is Number. */
import { expect, it } from 'vitest'
import { instantiateKernel, MAXIMUM_PAGES } from '../../workers/kernel.js'
import { compileKernel } from '../../src/engine/pool.js'
import { powersOfTen } from '../../src/numeric/powers.js'

it('are read by the kernel and, where they are beyond its exact path, by the host', () => {
  const memory = new WebAssembly.Memory({ initial: 2 ** 15 + 16, maximum: MAXIMUM_PAGES, shared: true })
  const kernel = instantiateKernel(compileKernel(), memory)
  const high = 2 ** 31 + 4096
  const powers = Math.ceil(kernel.heapBase / 16) * 16
  new Uint8Array(memory.buffer).set(powersOfTen(), powers)
  // Halfway between two doubles, to 40 digits: only all digits tell which is nearer.
  const texts = ['0.1', '9007199254740993.0000000000000000000000001', '123456789012345678901234567890e-400']
  for (const text of texts) {
    new Uint8Array(memory.buffer).set(Buffer.from(text), high)
    expect(kernel.parseNumber(high, high + text.length, powers, 46)).toBe(Number(text))
  }
})
