import { describe, expect, it } from 'vitest'
import type { StepEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { progressLine } from '../../src/report/event-lines.js'
import { ProgressReport } from '../../src/report/progress.js'
import { RunView } from '../../src/report/run-view.js'
import { SpeedMeter } from '../../src/report/speed.js'
import { displayWidth } from '../../src/report/terminal.js'
import { captureTerminal } from './capture.js'
import {
  badRowEvent,
  doneEvent,
  epochEvent,
  everyEvent,
  progressEvent,
  startEvent,
  stepEvent,
} from './events.js'

/** In the middle of 100 MB. */
function view(
  changes: Partial<StepEvent> = {},
  options: Partial<TrainOptions> = {},
  bytes?: number,
): RunView {
  const found = new RunView()
  found.add({ ...startEvent({ epochs: 1, ...options }), bytes })
  found.add(stepEvent({ bytes: 47_000_000, rows: 1_410_000, learningRate: 0.1, ...changes }))
  found.look()
  found.speed = { rowsPerSecond: 1_400_000, bytesPerSecond: 20_000_000 }
  return found
}

describe('progressLine', () => {
  it('shows share, loss, time left, rates and rows', () => {
    // 53 MB at 20 MB/s are 2.65 s.
    expect(progressLine(view({}, {}, 1e8), 80)).toBe(
      '47 %  loss 0.4801  2.6 s left  1.40 M rows/s  20.0 MB/s  1.41 M rows',
    )
  })

  it('counts later epochs in the time left', () => {
    // 53 MB and two epochs of 100 MB at 20 MB/s are 12.65 s.
    expect(progressLine(view({}, { epochs: 3 }, 1e8), 100)).toMatch(/^epoch 1\/3 {3}47 % .* 13 s left/)
  })

  it('has neither share nor time left where the size is unknown', () => {
    expect(progressLine(view(), 80)).toBe(
      'loss 0.4801  1.40 M rows/s  20.0 MB/s  1.41 M rows  47.0 MB  rate 0.100',
    )
  })

  it('counts bad rows, and tells the learning rate where there is room', () => {
    const found = view({}, {}, 1e8)
    found.add({ ...badRowEvent, skipped: 12 })
    expect(progressLine(found, 120)).toMatch(/1\.41 M rows {2}12 bad {2}rate 0\.100$/)
  })

  it.each([20, 30, 40, 60, 80])('fits in %i cells and keeps the share', (width) => {
    const line = progressLine(view({}, {}, 1e8), width)
    expect(displayWidth(line)).toBeLessThanOrEqual(width)
    expect(line).toContain('47 %')
  })
})

describe('RunView', () => {
  const steps = (...changes: Partial<StepEvent>[]): RunView => {
    const found = new RunView()
    for (const change of changes) {
      found.add(stepEvent(change))
      found.look()
      // A look where nothing has happened changes nothing.
      found.look()
    }
    return found
  }

  it('tells the mean loss over the rows since the last look', () => {
    const found = new RunView()
    found.add(stepEvent({ loss: 0.5, batchRows: 300 }))
    found.add(stepEvent({ loss: 0.9, batchRows: 100 }))
    found.look()
    expect(found.loss).toBeCloseTo(0.6, 12)
    expect(found.losses.means(9)).toEqual([found.loss])
  })

  it('adds up epochs: the rate of steady progress stays', () => {
    const half = { rows: 50, bytes: 500 }
    const whole = { rows: 100, bytes: 1000 }
    const found = steps({ ...half, seconds: 1 }, { ...whole, seconds: 2 })
    found.add({ ...epochEvent, epoch: 1 })
    found.add(stepEvent({ epoch: 2, ...half, seconds: 3 }))
    found.add(stepEvent({ epoch: 2, ...whole, seconds: 4 }))
    found.add({ ...epochEvent, epoch: 2 })
    found.look()
    // Steady input leaves the mean where it is, up to a few roundings of numbers around 1000.
    expect(found.speed.rowsPerSecond).toBeCloseTo(50, 9)
    expect(found.speed.bytesPerSecond).toBeCloseTo(500, 9)
  })
})

describe('SpeedMeter', () => {
  it('forgets: what came before a look of one second counts ¾', () => {
    const meter = new SpeedMeter()
    meter.add({ rows: 100, bytes: 0, seconds: 1 })
    // 500 rows in the second second: (¾·100 + 500) / (¾·1 + 1).
    expect(meter.add({ rows: 600, bytes: 0, seconds: 2 }).rowsPerSecond).toBeCloseTo(575 / 1.75, 9)
  })

  it('keeps its rate where no time has passed', () => {
    const meter = new SpeedMeter()
    const first = meter.add({ rows: 100, bytes: 1000, seconds: 1 })
    expect(meter.add({ rows: 200, bytes: 2000, seconds: 1 })).toEqual(first)
    expect(new SpeedMeter().add({ rows: 1, bytes: 1, seconds: 0 }).rowsPerSecond).toBe(0)
  })
})

describe('ProgressReport', () => {
  it('writes plain lines where the output is no terminal, one every five seconds', () => {
    const terminal = captureTerminal()
    let time = 0
    const report = new ProgressReport(terminal, () => time)
    report.show(startEvent())
    const head = terminal.errText()
    expect(head).toContain(
      'flights.csv, 97.2 MB\n256 lanes · 2 workers, gradients in the pool · 1,234 parameters\n',
    )
    for (time = 0.5; time <= 12; time += 0.5) {
      report.show(stepEvent({ bytes: 45_684_000, seconds: time }))
      report.show(progressEvent())
    }
    const lines = terminal.errText().slice(head.length)
    expect(lines.match(/47 %/g)).toHaveLength(2)
    expect(lines).not.toMatch(/[\r\u001b]/)
  })

  it('tells the end of an epoch once a second at most', () => {
    const terminal = captureTerminal()
    let time = 0
    const report = new ProgressReport(terminal, () => time)
    for (let epoch = 1; epoch <= 50; epoch++) {
      time = epoch / 16
      report.show({ ...epochEvent, epoch })
    }
    // The first, at 1/16 s, and one in each of the three seconds after it.
    expect(terminal.errText().match(/^epoch \d+/gm)).toEqual(['epoch 1', 'epoch 17', 'epoch 33', 'epoch 49'])
  })

  it('ends with the summary; the only epoch is not told twice', () => {
    const terminal = captureTerminal()
    const report = new ProgressReport(terminal)
    report.show(startEvent({ epochs: 1 }))
    report.show(stepEvent())
    report.show(epochEvent)
    report.show(doneEvent)
    expect(terminal.errText()).not.toContain('epoch 1/1')
    expect(terminal.errText()).toMatch(
      /predict {3}millrace predict flights\.safetensors new\.csv -o predictions\.csv\n$/,
    )
  })

  it('tells the first bad rows and failures of workers, and then no more', () => {
    const terminal = captureTerminal()
    const report = new ProgressReport(terminal)
    for (let skipped = 1; skipped <= 5; skipped++) {
      report.show({ ...badRowEvent, skipped, line: skipped === 2 ? undefined : skipped })
      report.show({ type: 'worker', worker: 1, state: 'failed', message: 'a worker ended\u0007' })
    }
    const bad = 'expected a number, got "abc"'
    expect(terminal.errText().split('\n')).toEqual([
      `bad row: flights.csv, line 1, column "hour": ${bad}`,
      'warning: a worker ended\\u0007',
      `bad row: flights.csv, byte 431, column "hour": ${bad}`,
      'warning: a worker ended\\u0007',
      `bad row: flights.csv, line 3, column "hour": ${bad}; if there are more, they are counted`,
      'warning: a worker ended\\u0007; if there are more, they are not told',
      '',
    ])
  })

  it.each([{}, { isTTY: true }])('writes no control codes with %j and TERM=dumb', (shape) => {
    const terminal = captureTerminal(shape, { TERM: 'dumb' })
    let time = 0
    const report = new ProgressReport(terminal, () => (time += 10))
    for (const event of everyEvent) report.show(event)
    report.close()
    expect(terminal.errText()).toContain('loss 0.4801')
    expect(terminal.errText()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]/)
  })

  it('names standard input, how its rows are mixed, and one worker', () => {
    const terminal = captureTerminal()
    const event = {
      ...startEvent({ input: ['-'] }),
      lanes: 1,
      workers: 1,
      bytes: undefined,
      placement: 'inline' as const,
    }
    new ProgressReport(terminal).show(event)
    expect(terminal.errText()).toMatch(
      /^standard input\na shuffle buffer · 1 worker, gradients inline · 1,234 parameters\n/,
    )
    const several = captureTerminal()
    new ProgressReport(several).show(startEvent({ input: ['a.csv', 'b.csv', 'c.csv'] }))
    expect(several.errText()).toMatch(/^a\.csv and 2 more, 97\.2 MB/)
  })
})
