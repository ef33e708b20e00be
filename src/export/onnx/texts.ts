/**
 * A word, and the same with a blank before or behind it: no operator of version 17 takes blanks away, and what reads a CSV often
 * leaves one.
 */
export function withBlanks(word: string): string[] {
  return [...new Set([word, ` ${word}`, `${word} `, ` ${word} `])]
}
