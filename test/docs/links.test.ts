/** What the documentation points at is there: files, headings, paths of sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const markdown = (folder: string): string[] =>
  readdirSync(join(root, folder), { encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
const pages = [...markdown('.'), ...markdown('docs'), ...markdown('docs/how-to'), ...markdown('bench')]

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function brokenLinks(page: string): string[] {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : join(dirname(page), path)
    if (!existsSync(join(root, target))) return true
    return anchor !== undefined && !anchors(read(target)).includes(anchor)
  })
}

/** Paths in code, `src/flow/lanes.ts`; `*` stands for anything, and what is made on the way has a dot. A decision may speak of what is no more. */
function brokenPaths(page: string): string[] {
  const paths = [...read(page).matchAll(/`((?:src|test|workers|scripts|examples|bench|docs)\/[\w\-./*]*)`/g)]
  return paths
    .map(([, path]) => path!)
    .filter((path) => !path.includes('*') && !path.includes('/.') && !existsSync(join(root, path)))
}

describe.each(pages)('%s', (page) => {
  it('has links that lead somewhere', () => {
    expect(brokenLinks(page)).toEqual([])
  })

  it.skipIf(/DECISIONS|CHANGELOG/.test(page))('names files that are there', () => {
    expect(brokenPaths(page)).toEqual([])
  })
})
