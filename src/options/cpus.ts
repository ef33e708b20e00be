/** How many CPUs this process may keep busy. */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { legacyGroups, readText, unifiedGroups, type ReadText } from './control-groups.js'

/**
 * CPUs that this process may use: those the operating system reports, no more than the quota of its control
 * group (cgroup v2 `cpu.max`, v1 `cpu.cfs_quota_us`) rounded up, and at least 1.
 *
 * Node's own count leaves out a quota of a fraction of a CPU.
 */
export function availableCpus(): number {
  return cpusWithin(availableParallelism(), readText)
}

/** The same on a given file system. */
export function cpusWithin(parallelism: number, read: ReadText): number {
  let cpus = parallelism
  for (const quota of quotas(read)) if (quota > 0) cpus = Math.min(cpus, Math.ceil(quota))
  return Math.max(1, cpus)
}

/** Quotas, in CPUs, of the process's control group and of every group above it; each of them binds. */
function quotas(read: ReadText): number[] {
  const found: number[] = []
  for (const folder of unifiedGroups(read)) {
    const [quota, period] = (read(join(folder, 'cpu.max')) ?? 'max 1').trim().split(/\s+/)
    found.push(Number(quota) / Number(period))
  }
  for (const folder of legacyGroups(read, 'cpu')) {
    const quota = read(join(folder, 'cpu.cfs_quota_us'))
    const period = read(join(folder, 'cpu.cfs_period_us'))
    found.push(Number(quota) / Number(period))
  }
  return found.filter((quota) => Number.isFinite(quota))
}
