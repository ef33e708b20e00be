import { rmSync } from 'node:fs'

const unfinished = new Set<string>()

/**
 * Has a file removed that is being written beside another when the process exits before `finished` is told of it: at a second
 * signal, or when the reader of standard output has gone. Only a kill leaves it there.
 */
export function started(path: string): void {
  if (unfinished.size === 0) process.on('exit', removeAll)
  unfinished.add(path)
}

/** The file has its name, or is removed. */
export function finished(path: string): void {
  if (unfinished.delete(path) && unfinished.size === 0) process.off('exit', removeAll)
}

function removeAll(): void {
  for (const path of unfinished) {
    try {
      rmSync(path, { force: true })
    } catch {
      // The process ends: nobody is left to tell.
    }
  }
}
