/** The words of a boolean: true, yes, t and false, no, f in any case. Twin: workers/kernel/boolean.ts. */

const WORDS: readonly (readonly string[])[] = [
  ['false', 'no', 'f'],
  ['true', 'yes', 't'],
]
const TRUTHS: ReadonlyMap<string, 0 | 1> = new Map(
  WORDS.flatMap((words, truth) => words.map((word) => [word, truth as 0 | 1])),
)

/** 1 for a word that says yes, 0 for one that says no, undefined for any other text; blanks around it do not count. */
export function truthOf(text: string): 0 | 1 | undefined {
  return TRUTHS.get(text.replace(/^[ \t]+|[ \t]+$/g, '').replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
}

/** The same, where the numbers 1 and 0 are booleans too; `number` is what the text is as a number, or NaN. */
export function parseBoolean(text: string, number: number): 0 | 1 | undefined {
  if (number === 1) return 1
  return number === 0 ? 0 : truthOf(text)
}

/** Whether two classes are a word for no and one for yes, in this order. */
export function areBooleans(classes: readonly string[]): boolean {
  return classes.length === 2 && truthOf(classes[0]!) === 0 && truthOf(classes[1]!) === 1
}

/** Every spelling of every word of a truth value: 38 for no, 26 for yes. */
export function spellings(truth: 0 | 1): string[] {
  return WORDS[truth]!.flatMap((word) => {
    const count = 2 ** word.length
    return Array.from({ length: count }, (_, capitals) =>
      [...word].map((letter, i) => ((capitals >> i) & 1 ? letter.toUpperCase() : letter)).join(''),
    )
  })
}
