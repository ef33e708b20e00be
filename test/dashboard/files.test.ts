/** `millrace dashboard` in a real browser, and what is asked of every page: names, contrast, order. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import { fit } from '../../src/train.js'
import { interrupt } from '../cli/harness.js'
import { captureTerminal } from '../report/capture.js'
import { launchBrowser } from './browser.js'
import { DashboardPage } from './page.js'
import { optionsOf, writeRows } from './small-run.js'

let browser: Browser
let folder: string
let lines: string[]

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-dashboard-'))
  writeRows(folder)
  const file = path.join(folder, 'one.ndjson')
  const options = { ...optionsOf(folder, 'one'), epochs: 3, batchSize: 64, events: file }
  await fit(options)
  await fit({ ...options, learningRate: 0.01, events: path.join(folder, 'two.ndjson') })
  lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  browser = await launchBrowser()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

/** The command on these files, for as long as `use` takes. */
async function shown(names: string[], use: (page: DashboardPage) => Promise<void>): Promise<string> {
  const terminal = captureTerminal()
  const code = runCommandLine(['dashboard', ...names.map((name) => path.join(folder, name))], terminal)
  const address = await vi.waitFor(() => {
    const found = /http:\S+/.exec(terminal.errText())
    expect(found).not.toBeNull()
    return found![0]
  }, 10_000)
  const page = await DashboardPage.open(browser, address)
  try {
    await use(page)
    expect(page.problems).toEqual([])
  } finally {
    await page.close()
    interrupt()
  }
  expect(await code).toBe(0)
  return terminal.errText()
}

describe('millrace dashboard', () => {
  it('shows a finished run without buttons', async () => {
    await shown(['one.ndjson'], async (page) => {
      await page.waitForStatus('Done')
      const done = JSON.parse(lines.at(-1)!) as { steps: number; validation: { auc: number } }
      expect(await page.step()).toBe(done.steps)
      expect(await page.page.locator('#metrics').textContent()).toContain(done.validation.auc.toFixed(4))
      expect(await page.pixels('train')).toBeGreaterThan(200)
      expect(await page.pixels('validation')).toBeGreaterThan(20)
      expect(await page.page.locator('#buttons').isVisible()).toBe(false)
    })
  })

  it('lays the losses of two runs over each other, and shows the details of either', async () => {
    await shown(['one.ndjson', 'two.ndjson'], async (page) => {
      await page.waitForStatus('Done')
      await expect.poll(() => page.pixels('run-0')).toBeGreaterThan(100)
      expect(await page.pixels('run-1')).toBeGreaterThan(100)
      const rate = async (): Promise<string> =>
        (await page.page
          .locator('#options > div', { hasText: /^learning rate/ })
          .locator('dd')
          .textContent()) ?? ''
      const first = await rate()
      expect(first).not.toBe('0.01')
      await page.page.getByRole('radio', { name: /two\.ndjson/ }).check()
      await expect.poll(rate).toBe('0.01')
      await page.page.getByRole('button', { name: /two\.ndjson/ }).click()
      await expect.poll(() => page.pixels('run-1')).toBeLessThan(20)
    })
  })

  it('waits for a file, follows it as it grows, and begins anew with it', async () => {
    const file = path.join(folder, 'grows.ndjson')
    const half = lines.findIndex((line) => line.includes('"type":"step"')) + 100
    const text = await shown(['grows.ndjson'], async (page) => {
      await page.waitForStatus('Waiting')
      writeFileSync(file, `${lines.slice(0, half).join('\n')}\n`)
      await page.waitForStatus('Running')
      const step = await page.waitForStep(20)
      appendFileSync(file, `${lines.slice(half).join('\n')}\n`)
      await page.waitForStatus('Done')
      expect(await page.step()).toBeGreaterThan(step)
      writeFileSync(file, `${lines.slice(0, half).join('\n')}\n`)
      await page.waitForStatus('Running')
      expect(await page.step()).toBe(step)
    })
    expect(text).toContain('waiting for')
  })
})

describe.each(['light', 'dark'] as const)('the page, %s', (colorScheme) => {
  it('has names for everything, one of each id, headings in order, and contrast', async () => {
    await shown(['one.ndjson', 'two.ndjson'], async ({ page }) => {
      await page.emulateMedia({ colorScheme })
      await page.locator('#schema table').waitFor()
      expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe(colorScheme)
      expect(await page.evaluate(nameless)).toEqual([])
      const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id))
      expect(new Set(ids).size).toBe(ids.length)
      expect(await page.locator('h1').count()).toBe(1)
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
      expect(await page.evaluate(pale)).toEqual([])
    })
  })

  it('fits a telephone', async () => {
    await shown(['one.ndjson'], async ({ page }) => {
      await page.setViewportSize({ width: 360, height: 740 })
      await page.locator('#schema table').waitFor()
      await expect
        .poll(() => page.evaluate(() => document.documentElement.scrollWidth))
        .toBeLessThanOrEqual(360)
    })
  })
})

/** Controls and regions that a screen reader could not name. Runs in the page. */
function nameless(): string[] {
  const textOf = (ids: string | null): string =>
    (ids ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent ?? '')
      .join('')
  return [
    ...document.querySelectorAll<HTMLElement>(
      'button, select, input, section, [role=group], [role=region], canvas',
    ),
  ]
    .filter((element) => !element.closest('[aria-hidden=true], [hidden], dialog:not([open])'))
    .filter((element) => {
      if (element instanceof HTMLCanvasElement) return element.closest('#loss-chart, #rate-chart') === null
      const labels = 'labels' in element ? [...(element as HTMLInputElement).labels!] : []
      const own = element instanceof HTMLButtonElement ? element.textContent : ''
      const names = [element.getAttribute('aria-label'), textOf(element.getAttribute('aria-labelledby')), own]
      return [...names, ...labels.map((label) => label.textContent)].every((name) => !name?.trim())
    })
    .map((element) => element.outerHTML.slice(0, 80))
}

/** Texts with less contrast than 4.5 (WCAG 2.2, 1.4.3). Runs in the page. */
function pale(): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
  const rgba = (color: string): number[] => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const luminance = (color: string): number => {
    const [r, g, b] = rgba(color).map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  const behind = (element: Element | null): string => {
    if (element === null) return 'white'
    const color = getComputedStyle(element).backgroundColor
    return rgba(color)[3] === 255 ? color : behind(element.parentElement)
  }
  return [...document.querySelectorAll<HTMLElement>('body *')]
    .filter((element) =>
      [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim()),
    )
    .filter(
      (element) => element.checkVisibility() && !element.matches(':disabled, :disabled *, noscript, script'),
    )
    .flatMap((element) => {
      const [text, ground] = [luminance(getComputedStyle(element).color), luminance(behind(element))]
      const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
      return contrast < 4.5 ? [`${contrast.toFixed(2)} ${element.outerHTML.slice(0, 80)}`] : []
    })
}
