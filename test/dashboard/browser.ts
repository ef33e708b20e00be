/**
 * A real Chromium for tests and screenshots: the system's where there is one (CHROMIUM_PATH, or Debian's), else the one that comes
 * in the package @sparticuz/chromium, so that `npm ci` is all that is needed.
 */
import { existsSync } from 'node:fs'
import { chromium as playwright, type Browser } from 'playwright-core'

const SYSTEM = '/usr/bin/chromium'
/** Not those of the package, which turn off much of the security that is tested, and put all pages into one process. */
const ARGUMENTS = [
  '--headless=shell',
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-gpu',
  // Under LANG=C it would call its language en-US@posix, which Intl refuses.
  '--lang=en-US',
]

export async function launchBrowser(): Promise<Browser> {
  const path = process.env['CHROMIUM_PATH'] ?? (existsSync(SYSTEM) ? SYSTEM : undefined)
  if (path !== undefined) return playwright.launch({ executablePath: path, args: ARGUMENTS })
  // The package brings the system libraries that Chromium needs, and unpacks them where it takes the machine for a server of AWS.
  process.env['AWS_EXECUTION_ENV'] ??= 'AWS_Lambda_nodejs20.x'
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs20.x'
  const { default: chromium } = await import('@sparticuz/chromium')
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: ARGUMENTS,
    env: { ...process.env },
  })
}
