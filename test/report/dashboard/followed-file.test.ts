import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FollowedFile } from '../../../src/report/dashboard/followed-file.js'
import { WatchedRun } from '../../../src/report/dashboard/watched-run.js'
import { eventRecord } from '../../../src/report/event-record.js'
import type { TrainEvent } from '../../../src/events.js'
import { doneEvent, everyEvent, startEvent, stepEvent } from '../events.js'

let folder: string
let file: string
let run: WatchedRun
let followed: FollowedFile

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-follow-'))
  file = path.join(folder, 'run.ndjson')
  run = new WatchedRun('run')
  followed = new FollowedFile(file, run)
})

afterEach(() => rmSync(folder, { recursive: true }))

function lines(...events: readonly TrainEvent[]): string {
  return events.map((event) => `${JSON.stringify(eventRecord(event, 'm'))}\n`).join('')
}

function steps(from: number, to: number): TrainEvent[] {
  return Array.from({ length: to - from + 1 }, (_, i) => stepEvent({ step: from + i }))
}

describe('FollowedFile', () => {
  it('reads a finished file of every type of event', async () => {
    writeFileSync(file, lines(...everyEvent))
    expect(await followed.read()).toBe(true)
    expect(run.past().picture).toMatchObject({
      status: 'done',
      end: { type: 'done', steps: doneEvent.steps },
    })
    expect(run.past().steps.step).toEqual([1])
  })

  it('waits for a file that is not there', async () => {
    expect(await followed.read()).toBe(false)
    expect(run.status).toBe('waiting')
    writeFileSync(file, lines(startEvent(), ...steps(1, 3)))
    expect(await followed.read()).toBe(true)
    expect(run.past().steps.step).toEqual([1, 2, 3])
  })

  it('reads on as it grows, also within a line', async () => {
    const text = lines(startEvent(), ...steps(1, 20))
    writeFileSync(file, '')
    for (let at = 0; at < text.length; at += 700) {
      appendFileSync(file, text.slice(at, at + 700))
      await followed.read()
    }
    expect(run.past().steps.step).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(run.status).toBe('running')
  })

  it.each([
    ['cut off and shorter', (text: string) => writeFileSync(file, text)],
    [
      'another of the same name',
      (text: string) => {
        writeFileSync(`${file}.new`, text)
        renameSync(`${file}.new`, file)
      },
    ],
  ])('begins anew with a file that is %s', async (_, write) => {
    writeFileSync(file, lines(startEvent(), ...steps(1, 9)))
    await followed.read()
    run.take(0)
    write(lines(startEvent({ seed: 7 }), ...steps(1, 2)))
    await followed.read()
    expect(run.past().steps.step).toEqual([1, 2])
    expect(run.past().picture.start!.options.seed).toBe(7)
    expect(run.take(0)).toBe('everything')
  })

  it('begins anew with a longer file whose beginning is another', async () => {
    writeFileSync(file, lines(startEvent(), ...steps(1, 2)))
    await followed.read()
    writeFileSync(file, lines({ ...startEvent(), parameters: 99 }, ...steps(5, 9)))
    await followed.read()
    expect(run.past().steps.step).toEqual([5, 6, 7, 8, 9])
  })

  it('says once that a file has no events, and reads it when it is written anew', async () => {
    writeFileSync(file, 'month,late\n1,0\n')
    await expect(followed.read()).rejects.toMatchObject({ code: 'EVENTS_INVALID', place: { line: 1 } })
    expect(run.past().picture.end).toMatchObject({ type: 'failed', code: 'EVENTS_INVALID' })
    expect(await followed.read()).toBe(true)
    writeFileSync(file, lines(startEvent(), ...steps(1, 2)))
    await followed.read()
    expect(run.past().picture.status).toBe('running')
    expect(run.past().steps.step).toEqual([1, 2])
  })
})
