/** P3: every row is accounted for. The oracle is the file itself, which the test wrote. */
import fc from 'fast-check'
import { lastValueFrom, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { EpochEvent, TrainEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { fit, train } from '../../src/train.js'
import { scattered, temporaryFolder } from './files.js'

const { write } = temporaryFolder()
const runs = process.env.MILLRACE_THOROUGH === undefined ? 12 : 300

async function eventsOf(
  options: Partial<TrainOptions> & { input: TrainOptions['input'] },
): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  const all = { target: 'y', workers: 1, placement: 'inline', epochs: 1, ...options } as const
  await lastValueFrom(train(all).pipe(tap((event) => events.push(event))))
  return events
}

function epochsOf(events: readonly TrainEvent[]): EpochEvent[] {
  return events.filter((event) => event.type === 'epoch')
}

function batchesOf(events: readonly TrainEvent[], epoch: number): number[] {
  return events.flatMap((event) => (event.type === 'step' && event.epoch === epoch ? [event.batchRows] : []))
}

function csv(rows: number): string {
  const lines = ['x,c,y']
  for (let i = 0; i < rows; i++) lines.push(`${scattered(i).toFixed(1 + (i % 9))},${'abc'[i % 3]},${i % 2}`)
  return `${lines.join('\n')}\n`
}

describe('rows', () => {
  it('are all read and all accounted for, and mini-batches are full but the last', async () => {
    const cases = fc.record({
      rows: fc.integer({ min: 2, max: 400 }),
      bad: fc.constantFrom(0, 0, 3, 40),
      epochs: fc.integer({ min: 1, max: 3 }),
      lanes: fc.constantFrom(undefined, 1, 2, 7, 500),
      batchSize: fc.constantFrom(1, 3, 32, 1000),
      validation: fc.constantFrom(0, 0.3, 0.9),
      shards: fc.constantFrom(1, 4, 64),
      blockBytes: fc.constantFrom(undefined, 64, 333),
      seed: fc.nat(1000),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ rows, bad, ...options }) => {
        const lines = csv(rows).trimEnd().split('\n')
        for (let i = 0; i < bad; i++) lines.splice(1 + Math.floor(scattered(i) * lines.length), 0, `oops${i}`)
        const input = write('random.csv', lines.join('\n'))
        const events = await eventsOf({ input, onBadRow: 'skip', ...options }).catch((error: unknown) => {
          // Of few rows all may be held out: that is an error, and it accounts for them as well.
          const reasons = bad > 0 ? ` \\(${bad} [^)]+\\)` : ''
          expect((error as Error).message).toMatch(
            new RegExp(
              `^expected rows to train on, but of ${rows + bad} rows ${bad} are bad${reasons} and ${rows} held out$`,
            ),
          )
          return undefined
        })
        if (events === undefined) return
        const epochs = epochsOf(events)
        expect(epochs).toHaveLength(options.epochs)
        for (const { epoch, rows: counts } of epochs) {
          expect(counts.read).toBe(rows + bad)
          expect(counts.skipped).toBe(bad)
          expect(counts.trained + counts.validation).toBe(rows)
          // The same rows are held out in every epoch.
          expect(counts.validation).toBe(epochs[0]!.rows.validation)
          const batches = batchesOf(events, epoch)
          expect(batches.slice(0, -1).every((size) => size === options.batchSize)).toBe(true)
          expect(batches.reduce((sum, size) => sum + size, 0)).toBe(counts.trained)
        }
      }),
      { numRuns: runs },
    )
  })

  it('are held out by the seed, about as many as asked for', async () => {
    const input = write('many.csv', csv(4000))
    const counts = await Promise.all(
      [1, 2].map(
        async (seed) => epochsOf(await eventsOf({ input, validation: 0.25, seed }))[0]!.rows.validation,
      ),
    )
    // 4,000 draws with probability ¼: 1,000 with a deviation of √750 = 27.4; five deviations either way.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(137)
    expect(counts[0]).not.toBe(counts[1])
  })

  it('may be one', async () => {
    const [epoch] = epochsOf(await eventsOf({ input: write('one.csv', 'x,y\n1,2'), loss: 'squared' }))
    expect(epoch!.rows).toEqual({ read: 1, trained: 1, validation: 0, skipped: 0 })
  })

  it('may come from many files, some of them without any', async () => {
    const input = [3, 0, 50, 1, 0, 20].map((rows, i) => write(`part-${i}.csv`, csv(rows)))
    for (const options of [{}, { lanes: 1 }, { lanes: 200 }, { lanes: 2, blockBytes: 64 }]) {
      const [epoch] = epochsOf(await eventsOf({ input, ...options }))
      expect(epoch!.rows).toEqual({ read: 74, trained: 74, validation: 0, skipped: 0 })
    }
  })

  it('of small files are all in the sample, so that no class is met too late', async () => {
    // 600 files of three rows: more files than lanes, and the third class is in one of them only.
    const part = (i: number) => `x,y\n${i},a\n${i},b\n${i},${i === 401 ? 'rare' : 'a'}\n`
    const input = Array.from({ length: 600 }, (_, i) =>
      write(`small-${String(i).padStart(3, '0')}.csv`, part(i)),
    )
    const [start] = await eventsOf({ input })
    expect(start).toMatchObject({ type: 'start', schema: { target: { classes: ['a', 'b', 'rare'] } } })
  })

  it.each([
    ['an empty file', '', 'EMPTY_INPUT'],
    ['blank lines', '\n\r\n\n', 'EMPTY_INPUT'],
    ['a header', 'x,y\n', 'NO_ROWS'],
    ['a header and blank lines', 'x,y\n\n\n\r\n', 'NO_ROWS'],
    ['a header without a line break', 'x,y', 'NO_ROWS'],
    ['ragged rows', 'x,y\n1\n2,3,4\n', 'NO_ROWS'],
  ])('are missing in %s: a clear error', async (_name, text, code) => {
    for (const options of [{}, { shuffle: false }, { lanes: 20 }]) {
      await expect(eventsOf({ input: write('none.csv', text), ...options })).rejects.toMatchObject({
        code,
        kind: 'run',
      })
    }
  })

  it('that are bad may be thousands in a row', async () => {
    const good = csv(600).trimEnd().split('\n')
    const bad = Array.from({ length: 3000 }, (_, i) => `bad ${i}`)
    const input = write('bad.csv', [...good.slice(0, 301), ...bad, ...good.slice(301)].join('\n'))
    for (const options of [{}, { blockBytes: 64, lanes: 2 }, { blockBytes: 64, shuffle: false }]) {
      const [epoch] = epochsOf(await eventsOf({ input, onBadRow: 'skip', ...options }))
      expect(epoch!.rows).toEqual({ read: 3600, trained: 600, validation: 0, skipped: 3000 })
    }
  })

  it('that are bad stop the run where there are more than allowed', async () => {
    const input = write('few-bad.csv', csv(100).replaceAll(/^0\.[89]/gm, 'oops,0.5'))
    const bad = csv(100).split(/^0\.[89]/m).length - 1
    expect(bad).toBeGreaterThan(5)
    const options = { input, target: 'y', onBadRow: 'skip', epochs: 2, workers: 1 } as const
    const { provenance } = await fit({ ...options, maxBadRows: bad })
    expect(provenance.rows).toMatchObject({ read: 100, skipped: bad })
    await expect(fit({ ...options, maxBadRows: bad - 1 })).rejects.toMatchObject({
      code: 'TOO_MANY_BAD_ROWS',
      kind: 'run',
      place: { file: input },
    })
  })
})

describe('a mini-batch', () => {
  it('may be larger than all slots together', async () => {
    const input = write('large-batch.csv', csv(3000))
    for (const options of [{ lanes: 3 }, { shuffle: false }]) {
      const events = await eventsOf({ input, blockBytes: 64, batchSize: 2000, ...options })
      expect(batchesOf(events, 1)).toEqual([2000, 1000])
    }
  })
})
