/** What becomes of bad rows. The oracle is the file itself, which the test wrote; the quarantine is read by fast-csv. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { lastValueFrom, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { encodeModel, saveModel } from '../../src/artifact/index.js'
import { evaluate } from '../../src/evaluate.js'
import type { EpochEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { predict } from '../../src/predict.js'
import { fit, train } from '../../src/train.js'
import { readCsv } from '../model-use.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const quarantine = join(folder, 'quarantine.csv')
const HEADER = 'file,line,byte,column,reason,record\n'

/** A bad record, the field of it that is at fault, and the reason. */
const badRecords = [
  { record: '1.5,plain', column: '', field: 9, reason: 'RAGGED_ROW' },
  { record: '1,"a,b",no,4', column: '', field: 11, reason: 'RAGGED_ROW' },
  { record: 'x"y,b,no', column: 'x', field: 0, reason: 'NOT_A_NUMBER' },
  { record: '1,b,', column: 'y', field: 4, reason: 'MISSING_TARGET' },
  { record: '1,"a\n\nb",', column: 'y', field: 9, reason: 'MISSING_TARGET', lines: 2 },
  { record: '1,"a"b,no', column: 'c', field: 2, reason: 'TEXT_AFTER_QUOTE' },
  { record: '=1+1,"=cmd()",no', column: 'x', field: 0, reason: 'NOT_A_NUMBER' },
  { record: '\u00ff\u00fe,b,no', column: 'x', field: 0, reason: 'INVALID_UTF8' },
]

interface Expected {
  line: number
  byte: number
  column: string
  reason: string
  record: string
}

/** A file in which every row for which `bad` holds is one of the bad records; a character a byte. */
function damagedFile(rows: number, bad: (i: number) => boolean, lineBreak = '\n') {
  let text = `x,c,y${lineBreak}`
  let line = 2
  const expected: Expected[] = []
  for (let i = 0; i < rows; i++) {
    const { record, column, field, reason, lines = 0 } = badRecords[i % badRecords.length]!
    if (bad(i)) {
      expected.push({ line: line + lines, byte: text.length + field, column, reason, record })
      text += record + lineBreak
      line += 1 + lines
    } else {
      text += `${scattered(i).toFixed(6)},"t${'\n'.repeat(i % 3)}",${i % 3 === 0 ? 'yes' : 'no'}${lineBreak}`
      line += 1 + (i % 3)
    }
  }
  return { bytes: Buffer.from(text, 'latin1'), expected }
}

function countsOf(expected: readonly Expected[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { reason } of expected) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

async function epochsOf(options: Partial<TrainOptions> & { input: TrainOptions['input'] }) {
  const epochs: EpochEvent[] = []
  const all = {
    target: 'y',
    numeric: 'x',
    workers: 1,
    epochs: 1,
    onBadRow: 'quarantine',
    quarantine,
    ...options,
  } as const
  await lastValueFrom(train(all).pipe(tap((event) => event.type === 'epoch' && epochs.push(event))))
  return epochs
}

interface Quarantined extends Expected {
  file: string
}

async function quarantined(path = quarantine): Promise<Quarantined[]> {
  const records = (await readCsv(readFileSync(path, 'latin1'))) as Record<keyof Quarantined, string>[]
  return records.map(({ line, byte, ...rest }) => ({ ...rest, line: Number(line), byte: Number(byte) }))
}

const byByte = (a: { byte: number }, b: { byte: number }) => a.byte - b.byte

describe('the quarantine', () => {
  const cases: [string, Partial<TrainOptions>][] = [
    ['in lanes', {}],
    ['in file order', { shuffle: false }],
    ['in small blocks', { lanes: 7, blockBytes: 4096, workers: 2 }],
    ['in several epochs', { epochs: 3, validation: 0.2 }],
  ]
  it.each(cases)('holds every bad row with its place, read %s', async (_name, options) => {
    for (const lineBreak of ['\n', '\r\n']) {
      // Half of 20,000 rows: blocks hold hundreds of bad rows, where a slot names 30.
      const { bytes, expected } = damagedFile(20_000, (i) => i % 16 >= 8, lineBreak)
      const input = write('half-bad.csv', bytes)
      const epochs = await epochsOf({ input, ...options })
      const found = await quarantined()
      expect(found.sort(byByte)).toEqual(expected.map((row) => ({ file: input, ...row })))
      for (const { rows, badRows } of epochs) {
        expect(rows).toMatchObject({ read: 20_000, skipped: 10_000 })
        expect(badRows).toEqual(countsOf(expected))
      }
    }
  })

  it('is the same to the byte for any number of workers', async () => {
    const input = write('workers.csv', damagedFile(30_000, (i) => i % 5 === 0).bytes)
    const texts: string[] = []
    for (const workers of [1, 2, 3]) {
      await epochsOf({ input, workers })
      texts.push(readFileSync(quarantine, 'latin1'))
    }
    expect(texts[0]!.length).toBeGreaterThan(200_000)
    expect(texts[1] === texts[0] && texts[2] === texts[0]).toBe(true)
  })

  it('changes nothing in the model, for any number of workers, while vocabularies grow', async () => {
    // Half of the rows are bad, in blocks of hundreds, and every row has a text of its own; the sample shows a third.
    const padding = 'p'.repeat(200)
    const lines = Array.from({ length: 30_000 }, (_, i) => {
      const rest = i % 4 < 2 ? 'oops,no' : `${scattered(i).toFixed(3)},${i % 7 < 3 ? 'yes' : 'no'}`
      return `text ${i},${padding},${rest}`
    })
    const input = write('grows.csv', `c,padding,x,y\n${lines.join('\n')}\n`)
    const models: Uint8Array[] = []
    const runs = [
      ['skip', 1],
      ['quarantine', 1],
      ['quarantine', 2],
      ['quarantine', 3],
    ] as const
    for (const [onBadRow, workers] of runs) {
      const policy = { onBadRow, workers, quarantine }
      const model = await fit({ input, target: 'y', numeric: 'x', ignore: 'padding', epochs: 1, ...policy })
      expect(model.schema.columns[0]).toMatchObject({ kind: 'category', name: 'c' })
      models.push(encodeModel(model))
    }
    expect(await quarantined()).toHaveLength(15_000)
    for (const model of models) expect(Buffer.compare(model, models[0]!)).toBe(0)
  })

  it('counts lines of a large file, and those of several files each from its own start', async () => {
    const files = [40_000, 300, 40_000].map((rows, n) => {
      const { bytes, expected } = damagedFile(rows, (i) => i % 1000 === n)
      return { input: write(`part-${n}.csv`, bytes), expected }
    })
    await epochsOf({ input: files.map(({ input }) => input) })
    const found = await quarantined()
    for (const { input, expected } of files) {
      const ofFile = found.filter(({ file }) => file === input).sort(byByte)
      expect(ofFile).toEqual(expected.map((row) => ({ file: input, ...row })))
    }
    expect(found).toHaveLength(files.reduce((sum, { expected }) => sum + expected.length, 0))
  })

  it('holds the header only where no row is bad, whatever was there', async () => {
    writeFileSync(quarantine, 'of an earlier run')
    await epochsOf({ input: write('good.csv', damagedFile(50, () => false).bytes) })
    expect(readFileSync(quarantine, 'utf8')).toBe(HEADER)
  })

  it('keeps what was found where the run fails', async () => {
    const { bytes, expected } = damagedFile(60, (i) => i > 50)
    const input = write('fails.csv', bytes)
    await expect(epochsOf({ input, shuffle: false, maxBadRows: 3 })).rejects.toMatchObject({
      code: 'TOO_MANY_BAD_ROWS',
    })
    expect(await quarantined()).toEqual(expected.map((row) => ({ file: input, ...row })))
  })

  it('keeps what was found where the run is stopped', async () => {
    const { bytes, expected } = damagedFile(40, (i) => i === 20)
    const input = write('stopped.csv', bytes)
    await new Promise<void>((resolve) => {
      const options = {
        input,
        target: 'y',
        workers: 1,
        epochs: 1000,
        batchSize: 4,
        onBadRow: 'quarantine',
      } as const
      const run = train({ ...options, quarantine }).subscribe((event) => {
        if (event.type !== 'step' || event.step < 6) return
        run.unsubscribe()
        resolve()
      })
    })
    expect(await quarantined()).toEqual(expected.map((row) => ({ file: input, ...row })))
  })

  it('is left alone where the run does not begin, and leaves no file beside', async () => {
    writeFileSync(quarantine, 'of an earlier run')
    const input = write('short.csv', damagedFile(20, () => false).bytes)
    await expect(epochsOf({ input, target: 'nope' })).rejects.toMatchObject({ kind: 'usage' })
    expect(readFileSync(quarantine, 'utf8')).toBe('of an earlier run')
    expect(readdirSync(folder).filter((name) => name.includes('.partial'))).toEqual([])
  })

  it('follows a link to the file that it replaces', async () => {
    const real = write('real.csv', 'old')
    const link = join(folder, 'link.csv')
    symlinkSync(real, link)
    await epochsOf({ input: write('linked.csv', damagedFile(30, () => false).bytes), quarantine: link })
    expect(readFileSync(real, 'utf8')).toBe(HEADER)
  })

  it('may not be an input or the model', async () => {
    const input = write('precious.csv', damagedFile(30, () => false).bytes)
    mkdirSync(join(folder, 'dir'))
    symlinkSync(folder, join(folder, 'dir', 'again'))
    const before = readFileSync(input)
    for (const path of [
      input,
      join(folder, 'dir', '..', 'precious.csv'),
      join(folder, 'dir', 'again', 'precious.csv'),
    ]) {
      await expect(epochsOf({ input, quarantine: path })).rejects.toMatchObject({ kind: 'usage' })
    }
    const out = join(folder, 'new.safetensors')
    await expect(
      epochsOf({ input, out, quarantine: join(folder, 'dir', 'again', 'new.safetensors') }),
    ).rejects.toMatchObject({
      kind: 'usage',
    })
    expect(readFileSync(input)).toEqual(before)
    expect(existsSync(out)).toBe(false)
  })

  it.each([
    ['a folder that is not there', 'nowhere/q.csv'],
    ['a folder', '.'],
  ])('in %s ends the run before it begins', async (_name, path) => {
    const input = write('refused.csv', damagedFile(30, () => false).bytes)
    await expect(epochsOf({ input, quarantine: join(folder, path) })).rejects.toMatchObject({
      code: 'QUARANTINE_NOT_WRITTEN',
      kind: 'run',
    })
  })

  it('is written by predict and evaluate too, beside good rows in their order', async () => {
    const model = join(folder, 'm.safetensors')
    await saveModel(
      model,
      await fit({ input: write('m.csv', damagedFile(90, () => false).bytes), target: 'y', workers: 1 }),
    )
    const { bytes, expected } = damagedFile(2000, (i) => i % 10 < 8 && i % 8 !== 3 && i % 8 !== 4)
    const input = write('use.csv', bytes)
    const policy = { model, input, workers: 1, onBadRow: 'quarantine', quarantine } as const
    const out = join(folder, 'out.csv')
    const predicted = await predict({ ...policy, out, keep: 'x' })
    const good = 2000 - expected.length
    expect(predicted).toEqual({
      rows: { read: 2000, predicted: good, skipped: expected.length },
      badRows: countsOf(expected),
    })
    const rows = expected.map((row) => ({ file: input, ...row }))
    expect(await quarantined()).toEqual(rows)
    const kept = (await readCsv(readFileSync(out, 'utf8'))).map(({ x }) => x)
    expect(kept).toHaveLength(good)
    writeFileSync(quarantine, '')
    const { rows: counts, badRows } = await evaluate(policy)
    expect([counts, badRows]).toEqual([
      { read: 2000, evaluated: good, skipped: expected.length },
      countsOf(expected),
    ])
    expect(await quarantined()).toEqual(rows)
    await expect(predict({ ...policy, out: quarantine })).rejects.toMatchObject({ kind: 'usage' })
    await expect(predict({ ...policy, quarantine: model })).rejects.toMatchObject({ kind: 'usage' })
  })
})

describe('a quote too many in a large file', () => {
  // What follows it holds no line break outside quotes: no record ends in the block behind it.
  const rows = (broken: Readonly<Record<number, string>>, text: (i: number) => string): string =>
    Array.from(
      { length: 60_000 },
      (_, i) => `${broken[i] ?? `${scattered(i).toFixed(6)},${text(i)},${i % 3 === 0 ? 'yes' : 'no'}`}\n`,
    ).join('')
  const texts: [string, (i: number) => string][] = [
    ['texts without quotes', () => 'plain text'],
    ['quoted texts', (i) => `"text ${i % 9}"`],
  ]

  it.each(texts)('costs its own row only, among %s', async (_name, text) => {
    const broken = { 20_000: '1,"open,no', 41_234: '2,"open,no' }
    const bytes = Buffer.from(`x,c,y\n${rows(broken, text)}`)
    const windows = write('broken-crlf.csv', bytes.toString().replaceAll('\n', '\r\n'))
    const plain = write('broken.csv', bytes)
    const zipped = write('broken.csv.gz', gzipSync(bytes, { level: 1 }))
    for (const [input, options] of [
      [plain, {}],
      [plain, { workers: 2, lanes: 5 }],
      [plain, { shuffle: false }],
      [windows, {}],
      [zipped, {}],
    ] as const) {
      const [epoch] = await epochsOf({ input, ...options })
      expect(epoch!.rows).toMatchObject({ read: 60_000, skipped: 2 })
      const found = await quarantined()
      const records = Object.entries(broken).map(([i, record]) => ({
        line: Number(i) + 2,
        record,
      }))
      expect(found.map(({ line, record }) => ({ line, record })).sort((a, b) => a.line - b.line)).toEqual(
        records,
      )
      await expect(epochsOf({ input, ...options, onBadRow: 'fail' })).rejects.toMatchObject({ kind: 'run' })
    }
  })
})

describe('counts by reason', () => {
  it('come back with the rows of a kept cache, and a quarantine is written all the same', async () => {
    const { bytes, expected } = damagedFile(500, (i) => i % 7 === 0)
    const input = write('cached.csv', bytes)
    const cache = join(folder, 'cache')
    for (const onBadRow of ['skip', 'skip', 'quarantine', 'quarantine'] as const) {
      writeFileSync(quarantine, HEADER)
      const epochs = await epochsOf({ input, cache, epochs: 2, onBadRow })
      expect(epochs.map(({ badRows }) => badRows)).toEqual([countsOf(expected), countsOf(expected)])
      expect(await quarantined()).toHaveLength(onBadRow === 'skip' ? 0 : expected.length)
    }
  })
})

describe('a share of bad rows', () => {
  const limited = (input: string, maxBadRows: number | string, options: Partial<TrainOptions> = {}) =>
    epochsOf({ input, onBadRow: 'skip', maxBadRows, ...options })

  it('is allowed up to exactly that share', async () => {
    const input = write('share.csv', damagedFile(200, (i) => i % 10 === 0).bytes)
    await expect(limited(input, 0.1)).resolves.toHaveLength(1)
    await expect(limited(input, '10%')).resolves.toHaveLength(1)
    const error = { code: 'TOO_MANY_BAD_ROWS', kind: 'run', place: { file: input } }
    await expect(limited(input, 0.099)).rejects.toMatchObject(error)
    await expect(limited(input, '9.9%')).rejects.toMatchObject(error)
    await expect(limited(input, '0%')).rejects.toMatchObject(error)
  })

  it('is asked of the first thousand rows together, not of fewer', async () => {
    // 20 of the first 100 rows, and 20 of 10,000 at the end.
    const input = write('early.csv', damagedFile(10_000, (i) => i < 100 && i % 5 === 0).bytes)
    const inOrder = { shuffle: false, blockBytes: 256 }
    await expect(limited(input, 0.021, inOrder)).resolves.toHaveLength(1)
    await expect(limited(input, 0.019, inOrder)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^expected at most 1\.9 % of the rows to be bad, found 20 of 10\d\d \(/,
      ) as string,
    })
  })

  it('ends the run with the same words for any number of workers', async () => {
    const input = write('share-workers.csv', damagedFile(60_000, (i) => i > 20_000 && i % 3 === 0).bytes)
    const messages: unknown[] = []
    for (const workers of [1, 2, 3]) {
      const error: unknown = await limited(input, 0.1, { workers }).catch((cause: unknown) => cause)
      messages.push(error)
    }
    expect(messages[0]).toMatchObject({ code: 'TOO_MANY_BAD_ROWS' })
    expect([messages[1], messages[2]]).toEqual([messages[0], messages[0]])
  })
})
