/** What each column adds to a score of a linear model. Readable twin: src/portable/contributions.ts, with the same bits. */
import { ContributionColumn, Word } from '../layout'
import { predictedClass } from './lines'

/** See LinearKernel.contributionsOf. */
export function contributionsOf(
  rows: usize, stride: usize, count: u32, denseWords: u32, columns: usize, columnCount: u32, outputs: u32,
  w: usize, bias: usize, v: usize, z: usize, out: usize,
): void {
  const columnsEnd = columns + usize(columnCount) * ContributionColumn.SIZE
  for (let r: u32 = 0; r < count; ++r, rows += stride, z += usize(outputs) << 2) {
    const k = outputs == 1 ? 0 : usize(predictedClass(z, outputs, 0))
    const weights = w + ((k * usize(denseWords)) << 2)
    store<f32>(out, load<f32>(bias + (k << 2)))
    out += 4
    for (let column = columns; column < columnsEnd; column += ContributionColumn.SIZE, out += 4) {
      const from = usize(load<u32>(column, ContributionColumn.From)) << 2
      const to = usize(load<u32>(column, ContributionColumn.To)) << 2
      let sum: f32 = 0
      if (to) for (let d = from; d < to; d += 4) sum += load<f32>(rows + d) * load<f32>(weights + d)
      else {
        const factor = load<u32>(column, ContributionColumn.Factor)
        const index = usize(load<u32>(rows + from))
        const x: f32 = factor == Word.None ? 1 : load<f32>(rows + (usize(factor) << 2))
        sum += x * load<f32>(v + ((index * usize(outputs) + k) << 2))
      }
      store<f32>(out, sum)
    }
  }
}
