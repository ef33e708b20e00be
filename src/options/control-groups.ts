/** The limits of the control groups (cgroups) that this process is in. */

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = '/sys/fs/cgroup'

/** The text of a file, or undefined where there is none. */
export type ReadText = (path: string) => string | undefined

/** Folders of the process's group and of every group above it, whose limits bind too, in the unified hierarchy (v2). */
export function unifiedGroups(read: ReadText): string[] {
  const group = /^0::(.*)$/m.exec(read('/proc/self/cgroup') ?? '')?.[1] ?? '/'
  return upwards(group).map((path) => join(ROOT, path))
}

/** The same in the hierarchy of one controller (v1). */
export function legacyGroups(read: ReadText, controller: 'cpu' | 'memory'): string[] {
  const line = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm')
  const group = line.exec(read('/proc/self/cgroup') ?? '')?.[1] ?? '/'
  return upwards(group).map((path) => join(ROOT, controller, path))
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function upwards(group: string): string[] {
  const path = [group]
  for (let folder = group; folder !== '/' && folder !== '.';) path.push((folder = dirname(folder)))
  return path
}
