/** Histories of whole runs; the oracles are the run's own events and fast-csv. */
import { parseString } from 'fast-csv'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scenarios } from '../checkpoint/scenarios.js'
import { temporaryFolder } from '../train/files.js'
import { ofType, run } from './runs.js'

const { folder } = temporaryFolder()
const all = scenarios(folder, 3000)
const { options } = all[0]!

let paths = 0
const newPath = (): string => join(folder, `history-${paths++}`)

type Row = Readonly<Record<string, string>>

async function rowsOf(path: string): Promise<Row[]> {
  const rows: Row[] = []
  return new Promise((resolve, reject) => {
    parseString(readFileSync(path, 'utf8'), { headers: true, strictColumnHandling: true })
      .on('data', (row: Row) => rows.push(row))
      .on('data-invalid', reject)
      .on('error', reject)
      .on('end', () => resolve(rows))
  })
}

/** As it is written: nine digits, and all of a whole number. */
const nine = (value: number): string => String(Number.isInteger(value) ? value : Number(value.toPrecision(9)))

/** Without what the clock says. */
const timeless = (rows: readonly Row[]): Row[] => rows.map((row) => ({ ...row, seconds: '', bytes: '' }))

describe('a history', () => {
  it('has a row a sampled step and one an epoch, with its metrics', async () => {
    const history = newPath()
    // 1200 steps and more: some are left out.
    const outcome = await run({ ...options, batchSize: 8, epochs: 4, validation: 0.2, history })
    const rows = await rowsOf(history)
    const steps = ofType(outcome, 'step').filter(
      ({ step }) => step % 2 ** Math.max(0, Math.floor(Math.log2(step)) - 7) === 0,
    )
    expect(ofType(outcome, 'step').length).toBeGreaterThan(1100)
    const empty = Object.keys(ofType(outcome, 'epoch')[0]!.validation!).map((name) => [
      `validation_${name}`,
      '',
    ])
    const stepRows = rows.filter(({ event }) => event === 'step')
    // Digits of a clock fall between two roundings now and then: the writer promises 5·10⁻⁹, relative.
    const off = stepRows.map(({ seconds }, i) => Math.abs(Number(seconds) / steps[i]!.seconds - 1))
    expect(Math.max(...off)).toBeLessThan(5.1e-9)
    expect(stepRows).toEqual(
      steps.map((event, i) => ({
        event: 'step',
        epoch: String(event.epoch),
        step: String(event.step),
        seconds: stepRows[i]!['seconds'],
        rows: String(event.rows),
        bytes: String(event.bytes),
        loss: nine(event.loss),
        progressive_loss: nine(event.progressiveLoss),
        learning_rate: nine(event.learningRate),
        gradient_norm: nine(event.gradientNorm),
        ...(Object.fromEntries(empty) as Row),
      })),
    )
    expect(rows.filter(({ event }) => event === 'epoch')).toMatchObject(
      ofType(outcome, 'epoch').map(({ epoch, step, loss, validation }) => ({
        epoch: String(epoch),
        step: String(step),
        loss: '',
        progressive_loss: nine(loss),
        ...(Object.fromEntries(
          Object.entries(validation!).map(([name, value]) => [`validation_${name}`, nine(value)]),
        ) as Row),
      })),
    )
  })

  it('has no columns of a validation where there is none, and replaces what was there', async () => {
    const history = newPath()
    writeFileSync(history, 'what was there before')
    await run({ ...options, epochs: 1, history })
    expect(readFileSync(history, 'utf8').split('\n')[0]).toBe(
      'event,epoch,step,seconds,rows,bytes,loss,progressive_loss,learning_rate,gradient_norm',
    )
  })
})

describe.each(all)('the history of a run that is gone on with: $name', ({ options, stdin }) => {
  it('is that of a run that nothing interrupts', async () => {
    const whole = newPath()
    const steps = ofType(await run({ ...options, history: whole }, Infinity, stdin), 'step').length
    const history = newPath()
    const kept = {
      ...options,
      history,
      checkpoint: newPath(),
      checkpointEvery: Math.ceil(steps / 7),
      resume: true,
    }
    for (const share of [0.3, 0.5]) await run(kept, Math.ceil(share * steps), stdin)
    // A kill leaves rows that no checkpoint knows of, and half a one.
    writeFileSync(history, `${readFileSync(history, 'utf8')}step,1,${steps + 9},1\nstep,1,`)
    const { error } = await run(kept, Infinity, stdin)
    expect(error).toBeUndefined()
    expect(timeless(await rowsOf(history))).toEqual(timeless(await rowsOf(whole)))
  })
})
