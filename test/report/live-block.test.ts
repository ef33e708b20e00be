/**
 * The live block as a terminal shows it. Oracle: the lines are written by hand from the events in events.ts; what a terminal
 * makes of the codes is xterm's own.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import fc from 'fast-check'
import type { TrainEvent } from '../../src/events.js'
import { ProgressReport } from '../../src/report/progress.js'
import { EmulatedTerminal } from './emulator.js'
import {
  badRowEvent,
  bottleneckEvent,
  doneEvent,
  epochEvent,
  startEvent,
  stepEvent,
  validationEvent,
} from './events.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const start = { ...startEvent({ epochs: 3 }), bytes: 100e6 }
/** 20 MB and 0.6 M rows a second. */
const stepAt = (seconds: number): TrainEvent =>
  stepEvent({ seconds, bytes: seconds * 20e6, rows: seconds * 600_000, loss: 0.4 + 0.2 / seconds ** 2 })

/** A run up to its middle; `frame` lets the clock of the block go on. */
function begin(terminal: EmulatedTerminal): {
  report: ProgressReport
  frame: () => void
  show: (...events: TrainEvent[]) => void
} {
  const report = new ProgressReport(terminal)
  const frame = (): void => {
    vi.advanceTimersByTime(100)
  }
  const show = (...events: TrainEvent[]): void => {
    for (const event of events) {
      report.show(event)
      frame()
    }
  }
  show(start, stepAt(1), stepAt(2))
  return { report, frame, show }
}

const isBlock = (line: string): boolean =>
  /^(epoch +\d+\/\d  |rows  |loss  |held out  |workers  |bad rows  )/.test(line)

describe('the live block', () => {
  it('shows how far the run is, how fast, and what it has learned', async () => {
    const terminal = new EmulatedTerminal(80, 24)
    const { show } = begin(terminal)
    show(validationEvent, bottleneckEvent, badRowEvent, stepAt(3))
    const lines = await terminal.lines()
    // 40 MB of this epoch and two of 100 MB are 12 s at 20 MB/s. The bar: 79 cells without label, share, time and gaps are 46.
    expect(lines.slice(-6)).toEqual([
      `epoch 1/3  ${'━'.repeat(28)}${'─'.repeat(18)}   60 %  12 s left`,
      'rows       1.80 M  600 k/s   20.0 MB/s',
      'loss       0.4222  rate 0.100  █▂▁',
      'held out   loss 0.4785  auc 0.6440  accuracy 0.8010  brier 0.1520',
      'workers    █▇ 91 % busy  parsing limits the run',
      'bad rows   1 skipped  last: not a number in line 12',
    ])
    expect(lines.filter(isBlock)).toHaveLength(6)
    expect(await terminal.cursor()).toEqual({ column: 0, row: lines.length, isVisible: true })
  })

  it.each([
    [
      40,
      10,
      [
        'epoch 1/3  ━━━━──   60 %  12 s left',
        'rows       1.80 M  600 k/s   20.0 MB/s',
        'loss       0.4222  █▂▁',
        'held out   loss 0.4785  auc 0.6440',
        'bad rows   1 skipped',
      ],
    ],
    [20, 8, ['━━━━━━━─────   60 %', '600 k rows/s', 'loss 0.4222  █▂▁', 'held out 0.4785']],
    [20, 3, ['━━━━━━━─────   60 %', 'loss 0.4222  █▂▁']],
    [80, 2, [`epoch 1/3  ${'━'.repeat(28)}${'─'.repeat(18)}   60 %  12 s left`]],
    [9, 2, [' 60 %']],
  ])('shows in %i × %i cells what matters most', async (columns, rows, expected) => {
    const terminal = new EmulatedTerminal(columns, rows)
    const { show } = begin(terminal)
    show(validationEvent, bottleneckEvent, badRowEvent, stepAt(3))
    expect((await terminal.lines()).slice(-expected.length)).toEqual(expected)
    expect(await terminal.cursor()).toMatchObject({ column: 0, isVisible: true })
  })

  it('draws nothing where there is one row', async () => {
    const terminal = new EmulatedTerminal(80, 1)
    const { show } = begin(terminal)
    show({ type: 'warning', message: 'it drifts' })
    expect((await terminal.lines('scrollback')).filter(isBlock)).toEqual([])
    expect((await terminal.lines('scrollback')).at(-1)).toBe('warning: it drifts')
  })

  it('draws with ASCII where the locale has no more', async () => {
    const terminal = new EmulatedTerminal(80, 24, { NO_COLOR: '1', LANG: 'C' })
    const { show } = begin(terminal)
    show(bottleneckEvent, stepAt(3))
    const block = (await terminal.lines()).filter(isBlock)
    expect(block[0]).toBe(`epoch 1/3  ${'='.repeat(28)}${'-'.repeat(18)}   60 %  12 s left`)
    expect(block[2]).toBe('loss       0.4222  rate 0.100  #:.')
    expect(block.join('')).toMatch(/^[ -~]*$/)
  })

  it('tells of a source without size, and of a pause', async () => {
    const terminal = new EmulatedTerminal(80, 24)
    const report = new ProgressReport(terminal)
    report.show({ ...startEvent({ input: ['-'], epochs: 1 }), bytes: undefined })
    report.show(stepEvent({ seconds: 2, bytes: 47e6 }))
    vi.advanceTimersByTime(100)
    expect(await terminal.lines()).toContain('epoch 1/1  47.0 MB  2.0 s')
    report.show({ type: 'pause', paused: true, step: 1 })
    vi.advanceTimersByTime(100)
    expect(await terminal.lines()).toContain('epoch 1/1  47.0 MB  paused')
    report.show({ type: 'pause', paused: false, step: 1 })
    vi.advanceTimersByTime(100)
    const lines = await terminal.lines()
    expect(lines).toContain('epoch 1/1  47.0 MB  2.0 s')
    expect(lines).toEqual(expect.arrayContaining(['paused after step 1', 'resumed after step 1']))
  })

  it('lets plain lines scroll by above it, each once', async () => {
    const terminal = new EmulatedTerminal(40, 10)
    const { show } = begin(terminal)
    const messages = Array.from(
      { length: 60 },
      (_, i) => `message ${i}, which is longer than the line is wide`,
    )
    for (const message of messages) show({ type: 'warning', message })
    expect((await terminal.lines()).filter(isBlock)).toHaveLength(3)
    const all = (await terminal.lines('scrollback')).join('')
    expect(all.match(/message \d+,/g)).toEqual(messages.map((message) => /message \d+,/.exec(message)![0]))
    expect((await terminal.lines('scrollback')).filter(isBlock)).toHaveLength(3)
  })

  it('ends on a clean line with the summary, and writes no more', async () => {
    const terminal = new EmulatedTerminal(80, 24)
    const { report, show, frame } = begin(terminal)
    show(epochEvent, doneEvent)
    const { writes } = terminal
    const lines = await terminal.lines()
    expect(lines.filter(isBlock)).toEqual([
      // The end of the first of three epochs, which was told as a line.
      'epoch 1/3  loss 0.4801  held out: loss 0.4785  auc 0.6440  accuracy 0.8010',
      expect.stringMatching(/^rows {6}3,000,000 read = /),
      'held out  loss 0.4785  auc 0.6440  accuracy 0.8010  brier 0.1520',
    ])
    expect(lines.at(-1)).toBe('predict   millrace predict flights.safetensors new.csv -o predictions.csv')
    expect(await terminal.cursor()).toEqual({ column: 0, row: lines.length, isVisible: true })
    report.close()
    frame()
    await terminal.resize(40, 10)
    expect([terminal.writes, terminal.listeners]).toEqual([writes, 0])
  })

  it('goes without a trace where the run is stopped', async () => {
    const terminal = new EmulatedTerminal(80, 24)
    const { report } = begin(terminal)
    await terminal.type('^C')
    report.close()
    const lines = await terminal.lines()
    expect(lines.filter(isBlock)).toEqual([])
    // An empty line stood above the block.
    expect(await terminal.cursor()).toEqual({ column: 0, row: lines.length + 1, isVisible: true })
  })

  it('begins again below what a shell has written', async () => {
    const terminal = new EmulatedTerminal(80, 24)
    const { show } = begin(terminal)
    await terminal.putAside('[1]+  Stopped    millrace train\n$ fg\nmillrace train\n')
    show(stepAt(3))
    const lines = await terminal.lines()
    expect(lines.slice(-8)).toEqual([
      '  late    target   2 classes  0, 1',
      '',
      '[1]+  Stopped    millrace train',
      '$ fg',
      'millrace train',
      expect.stringMatching(/^epoch 1.* 60 %/),
      expect.stringMatching(/^rows /),
      expect.stringMatching(/^loss /),
    ])
  })

  it('is drawn in one write, ten times a second at most, where it has changed', () => {
    const terminal = new EmulatedTerminal(80, 24)
    const { report, frame } = begin(terminal)
    const { writes } = terminal
    for (let tick = 0; tick < 100; tick++) {
      for (let step = 0; step < 100; step++) report.show(stepEvent({ step }))
      report.show(stepAt(2 + tick / 100))
      vi.advanceTimersByTime(10)
    }
    expect(terminal.writes - writes).toBe(10)
    report.show(stepAt(4))
    frame()
    frame()
    expect(terminal.writes - writes).toBe(11)
  })

  it.each([
    [40, 24],
    [120, 24],
    [80, 10],
    [80, 40],
    [33, 12],
    [20, 6],
  ])('leaves nothing behind where the terminal becomes %i × %i', async (columns, rows) => {
    const terminal = new EmulatedTerminal(80, 24)
    const { show } = begin(terminal)
    show(validationEvent, bottleneckEvent, badRowEvent)
    await terminal.resize(columns, rows)
    show(stepAt(3))
    const lines = await terminal.lines()
    expect(lines.filter((line) => /[━─]/.test(line))).toHaveLength(1)
    expect(await terminal.cursor()).toEqual({ column: 0, row: lines.length, isVisible: true })
    await terminal.resize(80, 24)
    show(stepAt(4))
    expect((await terminal.lines()).filter((line) => /[━─]/.test(line))).toHaveLength(1)
  })

  it('is in order after any course of lines and sizes, told or not', async () => {
    const size = fc.record({
      columns: fc.integer({ min: 20, max: 100 }),
      rows: fc.integer({ min: 8, max: 40 }),
    })
    const event = fc.oneof(
      { weight: 3, arbitrary: fc.constant('frame' as const) },
      { weight: 2, arbitrary: fc.constant('line' as const) },
      { weight: 2, arbitrary: size },
    )
    await fc.assert(
      fc.asyncProperty(size, fc.array(event, { maxLength: 30 }), async (first, events) => {
        const terminal = new EmulatedTerminal(first.columns, first.rows)
        const { show, report, frame } = begin(terminal)
        let seconds = 2
        let lines = 0
        for (const next of events) {
          if (next === 'frame') show(stepAt((seconds += 0.01)))
          else if (next === 'line') show({ type: 'warning', message: `w${lines++}.` })
          else await terminal.resize(next.columns, next.rows)
        }
        frame()
        expect((await terminal.lines()).filter((line) => /[━─]/.test(line))).toHaveLength(1)
        const told = (await terminal.lines('scrollback')).filter((line) => line.startsWith('warning: w'))
        expect(told).toEqual(Array.from({ length: lines }, (_, i) => `warning: w${i}.`))
        report.close()
        expect((await terminal.lines()).filter((line) => /[━─]/.test(line))).toEqual([])
      }),
      { numRuns: process.env['MILLRACE_THOROUGH'] === '1' ? 2000 : 60 },
    )
  })
})
