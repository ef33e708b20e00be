import { readFile } from 'node:fs/promises'
import { runError } from '../../errors.js'

export interface PageFile {
  readonly type: string
  readonly body: Buffer
}

const types = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const

/** Where the page lies seen from the sources, their compiled form, and the bundled command. */
const folders = ['../../../dist/dashboard-page/', '../../../dashboard-page/', '../dashboard-page/']

/** The files of the page by their paths; the build makes them (scripts/bundle-page.mjs). */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  for (const folder of folders) {
    try {
      const files = await Promise.all(
        Object.entries(types).map(async ([name, type]) => {
          const body = await readFile(new URL(folder + name, import.meta.url))
          return [name === 'index.html' ? '/' : `/${name}`, { type, body }] as const
        }),
      )
      return new Map(files)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw runError(
    'DASHBOARD_NOT_BUILT',
    'the files of the dashboard are missing from this copy of millrace',
    'build it: npm run build',
  )
}
