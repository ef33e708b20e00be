import { availableParallelism, cpus, totalmem } from 'node:os'

/** The machine that the figures are of: `AMD EPYC …, 2 cores, 8 GB, linux x64, Node v20.20.2`. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  return `${model}, ${availableParallelism()} cores, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.version}`
}
