/** Nearest names, for "did you mean …". */

import { shown } from './errors.js'

/** Longer texts are no names that somebody mistyped (a file without line breaks has such a header), and distances take the product of two lengths. */
const LONGEST_NAME = 100

/**
 * Number of single-character insertions, deletions, substitutions and swaps of neighbours that turn a into b,
 * no part of the text being edited twice (optimal string alignment).
 *
 * Source: Fred Damerau, "A technique for computer detection and correction of spelling errors", 1964.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let distance = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) distance = Math.min(distance, beforeLast[j - 2]! + 1)
      row.push(distance)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

/** The candidate that `name` is most likely a slip for, or undefined where none is near. Case and `-`/`_`/space count little. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_\s]/g, '')
  // A third of the letters may be wrong; in a name of one or two letters, one.
  const limit = Math.max(1, Math.floor(name.length / 3))
  let best: string | undefined
  let bestDistance = Infinity
  if (name.length > LONGEST_NAME) return undefined
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit + 4) continue
    // Ties between names that differ in case only go to the one that is nearer as written.
    const distance = editDistance(plain(name), plain(candidate)) + editDistance(name, candidate) / 1000
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  const wrong = Math.floor(bestDistance)
  return wrong <= limit && wrong < Math.max(name.length, 2) ? best : undefined
}

/** A hint for a wrong name: `did you mean "late"?`, or else the names there are. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const guess = nearest(name, candidates)
  if (guess !== undefined) return `did you mean ${JSON.stringify(guess)}?`
  if (candidates.length === 0) return 'there are none to choose from'
  const first = candidates.slice(0, 12).map(shown)
  const more = candidates.length - first.length
  return `choose from ${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
