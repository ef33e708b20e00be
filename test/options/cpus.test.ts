import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { availableCpus, cpusWithin } from '../../src/options/cpus.js'

/** A file system of these files. */
function files(texts: Record<string, string>): (path: string) => string | undefined {
  return (path) => texts[path]
}

describe('availableCpus', () => {
  it('is at least 1 and no more than the machine has', () => {
    expect(availableCpus()).toBeGreaterThanOrEqual(1)
    expect(availableCpus()).toBeLessThanOrEqual(availableParallelism())
  })
})

// Oracle: Linux, Documentation/admin-guide/cgroup-v2.rst: cpu.max is "$MAX $PERIOD", CPUs = MAX / PERIOD.
describe('cpusWithin', () => {
  it.each([
    ['max 100000', 8],
    ['50000 100000', 1],
    ['100000 100000', 1],
    ['150000 100000', 2],
    ['1600000 100000', 8],
    ['', 8],
    ['nonsense', 8],
  ])('cpu.max %j of 8 CPUs leaves %i', (text, cpus) => {
    expect(
      cpusWithin(8, files({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': `${text}\n` })),
    ).toBe(cpus)
  })

  it('heeds the groups above its own', () => {
    const read = files({
      '/proc/self/cgroup': '0::/user.slice/job\n',
      '/sys/fs/cgroup/user.slice/job/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/user.slice/cpu.max': '250000 100000\n',
    })
    expect(cpusWithin(8, read)).toBe(3)
  })

  it('heeds cgroup v1, where −1 is no quota', () => {
    const v1 = (quota: string): ((path: string) => string | undefined) =>
      files({
        '/proc/self/cgroup': '4:memory:/\n3:cpuacct,cpu:/job\n',
        '/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us': quota,
        '/sys/fs/cgroup/cpu/job/cpu.cfs_period_us': '100000\n',
      })
    expect(cpusWithin(8, v1('200000\n'))).toBe(2)
    expect(cpusWithin(8, v1('-1\n'))).toBe(8)
  })

  it('takes the machine at its word without control groups', () => {
    expect(cpusWithin(8, () => undefined)).toBe(8)
    expect(cpusWithin(0, () => undefined)).toBe(1)
  })
})
