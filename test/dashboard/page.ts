/** A page of the dashboard as a test uses it: by what a person reads and presses. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

export class DashboardPage {
  /** Errors of scripts, refused requests, breaches of the security policy. */
  readonly problems: string[] = []

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.problems.push(error.message))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(message.text())
    })
  }

  static async open(
    browser: Browser,
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<DashboardPage> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-US',
      ...options,
    })
    const opened = new DashboardPage(await context.newPage())
    await opened.page.goto(address)
    return opened
  }

  async close(): Promise<void> {
    await this.page.context().close()
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  async press(name: string): Promise<void> {
    await this.button(name).click()
  }

  async status(): Promise<string> {
    return (await this.page.locator('#status').textContent()) ?? ''
  }

  async waitForStatus(status: string): Promise<void> {
    await this.page.locator('#status', { hasText: new RegExp(`^${status}$`) }).waitFor()
  }

  /** One of the key figures. */
  async figure(name: string): Promise<string> {
    const entry = this.page
      .locator('#figures > div')
      .filter({ has: this.page.getByText(name, { exact: true }) })
    return (await entry.locator('dd').textContent()) ?? ''
  }

  async step(): Promise<number> {
    return Number((await this.figure('Step')).replaceAll(',', '').replace('–', '0'))
  }

  async waitForStep(beyond: number): Promise<number> {
    await expect.poll(() => this.step(), { timeout: 15_000 }).toBeGreaterThan(beyond)
    return this.step()
  }

  /** First and last step that the loss chart shows. */
  async shownSteps(): Promise<[number, number]> {
    const text = (await this.page.locator('#loss-text').textContent()) ?? ''
    const [, from, to] = /steps (−?[\d,-]+) to ([\d,]+)\.$/.exec(text) ?? []
    return [Number(from?.replaceAll(',', '')), Number(to?.replaceAll(',', ''))]
  }

  /** Pixels of the loss chart that are drawn in about this colour of page.css. */
  async pixels(color: string): Promise<number> {
    return this.page.evaluate((name) => {
      const canvas = document.querySelector<HTMLCanvasElement>('#loss-chart canvas')!
      const copy = document.createElement('canvas')
      copy.width = canvas.width
      copy.height = canvas.height
      copy.getContext('2d', { willReadFrequently: true })!.drawImage(canvas, 0, 0)
      const { data } = copy
        .getContext('2d', { willReadFrequently: true })!
        .getImageData(0, 0, canvas.width, canvas.height)
      const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
      const wanted = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
      let count = 0
      for (let i = 0; i < data.length; i += 4) {
        if (wanted.every((value, k) => Math.abs(data[i + k]! - value) < 12) && data[i + 3]! > 200) count++
      }
      return count
    }, color)
  }

  /** The loss curves as numbers: the table for those who do not see the chart. */
  async curve(): Promise<string[][]> {
    const details = this.page.locator('details.data')
    if ((await details.getAttribute('open')) !== null) await details.locator('summary').click()
    await details.locator('summary').click()
    return this.page
      .locator('#loss-table tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')))
  }
}
