/** The only ways in which this page makes elements: texts are always texts, whatever is in them. */

type Content = Node | string | number

interface Properties {
  class?: string
  title?: string
  scope?: 'col' | 'row'
  type?: 'button'
}

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...content: Content[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, String(value))
  made.append(...content.map((part) => (typeof part === 'number' ? String(part) : part)))
  return made
}

/** An element of index.html. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind
}

/** Changes a text only where it is another: what is selected stays so. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

/** A table with a header row; columns whose names are in `numbers` are aligned as such. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (Content | undefined)[])[],
  numbers: readonly string[] = [],
): HTMLTableElement {
  const kind = (i: number): Properties => (numbers.includes(head[i]!) ? { class: 'number' } : {})
  const cells = head.map((name, i) => element('th', { scope: 'col', ...kind(i) }, name))
  const lines = rows.map((row) =>
    element('tr', {}, ...row.map((cell, i) => element('td', kind(i), cell ?? '–'))),
  )
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...cells)),
    element('tbody', {}, ...lines),
  )
}

/** A button with a text. */
export function button(text: string, click: () => void, className = ''): HTMLButtonElement {
  const made = element('button', { type: 'button', ...(className === '' ? {} : { class: className }) }, text)
  made.addEventListener('click', click)
  return made
}

/** Calls `show` only when what it shows is another than the last time. */
export function whenChanged<Value>(show: (value: Value) => void): (value: Value, key?: unknown) => void {
  let last: unknown = show
  return (value, key = value) => {
    if (key === last) return
    last = key
    show(value)
  }
}
