import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { scattered, temporaryFolder } from '../train/files.js'
import { all, parseXml } from '../report/plot/xml.js'
import { run } from './harness.js'

const { folder, write } = temporaryFolder()
const file = (name: string): string => join(folder, name)
const rows = Array.from(
  { length: 600 },
  (_, i) => `${(scattered(i) * 8).toFixed(2)},c${i % 7},${(i * 7) % 5 > 1 ? 'yes' : 'no'}`,
)
const csv = write('rows.csv', `<script>,c,late\n${rows.join('\n')}\n`)
const train = (...more: string[]): Promise<{ code: number; err: string }> =>
  run('train', csv, '--target', 'late', '--workers', '1', '--quiet', '--batch-size', '32', ...more)

beforeAll(async () => {
  const linear = await train(
    '--validation',
    '0.2',
    '--epochs',
    '3',
    '--events',
    file('linear.ndjson'),
    '-o',
    file('linear.safetensors'),
  )
  const network = await train(
    '--hidden',
    '4',
    '--epochs',
    '1',
    '--events',
    file('network.ndjson'),
    '-o',
    file('network.safetensors'),
  )
  expect([linear, network]).toMatchObject([{ code: 0 }, { code: 0 }])
})

describe('millrace plot', () => {
  it('draws the losses of a run', async () => {
    const { code, out, err } = await run('plot', file('linear.ndjson'), '-o', file('loss.svg'))
    // 480 rows or so by 32 in each of three epochs; the number of steps is that of the file.
    const steps = readFileSync(file('linear.ndjson'), 'utf8').match(/"type":"step"/g)!.length
    expect({ code, out, err }).toEqual({
      code: 0,
      out: '',
      err: `${file('loss.svg')}: ${steps} steps of 1 run\n`,
    })
    const svg = parseXml(readFileSync(file('loss.svg'), 'utf8'))
    expect(svg.attributes).toMatchObject({ xmlns: 'http://www.w3.org/2000/svg', width: '880', height: '480' })
    // Three epochs, and the legend.
    expect(all(svg, 'circle')).toHaveLength(4)
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
  })

  it('writes several runs to standard output', async () => {
    const { code, out, err } = await run(
      'plot',
      file('linear.ndjson'),
      file('network.ndjson'),
      '-o',
      '-',
      '--width',
      '500',
      '--log',
    )
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(parseXml(out).attributes['width']).toBe('500')
    expect(out).toContain('network.ndjson')
  })

  it('draws a run that still goes, or was killed', async () => {
    const text = readFileSync(file('linear.ndjson'), 'utf8')
    const cut = write('cut.ndjson', text.slice(0, text.indexOf('"type":"step"') + 2000))
    expect(await run('plot', cut, '-o', '-')).toMatchObject({ code: 0, err: '' })
  })

  it.each([
    ['an empty file', 1, () => [write('empty.ndjson', '')], 'error: no steps to draw'],
    [
      'a file without steps',
      1,
      () => [write('few.ndjson', '{"type":"interrupted"}\n')],
      'error: no steps to draw',
    ],
    ['a CSV', 1, () => [csv], 'rows.csv, line 1'],
    ['no file', 1, () => [file('none.ndjson')], 'none.ndjson'],
    [
      'a picture of another kind',
      2,
      () => [file('linear.ndjson'), '-o', file('loss.png')],
      '--out: pictures are SVG',
    ],
    [
      'a picture in the place of its events',
      2,
      () => [file('linear.ndjson'), '-o', file('linear.ndjson')],
      'take the place',
    ],
    [
      'a size that is none',
      2,
      () => [file('linear.ndjson'), '--width', 'wide'],
      '--width: expected 240 … 10,000 pixels, got wide',
    ],
    [
      'a folder that is not there',
      1,
      () => [file('linear.ndjson'), '-o', file('none/loss.svg')],
      'make the folder',
    ],
  ])('refuses %s', async (_what, code, args, message) => {
    const ended = await run('plot', ...args())
    expect(ended).toMatchObject({ code, out: '' })
    expect(ended.err).toContain(message)
    expect(existsSync(file('loss.png'))).toBe(false)
  })
})

describe('millrace inspect --plot', () => {
  it('draws the weights of a linear model', async () => {
    const { code, out } = await run('inspect', file('linear.safetensors'), '--plot', file('weights.svg'))
    expect(code).toBe(0)
    expect(out).toContain('adds to the')
    const texts = all(parseXml(readFileSync(file('weights.svg'), 'utf8')), 'text').map(({ text }) => text)
    expect(texts).toEqual(
      expect.arrayContaining(['What adds most to the log-odds of late = yes', '<script>']),
    )
  })

  it('draws what a network reads, to standard output and nothing else there', async () => {
    const { code, out } = await run('inspect', file('network.safetensors'), '--plot', '-')
    expect(code).toBe(0)
    const texts = all(parseXml(out), 'text').map(({ text }) => text)
    expect(texts).toEqual(expect.arrayContaining(['What the network reads most', '<script>', 'c']))
  })

  it('refuses a CSV, and a picture in the place of the model', async () => {
    expect(await run('inspect', csv, '--plot', file('csv.svg'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('--plot: expected a model file') as string,
    })
    const model = file('linear.safetensors')
    expect(await run('inspect', model, '--plot', model)).toMatchObject({ code: 2 })
  })
})
