import type { BorderFinder } from '../source/borders.js'
import type { InputFile } from '../source/files.js'
import type { PartColumns } from './block.js'
import { Purpose, randomFraction } from '../numeric/random.js'

/** A range of one file that starts and ends at record borders. */
export interface Stretch {
  readonly file: InputFile
  readonly columns: PartColumns
  readonly start: number
  readonly end: number
}

/** An equal part of the whole input: stretches of one file or several, one after the other. */
export type LaneRange = readonly Stretch[]

/** Where the rows of a file begin (after its header) and end. */
export interface FileRows {
  readonly file: InputFile
  readonly columns: PartColumns
  readonly start: number
}

/** Cuts the rows of all files into at most `lanes` equal byte ranges, each moved to the next record border. */
export function cutLanes(files: readonly FileRows[], lanes: number, borders: BorderFinder): LaneRange[] {
  const bytes = files.reduce((sum, { file, start }) => sum + file.size - start, 0)
  const ranges: Stretch[][] = []
  let before = 0
  let lane = -1
  for (const { file, start, columns } of files) {
    const size = file.size - start
    let border = start
    while (border < file.size) {
      // Where in the whole input this stretch starts says which lane it belongs to.
      const current = Math.min(lanes - 1, Math.floor(((before + border - start) * lanes) / bytes))
      const nextCut = start + Math.ceil(((current + 1) * bytes) / lanes) - before
      const end =
        current === lanes - 1
          ? file.size
          : borders.borderAfter(file, columns.context, border, Math.min(nextCut, file.size))
      if (current === lane) ranges.at(-1)!.push({ file, columns, start: border, end })
      else ranges.push([{ file, columns, start: border, end }])
      lane = current
      border = end
    }
    before += size
  }
  return ranges
}

/** Bytes of a lane. */
export function laneBytes(range: LaneRange): number {
  return range.reduce((sum, stretch) => sum + stretch.end - stretch.start, 0)
}

/**
 * Turns a lane so that it starts at a phase drawn from the seed and wraps around: without it, all lanes would be at the
 * same place of their range at the same time, and whatever drifts with the position would drift in every mini-batch.
 */
export function rotateLane(
  range: LaneRange,
  borders: BorderFinder,
  seed: number,
  epoch: number,
  lane: number,
): LaneRange {
  let left = Math.floor(randomFraction(seed, Purpose.LanePhase, epoch, lane) * laneBytes(range))
  for (let i = 0; i < range.length; i++) {
    const stretch = range[i]!
    const size = stretch.end - stretch.start
    if (left >= size) {
      left -= size
      continue
    }
    const { file, columns, start } = stretch
    const border = Math.min(borders.borderAfter(file, columns.context, start, start + left), stretch.end)
    const head = { ...stretch, end: border }
    const tail = { ...stretch, start: border }
    return [tail, ...range.slice(i + 1), ...range.slice(0, i), head].filter(({ start, end }) => end > start)
  }
  return range
}

/** What is left of a lane behind so many bytes. */
export function skipBytes(range: LaneRange, bytes: number): LaneRange {
  let left = bytes
  return range.flatMap((stretch) => {
    const skipped = Math.min(left, stretch.end - stretch.start)
    left -= skipped
    const start = stretch.start + skipped
    return start < stretch.end ? [{ ...stretch, start }] : []
  })
}
