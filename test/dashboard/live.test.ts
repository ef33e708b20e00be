/** The page in a real browser, on real runs. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fit } from '../../src/train.js'
import { launchBrowser } from './browser.js'
import { DashboardPage } from './page.js'
import {
  hostileCategory,
  hostileColumn,
  optionsOf,
  startPaused,
  writeRows,
  type StartedRun,
} from './small-run.js'

let browser: Browser
let folder: string
let unwatched: Buffer
const runs: StartedRun[] = []
const pages: DashboardPage[] = []

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-dashboard-'))
  writeRows(folder)
  const options = optionsOf(folder, 'unwatched')
  await fit(options)
  unwatched = readFileSync(options.out!)
  browser = await launchBrowser()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

afterEach(async () => {
  for (const { control, end } of runs.splice(0)) {
    control.stop()
    await end
  }
  const problems = pages.flatMap((page) => page.problems)
  for (const page of pages.splice(0)) await page.close()
  // That the server is gone at the end is no fault of the page.
  expect(
    problems.filter((problem) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED/.test(problem)),
  ).toEqual([])
})

async function start(out: string, changes: Partial<ReturnType<typeof optionsOf>> = {}): Promise<StartedRun> {
  const run = await startPaused({ ...optionsOf(folder, out), ...changes })
  runs.push(run)
  return run
}

async function open(
  address: string,
  options?: Parameters<typeof DashboardPage.open>[2],
): Promise<DashboardPage> {
  const page = await DashboardPage.open(browser, address, options)
  pages.push(page)
  return page
}

describe('a run in the browser', () => {
  it('is paused, reloaded, gone on with by buttons, and ends with the bits of one that nobody watched', async () => {
    const { address, end } = await start('watched')
    const page = await open(address)
    await page.waitForStatus('Paused')
    // It stands still between two steps: at the first one.
    expect(await page.step()).toBeLessThanOrEqual(1)

    await page.press('Resume')
    await page.waitForStep(3000)
    await page.press('Pause')
    await page.waitForStatus('Paused')
    // The newest state is at most one message behind the status.
    await expect
      .poll(async () => [await page.step(), await page.step()])
      .toEqual([expect.any(Number), await page.step()])
    const stopped = await page.step()
    const curve = await page.curve()
    const pixels = await page.pixels('train')
    expect(stopped).toBeGreaterThan(3000)
    expect(curve.length).toBeGreaterThan(10)
    expect(Number(curve.at(-1)![0]!.replaceAll(',', ''))).toBe(stopped)
    expect(pixels).toBeGreaterThan(200)
    // The loss that the last row shows is less than that of the first: the model learns.
    expect(Number(curve.at(-1)![6])).toBeLessThan(Number(curve[0]![6]))

    await page.page.reload()
    await page.waitForStatus('Paused')
    expect(await page.step()).toBe(stopped)
    expect(await page.curve()).toEqual(curve)

    const late = await open(address)
    await late.waitForStatus('Paused')
    expect(await late.curve()).toEqual(curve)
    expect(await late.pixels('train')).toBe(await page.pixels('train'))

    // No step was taken meanwhile.
    expect(await page.step()).toBe(stopped)
    await page.press('Resume')
    await late.waitForStep(stopped)
    expect(await end).toBe('done')
    await page.waitForStatus('Done')
    expect(readFileSync(path.join(folder, 'watched')).equals(unwatched)).toBe(true)
    // The server ends with the run; the page keeps its picture and says so.
    await page.page.getByText('this is its last picture').waitFor()
    expect(await page.pixels('train')).toBeGreaterThan(200)
    expect(await page.button('Pause').isDisabled()).toBe(true)
  })

  it('zooms by dragging, and back by a double click, the button, and keys', async () => {
    const { address } = await start('zoomed')
    const { page, ...opened } = await open(address).then((at) => ({
      page: at,
      keyboard: at.page.keyboard,
      mouse: at.page.mouse,
      chart: at.page.locator('#loss-chart .u-over'),
    }))
    await page.press('Resume')
    await page.waitForStep(5000)
    await page.press('Pause')
    await page.waitForStatus('Paused')
    const whole = await page.shownSteps()
    expect(whole[0]).toBeLessThan(200)

    const box = (await opened.chart.boundingBox())!
    const drag = async (): Promise<void> => {
      await opened.mouse.move(box.x + box.width * 0.25, box.y + 60)
      await opened.mouse.down()
      await opened.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 })
      await opened.mouse.up()
    }
    const share = async (): Promise<number[]> => {
      const [from, to] = await page.shownSteps()
      return [from, to].map((step) => (step - whole[0]) / (whole[1] - whole[0]))
    }
    await drag()
    await expect.poll(async () => (await share())[1]!).toBeLessThan(0.6)
    const [from, to] = await share()
    // A pixel of 500 is 0.002.
    expect(from).toBeCloseTo(0.25, 1)
    expect(to).toBeCloseTo(0.5, 1)
    await opened.chart.dblclick()
    await expect.poll(() => page.shownSteps()).toEqual(whole)

    await drag()
    await expect.poll(async () => (await share())[1]!).toBeLessThan(0.6)
    await page.press('Whole run')
    await expect.poll(() => page.shownSteps()).toEqual(whole)

    await page.page.locator('#loss-chart').focus()
    await opened.keyboard.press('+')
    await expect.poll(async () => (await page.shownSteps())[0]).toBeGreaterThan(whole[0])
    await opened.keyboard.press('0')
    await expect.poll(() => page.shownSteps()).toEqual(whole)

    // Log and linear differ in the picture, and a curve that is not wanted goes.
    const before = await page.pixels('train')
    await page.page.getByLabel('Logarithmic').check()
    expect(await page.pixels('train')).not.toBe(before)
    await page.page.getByRole('button', { name: /^Train, smoothed/ }).click()
    await expect.poll(() => page.pixels('train')).toBeLessThan(before / 4)
    await page.page.getByLabel('Over').selectOption('Rows')
    await page.page.getByLabel('Over').selectOption('Time')
  })

  it('is stopped with a checkpoint from which it goes on to the same bits', async () => {
    const checkpoint = path.join(folder, 'kept')
    const { address, end } = await start('stopped', { checkpoint })
    const page = await open(address)
    await page.waitForStatus('Paused')
    await page.press('Resume')
    await page.waitForStep(2000)
    await page.press('Checkpoint now')
    await page.page
      .locator('#live', { hasText: 'The last checkpoint is of step' })
      .waitFor({ state: 'attached' })
    await page.press('Pause')
    await page.waitForStatus('Paused')
    const files = readdirSync(checkpoint)
    expect(files.length).toBeGreaterThan(0)

    await page.press('Stop')
    await page.page.getByRole('dialog').getByText('goes on from there').waitFor()
    await page.press('Go on')
    expect(await page.status()).toBe('Paused')
    await page.press('Stop')
    await page.press('Stop it')
    const error = await end
    expect(error).toMatchObject({ name: 'AbortError' })
    await page.waitForStatus('Stopped')
    expect(existsSync(path.join(folder, 'stopped'))).toBe(false)

    const options = { ...optionsOf(folder, 'stopped'), checkpoint, resume: true }
    await fit(options)
    expect(readFileSync(options.out!).equals(unwatched)).toBe(true)
  })

  it('shows what is hostile as text', async () => {
    const { address } = await start('hostile')
    const page = await open(address)
    await page.press('Resume')
    await page.waitForStep(3000)
    await page.page.locator('#schema').getByText(hostileColumn, { exact: true }).waitFor()
    await page.page.locator('#bad-rows').getByText('<b>no number</b>').waitFor()
    await page.page.locator('#weights').getByText(hostileCategory).waitFor()
    expect(await page.page.evaluate(() => 'hacked' in window)).toBe(false)
    // No element was made of it: the page has one script, no images and no bold text.
    expect(await page.page.locator('script').count()).toBe(1)
    expect(await page.page.locator('img, b').count()).toBe(0)
  })

  it('can be used by keys alone', async () => {
    const { address, control } = await start('keys')
    const page = await open(address)
    await page.waitForStatus('Paused')
    const { keyboard } = page.page
    const focused = async (): Promise<string> =>
      page.page.evaluate(() => document.activeElement?.textContent ?? '')
    await keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the charts')
    await keyboard.press('Tab')
    expect(await focused()).toBe('Resume')
    // What has the focus is seen to have it.
    expect(await page.button('Resume').evaluate((button) => getComputedStyle(button).outlineStyle)).toBe(
      'solid',
    )
    await keyboard.press('Enter')
    await page.waitForStatus('Running')
    await keyboard.press('Space')
    await page.waitForStatus('Paused')
    expect(control.isPaused).toBe(true)
    // No folder for checkpoints: that button is passed over.
    await keyboard.press('Tab')
    expect(await focused()).toBe('Stop')
    await keyboard.press('Enter')
    await page.page.getByRole('dialog').getByText('what it has learned so far is lost').waitFor()
    expect(await focused()).toBe('Go on')
    await keyboard.press('Escape')
    expect(await page.page.getByRole('dialog').isVisible()).toBe(false)
    expect(await focused()).toBe('Stop')
    await keyboard.press('Tab')
    await keyboard.press('Enter')
    expect(await page.page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark')
  })
})

describe('light and dark', () => {
  it('follow the system, until one is chosen, which is remembered', async () => {
    const { address } = await start('themes')
    const page = await open(address, { colorScheme: 'dark' })
    const theme = async (): Promise<string> =>
      page.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const dark = await theme()
    await page.page.emulateMedia({ colorScheme: 'light' })
    await expect.poll(theme).not.toBe(dark)
    await page.press('Dark colours')
    await expect.poll(theme).toBe(dark)
    await page.page.reload()
    expect(await theme()).toBe(dark)
  })
})
