import { EMPTY, Observable, of, throwError } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runError, usageError } from '../../src/errors.js'
import type { TrainEvent } from '../../src/events.js'
import { RunControl } from '../../src/run/run-control.js'
import { doneEvent, startEvent } from '../report/events.js'
import { addedHandlers, expectHandlers, interrupt, removeHandlers, run } from './harness.js'

// The command is tested against a stand-in for the library; what the library does has its own tests.
const train = vi.hoisted(() => vi.fn())
vi.mock('../../src/train.js', () => ({ train }))

/** Nothing happens until it is stopped, as it is where rows are waited for. */
function untilStopped(closed: () => unknown): (options: { control: RunControl }) => Observable<TrainEvent> {
  return ({ control: { signal } }) =>
    new Observable((subscriber) => {
      signal.addEventListener('abort', () => subscriber.error(signal.reason))
      return () => void closed()
    })
}

beforeEach(() => {
  train.mockReset()
  train.mockReturnValue(EMPTY)
})

afterEach(removeHandlers)

describe('millrace train', () => {
  it('hands over what was typed, and nothing else', async () => {
    const typed =
      '--target late --ignore delay,w --ignore x --batch-size 32 --learning-rate 1e-2 --no-header --no-shuffle --na ?'
    await run('train', 'a.csv', 'b.csv', ...typed.split(' '), '-o', 'm.safetensors', '--memory', '64MB')
    expect(train.mock.calls).toEqual([
      [
        {
          control: expect.any(RunControl) as RunControl,
          input: ['a.csv', 'b.csv'],
          target: 'late',
          ignore: ['delay', 'w', 'x'],
          batchSize: 32,
          learningRate: 0.01,
          header: false,
          shuffle: false,
          na: ['?'],
          out: 'm.safetensors',
          memory: '64MB',
        },
      ],
    ])
    train.mockClear()
    await run('train', 'a.csv', '--target', 'late')
    expect(train.mock.calls).toEqual([
      [
        {
          control: expect.any(RunControl) as RunControl,
          input: ['a.csv'],
          target: 'late',
          out: 'model.safetensors',
        },
      ],
    ])
  })

  it('leaves a number that is none for the check to refuse', async () => {
    await run('train', 'a.csv', '--target', 'late', '--epochs', 'many', '--seed', '-1', '--l2', '')
    expect(train.mock.calls[0]![0]).toMatchObject({ epochs: 'many', seed: -1, l2: '' })
  })

  it('shows the run on standard error only', async () => {
    train.mockReturnValue(of(startEvent(), doneEvent))
    const { code, out, err } = await run('train', 'flights.csv', '--target', 'late')
    expect([code, out]).toEqual([0, ''])
    expect(err).toContain('2,700,211 trained')
  })

  it('prints one JSON object on standard output with --json', async () => {
    train.mockReturnValue(of(startEvent(), doneEvent))
    const { out } = await run('train', 'flights.csv', '--target', 'late', '--json', '--quiet', '-o', 'm')
    expect(out.split('\n')).toHaveLength(2)
    expect(JSON.parse(out)).toMatchObject({ model: 'm', loss: 'logistic', validation: { auc: 0.644 } })
  })

  it('prints warnings and nothing else with --quiet', async () => {
    train.mockReturnValue(
      of<TrainEvent[]>(startEvent(), { type: 'warning', message: 'the rows drift' }, doneEvent),
    )
    const { code, out, err } = await run('train', 'flights.csv', '--target', 'late', '--quiet')
    expect([code, out, err]).toEqual([0, '', 'warning: the rows drift\n'])
  })

  it.each([
    ['emitted', () => throwError(() => runError('bad-row', 'expected a number', 'mend it', { line: 3 }))],
    [
      'thrown',
      () => {
        throw runError('bad-row', 'expected a number', 'mend it', { line: 3 })
      },
    ],
  ])('ends with 1 where an error of the run is %s', async (_how, behaviour) => {
    train.mockImplementation(behaviour)
    const { code, out, err } = await run('train', 'flights.csv', '--target', 'late', '--json')
    expect([code, out, err]).toEqual([1, '', 'error: expected a number\n  at line 3\n  hint: mend it\n'])
  })

  it('ends with 2 where an option is wrong', async () => {
    train.mockReturnValue(throwError(() => usageError('column', 'no column "lat"', 'did you mean "late"?')))
    const { code, err } = await run('train', 'flights.csv', '--target', 'lat')
    expect([code, err]).toEqual([2, 'error: no column "lat"\n  hint: did you mean "late"?\n'])
  })

  it('stops at an interruption and ends with 130', async () => {
    let stopped = 0
    train.mockImplementation(untilStopped(() => stopped++))
    const running = run('train', 'flights.csv', '--target', 'late')
    await vi.waitFor(expectHandlers)
    interrupt()
    const { code, err } = await running
    expect([code, stopped, err]).toEqual([130, 1, 'interrupted; no model was written\n'])
    const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${String(code)}`)
    })
    // A second signal does not wait for threads to be put away.
    expect(() => {
      interrupt()
    }).toThrow('exit 130')
    exit.mockRestore()
  })

  it('leaves no signal handlers after a run', async () => {
    await run('train', 'flights.csv', '--target', 'late')
    expect(addedHandlers('SIGINT')).toEqual([])
    expect(addedHandlers('SIGTERM')).toEqual([])
  })

  it('waits for a run that has no end', async () => {
    train.mockImplementation(untilStopped(() => undefined))
    let ended = false
    const running = run('train', '-', '--target', 'y').then((result) => {
      ended = true
      return result
    })
    await vi.waitFor(expectHandlers)
    expect(ended).toBe(false)
    interrupt()
    expect((await running).code).toBe(130)
  })
})
