/** How many CPUs this process may keep busy. */

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = '/sys/fs/cgroup'

/**
 * CPUs that this process may use: those the operating system reports, no more than the quota of its control
 * group (cgroup v2 `cpu.max`, v1 `cpu.cfs_quota_us`) rounded up, and at least 1.
 *
 * Node's own count leaves out a quota of a fraction of a CPU.
 */
export function availableCpus(): number {
  return cpusWithin(availableParallelism(), readText)
}

/** The same on a given file system: `read` returns a file's text, or undefined where there is none. */
export function cpusWithin(parallelism: number, read: (path: string) => string | undefined): number {
  let cpus = parallelism
  for (const quota of quotas(read)) if (quota > 0) cpus = Math.min(cpus, Math.ceil(quota))
  return Math.max(1, cpus)
}

/** Quotas, in CPUs, of the process's control group and of every group above it; each of them binds. */
function quotas(read: (path: string) => string | undefined): number[] {
  const groups = read('/proc/self/cgroup') ?? ''
  const unified = /^0::(.*)$/m.exec(groups)?.[1] ?? '/'
  const legacy = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1] ?? '/'
  const found: number[] = []
  for (const group of upwards(unified)) {
    const [quota, period] = (read(join(ROOT, group, 'cpu.max')) ?? 'max 1').trim().split(/\s+/)
    found.push(Number(quota) / Number(period))
  }
  for (const group of upwards(legacy)) {
    const folder = join(ROOT, 'cpu', group)
    const quota = read(join(folder, 'cpu.cfs_quota_us'))
    const period = read(join(folder, 'cpu.cfs_period_us'))
    found.push(Number(quota) / Number(period))
  }
  return found.filter((quota) => Number.isFinite(quota))
}

function upwards(group: string): string[] {
  const path = [group]
  for (let folder = group; folder !== '/' && folder !== '.';) path.push((folder = dirname(folder)))
  return path
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
