/**
 * A program to preload (node --import): when the process ends, writes the peak of its resident memory, in bytes, to the
 * file that MILLRACE_BENCH_PEAK names. Read from VmHWM where there is one: getrusage would count the process that forked.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))!
  return Number(kilobytes) * 1024
}

// Worker threads preload it too, but share the process's memory.
if (isMainThread) {
  process.on('exit', () => {
    writeFileSync(process.env['MILLRACE_BENCH_PEAK']!, `${peakBytes()}`)
  })
}
