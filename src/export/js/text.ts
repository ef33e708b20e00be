import { shortestText } from '../../numeric/shortest.js'

/**
 * A text as a literal of JavaScript that stays one wherever the module is put: no line separator, no end of a script element
 * or of a comment is seen in it.
 */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[<>\u007f-\u009f\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** Nine digits, far beyond what the weights' 24 bits hold. */
export function coefficient(value: number): string {
  if (Math.fround(value) === value) return shortestText(value + 0)
  return String(Number(value.toPrecision(9)))
}

/** One coefficient, or a list of one for each score. */
export function coefficients(values: readonly number[]): string {
  return values.length === 1 ? coefficient(values[0]!) : `[${values.map(coefficient).join(', ')}]`
}

const reserved = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected public ' +
    'return static super switch this throw true try typeof undefined var void while with yield ' +
    'row score scores x Array Date Error Map Math Number Object Set String TextEncoder Float32Array Uint8Array DataView atob'
  ).split(' '),
)

/** Gives names of columns to variables; a name that is none, or is taken, becomes one. */
export class Identifiers {
  readonly #taken: Set<string>

  constructor(taken: Iterable<string>) {
    this.#taken = new Set([...reserved, ...taken])
  }

  of(name: string): string {
    const plain = name
      .replaceAll(/[^A-Za-z0-9_]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 40)
    const word = /^[A-Za-z]/.test(plain) ? plain : `column_${plain}`.replace(/_$/, '')
    let identifier = word
    for (let n = 2; this.#taken.has(identifier); n++) identifier = `${word}_${n}`
    this.#taken.add(identifier)
    return identifier
  }
}
