/** Light or dark: as the system has it, until someone chooses. */
import { byId } from './dom.js'

const KEY = 'millrace-theme'
type Theme = 'light' | 'dark'

const changed = new Set<() => void>()

/** Calls `change` when the colours are others. */
export function onTheme(change: () => void): void {
  changed.add(change)
}

export function startTheme(): void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const current = (): Theme => chosen() ?? (system.matches ? 'dark' : 'light')
  const button = byId<HTMLButtonElement>('theme')
  const show = (): void => {
    const theme = current()
    const isNew = document.documentElement.dataset['theme'] !== theme
    document.documentElement.dataset['theme'] = theme
    button.textContent = theme === 'dark' ? 'Light' : 'Dark'
    button.setAttribute('aria-label', theme === 'dark' ? 'Light colours' : 'Dark colours')
    if (isNew) for (const change of changed) change()
  }
  system.addEventListener('change', show)
  button.addEventListener('click', () => {
    localStorage.setItem(KEY, current() === 'dark' ? 'light' : 'dark')
    show()
  })
  show()
}

function chosen(): Theme | undefined {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : undefined
}

/** A colour of page.css, as it is now. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}
