import { readFileSync } from 'node:fs'

/** The version in millrace's package.json, which lies above both the sources and their compiled form. */
export function packageVersion(): string {
  for (const folder of ['../', '../../']) {
    const version = readVersion(new URL(`${folder}package.json`, import.meta.url))
    if (version !== undefined) return version
  }
  return 'unknown'
}

function readVersion(path: URL): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string }
    return name === 'millrace' ? version : undefined
  } catch {
    return undefined
  }
}

export const version = packageVersion()
