/** Where an axis has its marks, and what is written at them. */

import { formatCount } from '../format.js'

/** Values from low to high, evenly spaced by 1, 2 or 5 times a power of ten: at most `most`, and two or more where most ≥ 4. */
export function linearTicks(low: number, high: number, most: number): number[] {
  if (!(high > low)) return Number.isFinite(low) ? [low] : []
  const step = niceStep((high - low) / most)
  const ticks: number[] = []
  // By multiplication: a sum of steps drifts.
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step)
  return ticks.length > most ? linearTicks(low, high, most - 1) : ticks
}

/** The smallest of 1, 2, 5 times a power of ten that is not below. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * (1 - 1e-9))!
  return factor * power
}

/** Of an axis by powers: powers of ten; where there are too few of them also their 2- and 5-fold, or else as on a linear axis. */
export function logTicks(low: number, high: number, most: number): number[] {
  if (!(low > 0 && high > low)) return linearTicks(low, high, most)
  for (const factors of [[1], [1, 2, 5]]) {
    const ticks = powersOfTen(low, high).flatMap((power) => factors.map((factor) => factor * power))
    const inside = ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9))
    if (inside.length >= 3) return inside.filter((_, i) => i % Math.ceil(inside.length / most) === 0)
  }
  return linearTicks(low, high, most)
}

function powersOfTen(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low))
  return Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, i) => 10 ** (first + i))
}

/** As many digits as tell the ticks apart: `0.45`, `0.50`; `1,000`; `2e+9`. */
export function tickLabels(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs))
  const gaps = ticks.slice(1).map((tick, i) => tick - ticks[i]!)
  const gap = Math.min(...gaps, largest || 1)
  const digits = Math.max(0, -Math.floor(Math.log10(gap) + 1e-9))
  return ticks.map((tick) => {
    if (largest >= 1e9 || digits > 6) return tick === 0 ? '0' : Number(tick.toPrecision(6)).toExponential()
    return digits === 0 ? signedCount(tick) : tick.toFixed(digits).replace('-', '−')
  })
}

function signedCount(value: number): string {
  return `${value < 0 ? '−' : ''}${formatCount(Math.abs(value))}`
}
