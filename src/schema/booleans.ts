/** The words of a boolean: true, yes, t and false, no, f in any case. Twin: workers/kernel/boolean.ts. */

const TRUTHS = { true: 1, yes: 1, t: 1, false: 0, no: 0, f: 0 } as const

/** Every spelling of every word, with its truth. */
export const spellings: ReadonlyMap<string, 0 | 1> = new Map(
  Object.entries(TRUTHS).flatMap(([word, truth]) =>
    Array.from({ length: 2 ** word.length }, (_, capitals): [string, 0 | 1] => {
      const letters = [...word].map((letter, i) => ((capitals >> i) & 1 ? letter.toUpperCase() : letter))
      return [letters.join(''), truth]
    }),
  ),
)

/** 1 for a word that says yes, 0 for one that says no, undefined for any other text; blanks around it do not count. */
export function truthOf(text: string): 0 | 1 | undefined {
  return spellings.get(text.replace(/^[ \t]+|[ \t]+$/g, ''))
}

/** The same, where the numbers 1 and 0 are booleans too; `number` is what the text is as a number, or NaN. */
export function parseBoolean(text: string, number: number): 0 | 1 | undefined {
  if (number === 1) return 1
  return number === 0 ? 0 : truthOf(text)
}

/** Whether two classes are a word for no and one for yes, in this order. */
export function areBooleans(classes: readonly string[]): boolean {
  return classes.length === 2 && classes.every((name, truth) => spellings.get(name) === truth)
}

/**
 * The two classes of a target whose values are all words of booleans, some for no and some for yes: of each the spelling
 * that is met most, and of those the first by code unit. Undefined for other targets.
 */
export function booleanClasses(counts: ReadonlyMap<string, number>): [no: string, yes: string] | undefined {
  const byFrequency = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const most = (truth: 0 | 1) => byFrequency.find(([text]) => spellings.get(text) === truth)?.[0]
  const [no, yes] = [most(0), most(1)]
  const others = byFrequency.some(([text]) => !spellings.has(text))
  return no === undefined || yes === undefined || others ? undefined : [no, yes]
}
