// Pictures of the dashboard for the README, of a real run: of the flights where they have been made (npm run data:flights), else of
// the penguins. Usage: npx tsx scripts/screenshots.mts
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { RunControl } from '../src/run/run-control.js'
import type { TrainOptions } from '../src/options.js'
import { train } from '../src/train.js'
import { launchBrowser } from '../test/dashboard/browser.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const pictures = path.join(root, 'docs/pictures')
const size = { width: 1280, height: 1064 }
/** Share of the run after which the pictures are taken. */
const MOMENT = 0.5

const flights: TrainOptions = {
  input: 'data/flights.csv',
  target: 'late',
  ignore: 'delay',
  epochs: 20,
  batchSize: 256,
  learningRate: 0.02,
}
const penguins: TrainOptions = {
  input: 'data/penguins.csv',
  target: 'Species',
  epochs: 20_000,
  batchSize: 32,
}

process.chdir(root)
mkdirSync(pictures, { recursive: true })
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-pictures-'))
const control = new RunControl()
const browser = await launchBrowser()
const page = await (
  await browser.newContext({ viewport: size, colorScheme: 'light', locale: 'en-US' })
).newPage()
const options: TrainOptions = {
  ...(existsSync('data/flights.csv') ? flights : penguins),
  validation: 0.1,
  out: path.join(folder, 'model.safetensors'),
  checkpoint: path.join(folder, 'checkpoints'),
  dashboard: true,
  control,
}
await new Promise<void>((resolve, reject) => {
  train(options).subscribe({
    next(event) {
      if (event.type === 'start') void takePictures(event.dashboard!).catch(reject)
    },
    error: (error: Error) => (control.signal.aborted ? resolve() : reject(error)),
    complete: () => reject(new Error('the run was over before the pictures were taken: give it more epochs')),
  })
})
await browser.close()
rmSync(folder, { recursive: true })

async function takePictures(address: string): Promise<void> {
  await page.goto(address)
  const bar = page.locator('#progress')
  while (!(Number(await bar.getAttribute('aria-valuenow')) >= MOMENT * 100)) await page.waitForTimeout(50)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    // Charts are drawn anew in the next frame, bars move for half a second.
    await page.waitForTimeout(700)
    await page.screenshot({ path: path.join(pictures, `dashboard-${colorScheme}.png`) })
  }
  control.stop()
}
