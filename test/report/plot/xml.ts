/** XML as a tree, strictly: a tag that is not closed, a character that must be escaped, or an attribute given twice is an error. */

export interface XmlElement {
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
  text: string
}

const token = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<>]+)/gy
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function unescaped(text: string): string {
  // XML 1.0 has no control characters but these three, escaped or not.
  if (/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text))
    throw new Error('a character that XML does not have')
  return text.replace(/&(\w*);?/g, (all, name: string) => {
    if (entities[name] === undefined || !all.endsWith(';')) throw new Error(`unknown ${all}`)
    return entities[name]
  })
}

export function parseXml(xml: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  token.lastIndex = 0
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex
    const match = token.exec(xml)
    if (match === null) throw new Error(`no XML at ${at}: ${xml.slice(at, at + 40)}`)
    const [, closes, name, attributes, isEmpty, text] = match
    const parent = open.at(-1)!
    if (text !== undefined) parent.text += unescaped(text)
    else if (closes === '/') {
      if (parent.name !== name || open.length === 1) throw new Error(`</${name}> closes <${parent.name}>`)
      open.pop()
    } else {
      const found: XmlElement = { name: name!, attributes: {}, children: [], text: '' }
      for (const [, key, value] of attributes!.matchAll(/([\w:-]+)="([^"]*)"/g)) {
        if (Object.hasOwn(found.attributes, key!)) throw new Error(`${key} twice`)
        found.attributes[key!] = unescaped(value!)
      }
      parent.children.push(found)
      if (isEmpty !== '/') open.push(found)
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error('not one element')
  return root.children[0]!
}

export function all(element: XmlElement, name: string): XmlElement[] {
  return [
    ...(element.name === name ? [element] : []),
    ...element.children.flatMap((child) => all(child, name)),
  ]
}
