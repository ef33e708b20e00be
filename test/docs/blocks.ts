/** The code in a page of Markdown. */

/** A fenced block of a language, or an indented one (''). */
export interface CodeBlock {
  readonly language: string
  /** Of its first line, from 1. */
  readonly line: number
  readonly code: string
}

/** All blocks, in order. Indented lines belong to a list, and are no code, where the line before is not blank. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const lines = markdown.split('\n')
  const blocks: CodeBlock[] = []
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\w*)$/.exec(lines[i]!)
    const indented = /^ {4}\S/.test(lines[i]!) && lines[i - 1]?.trim() === ''
    if (fence === null && !indented) continue
    const first = fence === null ? i : i + 1
    let end = first
    while (end < lines.length && (fence === null ? /^ {4}/.test(lines[end]!) : lines[end] !== '```')) end++
    const code = lines.slice(first, end).map((line) => (fence === null ? line.slice(4) : line))
    blocks.push({ language: fence?.[1] ?? '', line: first + 1, code: code.join('\n') })
    i = end
  }
  return blocks
}
