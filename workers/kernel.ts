import { shortestText } from '../src/numeric/shortest.js'

/**
 * The kernel as the host sees it. Every thread instantiates the same module on the same shared memory;
 * the module keeps no state of its own, so which thread makes a call never matters to the result.
 *
 * Long, because it lists every function of the kernel: the one place where both sides can be compared.
 * All addresses and sizes are bytes unless the name says rows, words or a count. Structures: layout.ts.
 */
export interface ParseKernel {
  /** Bytes of a number → the nearest f64, or NaN where they are not a number; `mark` is the byte before its fraction. */
  parseNumber(start: number, end: number, powers: number, mark: number): number
  /** Bytes → encoded rows. `position` is the offset of the first byte in the whole input; `scratch` has room for `length` bytes, and for Parts.Room before it; what ParseResult.Unseen points to has room for all that may be reported. */
  parseBlock(
    context: number, bytes: number, length: number, ends: number, position: number, rows: number,
    capacityRows: number, result: number, scratch: number,
  ): void
  /**
   * Settles the Unseen from `unseen` to `end` of the block whose first row is at `rows`: gives indices to values that have
   * been met often enough (see kernel/grown.ts) and writes them into the rows. The main thread only, blocks in order.
   */
  settleUnseen(
    vocabularies: number, unseen: number, end: number, rows: number, stride: number, denseWords: number,
  ): void
  /** Ends the growth of all vocabularies. */
  closeVocabularies(vocabularies: number): void
  /** Adds the whole records among the bytes to the ColumnProfile of every column; returns their number. Records that are ragged or not UTF-8 are passed over. */
  profileBlock(
    context: number, bytes: number, length: number, ends: number, profiles: number, scratch: number,
  ): number
  /** Writes a Field for every wanted column (one u8 flag a column) of every whole record; returns the number of records. Records that are ragged or not UTF-8 are passed over. */
  listFields(
    context: number, bytes: number, length: number, ends: number, wanted: number, out: number,
    capacityFields: number,
  ): number
  /** Writes a Field for every field of the first record, however many; returns their number, 0 where the record is cut off. */
  listRecord(
    context: number, bytes: number, length: number, ends: number, out: number, capacityFields: number,
  ): number
  /** Length of the first record with its line break, 0 where it is cut off. Passes over blank lines and comments before it. */
  nextRecord(context: number, bytes: number, length: number, ends: number): number
  /**
   * First byte of the first record that starts after a line break, taking the first byte to be inside or outside
   * quotes; −1 where that assumption cannot be: where one of the next `records` whole records has another number of
   * fields than the context says, or none is whole.
   */
  findBorder(
    context: number, bytes: number, length: number, ends: number, inside: number, records: number,
  ): number
  /** First byte after the last line break outside quotes (the first byte is outside), 0 where there is none. */
  lastBorder(bytes: number, length: number, quote: number): number
  /** Whether the bytes from `from` to `to` are UTF-8 (RFC 3629), and the first byte of the first character that is not, or `to`. */
  isUtf8(from: number, to: number): number
  firstInvalid(from: number, to: number): number
  /** Number of line feeds. */
  countLines(bytes: number, length: number): number
}

/** Rows → text (kernel/lines.ts, kernel/shortest.ts). */
export interface TextKernel {
  /**
   * Writes the line of each of `count` rows as the LineProgram says, until one may not fit any more: LineState is where from and
   * where to, and how far it has come. `outputs` predictions a row; the class of a single one is the second where it is above
   * `threshold`; `contributionWords` contributions a row. The rest is for fields that are kept: the block, `bad` as
   * Slot.BadRecords, and `fields` with room for a Field each. Returns the number of lines.
   */
  writeLines(
    program: number, predictions: number, outputs: number, threshold: number, contributions: number,
    contributionWords: number, count: number, context: number, bytes: number, length: number, bad: number,
    fields: number, state: number,
  ): number
  /** Writes the shortest text of an f32, at most LONGEST_NUMBER bytes; returns the address behind it. */
  writeNumber(value: number, out: number): number
}

/** The longest text of an f32 has 22 bytes: -340282350000000000000. */
export const LONGEST_NUMBER = 24

/** z = x·w + b and its gradients, for rows that lie `stride` bytes apart; outputs is K. */
export interface LinearKernel {
  /** z[r][k] = bias[k] + Σ_d x[r][d]·w[k][d] + Σ_c v[index[r][c]][k]; w is K × denseWords, v is categories × K. */
  forwardLinear(
    rows: number, stride: number, count: number, denseWords: number, categories: number, outputs: number,
    w: number, bias: number, v: number, z: number,
  ): void
  /**
   * What each of the ContributionColumns adds to a score, in f32, feature by feature: Σ_d x[r][d]·w[k][d], or f·v[index[r]][k];
   * out[r] = bias[k], then the columns. k is the class of the largest score z[r][k].
   */
  contributionsOf(
    rows: number, stride: number, count: number, denseWords: number, columns: number, columnCount: number,
    outputs: number, w: number, bias: number, v: number, z: number, out: number,
  ): void
  /** dw[k][d] += Σ_r dz[r][k]·x[r][d] and db[k] += Σ_r dz[r][k], row after row. */
  backpropLinear(
    rows: number, stride: number, count: number, denseWords: number, outputs: number, dz: number, dw: number,
    db: number,
  ): void
  /** counts[index[r][c]] += 1, for the `categories` words of a row from word `firstWord`; counts are u32. */
  countCategories(
    rows: number, stride: number, count: number, firstWord: number, categories: number, counts: number,
  ): void
  /** dv[index[r][c]][k] += dz[r][k], row after row. */
  backpropCategories(
    rows: number, stride: number, count: number, denseWords: number, categories: number, outputs: number,
    dz: number, dv: number,
  ): void
}

/** Category slots whose weights a dense feature x[r] multiplies, one slot a call: its index and x are at these words of a row (kernel/scaled.ts). */
export interface ScaledKernel {
  /** z[r][k] += x[r]·v[index[r]][k] */
  forwardScaled(
    rows: number, stride: number, count: number, slotWord: number, factorWord: number, outputs: number,
    v: number, z: number,
  ): void
  /** dv[index[r]][k] += x[r]·dz[r][k], row after row. */
  backpropScaled(
    rows: number, stride: number, count: number, slotWord: number, factorWord: number, outputs: number,
    dz: number, dv: number,
  ): void
  /** packed[place][k] += x[r]·dz[r][k], row after row; places and result as in backpropTouched. */
  backpropTouchedScaled(
    rows: number, stride: number, count: number, slotWord: number, factorWord: number, outputs: number,
    dz: number, packed: number, places: number, base: number, touched: number, touchedCount: number,
  ): number
}

/** Weights of categories that lie apart, `outputs` f32 each, gathered into packed vectors and back (kernel/sparse.ts). */
export interface SparseKernel {
  /**
   * packed[place][k] += dz[r][k] for every category of every row, row after row. `places` is a table of Places; an index
   * that is not in it with a mark above `base` gets the next place and is appended to `touched`. Returns the new length of
   * that list, which needs room for one word more.
   */
  backpropTouched(
    rows: number, stride: number, count: number, denseWords: number, categories: number, outputs: number,
    dz: number, packed: number, places: number, base: number, touched: number, touchedCount: number,
  ): number
  /** to[i][k] = from[indices[i]][k] */
  gather(from: number, indices: number, count: number, outputs: number, to: number): void
  /** to[indices[i]][k] = from[i][k] */
  scatter(from: number, indices: number, count: number, outputs: number, to: number): void
  /** to[indices[i]][k] += from[i][k] */
  scatterAdd(from: number, indices: number, count: number, outputs: number, to: number): void
}

/**
 * A loss: z, y → loss, dz. totals[0] (f64) += Σ weight·loss, totals[1] (f64) += Σ weight, row after row;
 * dz[r][k] = weight · ∂loss/∂z. `setting` is Loss.setting.
 */
export type LossFunction = (
  rows: number, stride: number, count: number, labelWord: number, weightWord: number, outputs: number,
  setting: number, z: number, dz: number, totals: number,
) => void

/** z → prediction: identity, mean, probability of the second class, probability of each class. */
export type PredictFunction = (z: number, count: number, outputs: number, prediction: number) => void

/** What kernel/loss exports; the names are those that the losses give (src/loss), and their tests call them all. */
export interface LossKernel {
  readonly [loss: `loss${string}`]: LossFunction
  readonly [predict: `predict${string}`]: PredictFunction
}

/**
 * A dense layer (kernel/matrix.ts): addresses of row-major f32 matrices; ld… is the words from one row to the next.
 * w is inputs × outputs; its rows and the bias are padded to whole vectors with finite words, which are never written.
 */
export interface MatrixKernel {
  /** z[r][j] = bias[j] + Σ_k x[r][k]·w[k][j] */
  matrixForward(
    x: number, ldx: number, w: number, ldw: number, bias: number, z: number, ldz: number, rows: number,
    inputs: number, outputs: number,
  ): void
  /** dx[r][k] = Σ_j dz[r][j]·w[k][j] */
  matrixBackpropInput(
    dz: number, lddz: number, w: number, ldw: number, dx: number, lddx: number, rows: number, inputs: number,
    outputs: number,
  ): void
  /** dw[k][j] += Σ_r x[r][k]·dz[r][j] and db[j] += Σ_r dz[r][j], row after row. */
  matrixBackpropWeights(
    x: number, ldx: number, dz: number, lddz: number, dw: number, lddw: number, db: number, rows: number,
    inputs: number, outputs: number,
  ): void
}

/** a = f(z) for `words` f32; a may be z. */
export type ActivateFunction = (z: number, a: number, words: number) => void

/** dz = da·f'(z) for `words` f32, a = f(z); dz may be da. */
export type ActivateGradientFunction = (z: number, a: number, da: number, dz: number, words: number) => void

/** Activations and their gradients (kernel/activation.ts). */
export interface ActivationKernel {
  activateRelu: ActivateFunction
  activateReluGradient: ActivateGradientFunction
  activateLeakyRelu: ActivateFunction
  activateLeakyReluGradient: ActivateGradientFunction
  activateTanh: ActivateFunction
  activateTanhGradient: ActivateGradientFunction
  activateSigmoid: ActivateFunction
  activateSigmoidGradient: ActivateGradientFunction
  activateGelu: ActivateFunction
  activateGeluGradient: ActivateGradientFunction
  activateSilu: ActivateFunction
  activateSiluGradient: ActivateGradientFunction
}

export interface LayerNormKernel {
  /** y[r][j] = x̂[r][j]·gain[j] + shift[j], x̂ = (z − mean) / √(variance + 10^−5) of the row; statistics[r] = mean, 1 / √(…): two f32. y may be z. */
  layerNormForward(
    z: number, ldz: number, gain: number, shift: number, y: number, ldy: number, statistics: number,
    rows: number, units: number,
  ): void
  /** dz from dy (they may be the same); dgain[j] += Σ_r dy[r][j]·x̂[r][j] and dshift[j] += Σ_r dy[r][j], row after row. */
  layerNormBackprop(
    z: number, ldz: number, gain: number, dy: number, lddy: number, dz: number, lddz: number, dgain: number,
    dshift: number, statistics: number, rows: number, units: number,
  ): void
}

export interface DropoutKernel {
  /**
   * a[r][j] = 0 where the 32 random bits of (key, firstRow + r, j) are below `threshold` = p·2^32, else a[r][j]·scale. The
   * same call on da is its gradient. `key` is drawn by the host from seed, step and layer.
   */
  dropout(
    a: number, lda: number, rows: number, units: number, key: number, firstRow: number, threshold: number,
    scale: number,
  ): void
}

/** Categories of a network (kernel/embedding.ts). */
export interface EmbeddingKernel {
  /** x[r] = the first `words` words of row r, then zeros up to ldx words. */
  copyDense(rows: number, stride: number, count: number, words: number, x: number, ldx: number): void
  /** z[r][k] += f[r]·v[index[r]][k] for `width` words; f is the word `factorWord` of the row, 1 where that is Word.None. */
  addCategory(
    rows: number, stride: number, count: number, slotWord: number, factorWord: number, width: number,
    v: number, z: number, ldz: number,
  ): void
}

export interface VectorKernel {
  /** a[i] += b[i] for `words` f32. */
  add(a: number, b: number, words: number): void
  /** a[i] *= factor for `words` f32. */
  scale(a: number, factor: number, words: number): void
  /** a[i] = 0 for `words` f32. */
  zero(a: number, words: number): void
  /** Σ a[i]² in f64 for `words` f32; finite where all of them are. */
  sumOfSquares(a: number, words: number): number
}

/** Encoded rows that come back from a file. */
export interface CachedRowsKernel {
  /** A sum of `bytes` bytes, a multiple of 16: a whole number below 2^53, another one where a word has changed. */
  checksum(start: number, bytes: number): number
  /** 1 where every category index is below `categoryIndices` and every label a whole number below `classes` (0: any label), else 0. */
  rowsWithin(
    rows: number, stride: number, count: number, categoryWord: number, categories: number,
    categoryIndices: number, labelWord: number, classes: number,
  ): number
}

/** The functions inside the losses, by themselves, for their tests; f32 (see kernel/math.ts for their errors). */
export interface MathKernel {
  exp(x: number): number
  log(x: number): number
  /** log(1 + u) for 0 ≤ u ≤ 1. */
  log1pUnit(u: number): number
  sigmoid(z: number): number
}

export interface Kernel
  extends
    ParseKernel,
    TextKernel,
    LinearKernel,
    ScaledKernel,
    SparseKernel,
    LossKernel,
    MatrixKernel,
    ActivationKernel,
    LayerNormKernel,
    DropoutKernel,
    EmbeddingKernel,
    VectorKernel,
    CachedRowsKernel,
    MathKernel {
  /** The first byte that the module does not claim; regions are placed from here on. */
  readonly heapBase: number
}

/** The most pages a shared memory may grow to; the module is compiled with the same number. */
export const MAXIMUM_PAGES = 65536

/** Instantiates the kernel on a memory that the caller owns. */
export function instantiateKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  const instance = new WebAssembly.Instance(module, {
    env: {
      memory,
      // The rare number outside the kernel's exact path: ECMAScript's own, correctly rounded, conversion.
      // Its decimal mark, a point or a comma, is the one byte of its kind.
      // Addresses come as signed numbers.
      parseDecimal: (start: number, end: number): number =>
        Number(
          Buffer.from(new Uint8Array(memory.buffer, start >>> 0, end - start))
            .toString('latin1')
            .replace(',', '.'),
        ),
      // The rare f32 whose text the kernel leaves to ECMAScript: writes it, returns its length.
      writeShortest: (value: number, out: number): number => {
        const text = shortestText(value)
        const bytes = new Uint8Array(memory.buffer, out >>> 0, text.length)
        for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
        return text.length
      },
      abort: () => {
        throw new Error('the kernel aborted')
      },
    },
  })
  const { heapBase, ...functions } = instance.exports as Record<string, unknown>
  return Object.assign(Object.create(null), functions, { heapBase: (heapBase as () => number)() }) as Kernel
}
