import { describe, expect, it } from 'vitest'
import { checkMemory, memoryWithin } from '../../src/options/memory.js'

const MIB = 2 ** 20

/** A file system of these files. */
function files(texts: Record<string, string>): (path: string) => string | undefined {
  return (path) => texts[path]
}

// Oracle: Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst: bytes, "max" or 2^63 less a page for none.
describe('memoryWithin', () => {
  it.each([
    ['max', Infinity],
    ['268435456', 268435456],
    ['', Infinity],
    ['nonsense', Infinity],
  ])('memory.max %j is a limit of %d bytes', (text, bytes) => {
    const read = files({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': `${text}\n` })
    expect(memoryWithin(read)).toBe(bytes)
  })

  it('heeds the groups above its own', () => {
    const read = files({
      '/proc/self/cgroup': '0::/user.slice/job\n',
      '/sys/fs/cgroup/user.slice/job/memory.max': '4000000000\n',
      '/sys/fs/cgroup/user.slice/memory.max': '1000000000\n',
    })
    expect(memoryWithin(read)).toBe(1000000000)
  })

  it('heeds cgroup v1', () => {
    const read = files({
      '/proc/self/cgroup': '4:memory:/job\n3:cpuacct,cpu:/other\n',
      '/sys/fs/cgroup/memory/job/memory.limit_in_bytes': '500000000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    })
    expect(memoryWithin(read)).toBe(500000000)
  })

  it('is without limit where there are no control groups', () => {
    expect(memoryWithin(() => undefined)).toBe(Infinity)
  })
})

describe('checkMemory', () => {
  it('lets through what fits beside Node, 64 MiB', () => {
    expect(() => checkMemory(256 * MIB, 320 * MIB)).not.toThrow()
    expect(() => checkMemory(2 ** 40, Infinity)).not.toThrow()
  })

  it('refuses what does not, with a size that does', () => {
    const hint: unknown = expect.stringContaining('--memory 128MiB')
    const error = { code: 'MEMORY_LIMITED', kind: 'usage', hint }
    expect(() => checkMemory(256 * MIB, 192 * MIB)).toThrow(expect.objectContaining(error))
    expect(() => checkMemory(256 * MIB, 192 * MIB)).toThrow('at most 128 MiB')
    expect(() => checkMemory(256 * MIB, MIB)).toThrow('at most 0 MiB')
  })
})
