import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { saveModel } from '../src/artifact/index.js'
import { fit, predict } from '../src/index.js'
import type { TrainedModel } from '../src/model/index.js'
import type { PredictOptions } from '../src/options.js'
import { ROUNDING, readCsv, scoresOf, temporaryFolder, type CsvRecord } from './model-use.js'
import { linear } from './linear.js'

const path = temporaryFolder()
const penguins = fileURLToPath(new URL('../data/penguins.csv', import.meta.url))

/** Rows with missing values, and names that hold delimiters, quotes and line breaks. */
function rowsText(rows: number, lineBreak = '\n'): string {
  const lines = ['id,name,size,color,late']
  for (let i = 0; i < rows; i++) {
    const name = [
      `plain ${i}`,
      `"with, comma ${i}"`,
      `"two${lineBreak}lines ${i}"`,
      `"a ""quoted"" é ${i}"`,
      '',
    ][i % 5]!
    const size = i % 17 === 3 ? '' : String(((i * 37) % 101) / 4 - 9)
    const color = ['red', 'green', 'blue', 'NA', '"pale, blue"'][(i * 3) % 5]!
    lines.push([i, name, size, color, (i * 37) % 101 > 60 ? 'yes' : 'no'].join(','))
  }
  return lines.join(lineBreak) + lineBreak
}

/** Predicts, and reads the output with fast-csv. */
async function predictions(options: Omit<PredictOptions, 'out'>) {
  const out = path('predictions.csv')
  const { rows } = await predict({ workers: 1, ...options, out })
  const text = readFileSync(out, 'utf8')
  return { rows, text, records: await readCsv(text) }
}

let late: TrainedModel
beforeAll(async () => {
  writeFileSync(path('rows.csv'), rowsText(500))
  late = await fit({ input: path('rows.csv'), target: 'late', ignore: 'id,name', epochs: 3, workers: 1 })
  await saveModel(path('late.safetensors'), late)
})

describe('what is predicted', () => {
  it('is the probability of both classes: the sigmoid of the scores in f64', async () => {
    const { rows, records } = await predictions({ model: path('late.safetensors'), input: path('rows.csv') })
    const input = await readCsv(readFileSync(path('rows.csv'), 'utf8'))
    expect(rows).toEqual({ read: 500, predicted: 500, skipped: 0 })
    expect(Object.keys(records[0]!)).toEqual(['prediction', 'probability_no', 'probability_yes'])
    for (const [i, record] of records.entries()) {
      const [{ score, error }] = scoresOf(linear(late), input[i]!) as [{ score: number; error: number }]
      const expected = 1 / (1 + Math.exp(-score))
      // The sigmoid is never steeper than ¼; its own error is at most 2.5 units in the last place of a number below 1.
      const tolerance = error / 4 + 2.5 * ROUNDING
      const yes = Number(record['probability_yes'])
      expect(Math.abs(yes - expected)).toBeLessThan(tolerance)
      expect(Number(record['probability_no'])).toBeCloseTo(1 - yes, 6)
      expect(record['prediction']).toBe(yes > 0.5 ? 'yes' : 'no')
    }
    expect(new Set(records.map((record) => record['prediction']))).toEqual(new Set(['yes', 'no']))
  })

  it('is a number in the units of the data', async () => {
    const target = 'Body Mass (g)'
    const model = await fit({ input: penguins, target, epochs: 2, workers: 1, onBadRow: 'skip' })
    await saveModel(path('mass.safetensors'), model)
    const { records } = await predictions({ model: path('mass.safetensors'), input: penguins })
    const input = await readCsv(readFileSync(penguins, 'utf8'))
    expect(records).toHaveLength(input.length)
    const { mean, scale } = model.schema.target as { mean: number; scale: number }
    for (const [i, record] of records.entries()) {
      const [{ score, error }] = scoresOf(linear(model), input[i]!) as [{ score: number; error: number }]
      const expected = score * scale + mean
      // The score's error in the data's units, and one rounding of the result.
      const tolerance = error * scale + Math.abs(expected) * ROUNDING
      expect(Math.abs(Number(record['prediction']) - expected)).toBeLessThan(tolerance)
    }
  })

  it('is the most probable of several classes: the softmax of the scores in f64', async () => {
    const interactions = 'Island:Sex,Body Mass (g):Island'
    const model = await fit({ input: penguins, target: 'Species', epochs: 2, workers: 1, interactions })
    await saveModel(path('species.safetensors'), model)
    const { records } = await predictions({ model: path('species.safetensors'), input: penguins })
    const input = await readCsv(readFileSync(penguins, 'utf8'))
    const classes = ['Adelie', 'Chinstrap', 'Gentoo']
    expect(Object.keys(records[0]!)).toEqual(['prediction', ...classes.map((name) => `probability_${name}`)])
    for (const [i, record] of records.entries()) {
      const scores = scoresOf(linear(model), input[i]!)
      const powers = scores.map(({ score }) => Math.exp(score))
      const sum = powers.reduce((total, power) => total + power, 0)
      const got = classes.map((name) => Number(record[`probability_${name}`]))
      // ∂p_k = p_k (∂z_k − Σ p_j ∂z_j) is at most 2 max|∂z| p_k; subtracting the largest score, the power, the sum of
      // three and the division are less than 16 roundings more of numbers below 16.
      const tolerance = 2 * Math.max(...scores.map(({ error }) => error)) + 16 * ROUNDING
      for (const [k, p] of got.entries()) expect(Math.abs(p - powers[k]! / sum)).toBeLessThan(tolerance)
      expect(record['prediction']).toBe(classes[got.indexOf(Math.max(...got))])
    }
  })
})

describe('the rows', () => {
  it('keep their order and are the same for any number of workers', async () => {
    writeFileSync(path('long.csv'), rowsText(60_000))
    const input = { model: path('late.safetensors'), input: path('long.csv'), keep: 'id', memory: '4MiB' }
    // 60,000 rows of 30 bytes are 1.8 MB: dozens of blocks, parsed side by side.
    const one = await predictions({ ...input, workers: 1 })
    const three = await predictions({ ...input, workers: 3 })
    expect(three.text === one.text).toBe(true)
    expect(one.records.every((record, i) => record['id'] === String(i))).toBe(true)
    expect(one.records).toHaveLength(60_000)
  })

  it.each(['\n', '\r\n'])('keep the text of columns, quotes and line breaks too (%j)', async (lineBreak) => {
    writeFileSync(path('broken.csv'), rowsText(50, lineBreak))
    const { records } = await predictions({
      model: path('late.safetensors'),
      input: path('broken.csv'),
      keep: ['name', 'id', 'size'],
    })
    const input = await readCsv(readFileSync(path('broken.csv'), 'utf8'))
    expect(Object.keys(records[0]!).slice(0, 3)).toEqual(['name', 'id', 'size'])
    const kept = (record: CsvRecord) => [record['name'], record['id'], record['size']]
    expect(records.map(kept)).toEqual(input.map(kept))
  })

  it('are read by column name: other columns, another order and no target change nothing', async () => {
    const input = await readCsv(rowsText(50))
    const shuffled = ['extra,color,size', ...input.map(({ color, size }) => `?,"${color}",${size}`)].join(
      '\n',
    )
    writeFileSync(path('in-order.csv'), rowsText(50))
    writeFileSync(path('shuffled.csv'), shuffled)
    const model = path('late.safetensors')
    const one = await predictions({ model, input: path('in-order.csv') })
    const other = await predictions({ model, input: path('shuffled.csv') })
    expect(other.text).toBe(one.text)
  })

  it('are read by position without a header, and in the dialect that the options say', async () => {
    const body = rowsText(50)
      .split('\n')
      .slice(1)
      .join('\n')
      .replaceAll(/^plain/gm, 'x')
    writeFileSync(path('in-order.csv'), rowsText(50))
    writeFileSync(path('no-header.csv'), body)
    writeFileSync(path('tabs.csv'), 'size\tcolor\n1\tred\n')
    const model = path('late.safetensors')
    const one = await predictions({ model, input: path('in-order.csv') })
    expect((await predictions({ model, input: path('no-header.csv'), header: false })).text).toBe(one.text)
    expect((await predictions({ model, input: path('tabs.csv'), delimiter: 'tab' })).rows.predicted).toBe(1)
  })

  it('come from several files, one after the other', async () => {
    writeFileSync(path('a.csv'), 'id,size,color\na1,1,red\na2,2,red')
    writeFileSync(path('b.csv'), 'id,size,color\nb1,1,red\n')
    const input = [path('a.csv'), path('b.csv')]
    const { records } = await predictions({ model: path('late.safetensors'), input, keep: 'id' })
    expect(records.map((record) => record['id'])).toEqual(['a1', 'a2', 'b1'])
  })

  it('go from standard input to standard output', async () => {
    const model = path('late.safetensors')
    const { text } = await predictions({ model, input: path('rows.csv'), keep: 'id,name' })
    const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
    const args = ['--import', 'tsx', main, 'predict', model, '-', '--keep', 'id,name', '--workers', '1']
    const { stdout, stderr, status } = spawnSync(process.execPath, args, {
      input: readFileSync(path('rows.csv')),
      encoding: 'utf8',
    })
    expect(stdout).toBe(text)
    expect([status, stderr.trim()]).toEqual([0, 'rows: 500 read, 500 predicted, 0 skipped'])
  })
})

describe('bad rows', () => {
  it.each([1, 3])(
    'are left out, and kept texts stay with their predictions (%d workers)',
    async (workers) => {
      // Per block of at least 16 KiB there are hundreds of bad rows, a result names 30: ragged ones and faulty quotes,
      // which the kernel leaves out of the list of fields, among words for numbers, which it does not.
      const good: string[] = []
      const lines = ['size,id,color']
      for (let i = 0; i < 8000; i++) {
        const kind = (i * 7919) % 11
        if (kind === 0) lines.push(`1,${i}`)
        else if (kind === 1 || (i > 3000 && i < 3100)) lines.push(`word,"bad ${i}",red`)
        else if (kind === 2) lines.push(`1,"${i}"x,red`)
        else if (kind === 3) lines.push(`1,${i},red,more`)
        else {
          lines.push(`${i % 25},"row\n${i}",red`)
          good.push(`row\n${i}`)
        }
      }
      writeFileSync(path('bad.csv'), lines.join('\n'))
      const model = path('late.safetensors')
      const options = { model, input: path('bad.csv'), onBadRow: 'skip', workers, memory: '4MiB' } as const
      const { rows, records } = await predictions({ ...options, keep: 'id,size' })
      expect(rows).toEqual({ read: 8000, predicted: good.length, skipped: 8000 - good.length })
      expect(records.map((record) => record['id'])).toEqual(good)
      // The prediction depends on the size alone: rows of one size have one prediction.
      const bySize = new Map(records.map((record) => [record['size'], record['probability_yes']]))
      expect(bySize.size).toBe(25)
      expect(new Set(bySize.values()).size).toBe(25)
      expect(records.every((record) => record['probability_yes'] === bySize.get(record['size']))).toBe(true)
    },
  )

  it('keep their place when the last field is empty', async () => {
    writeFileSync(path('bad.csv'), 'size,color,id\nx,red,\n1,red,\nx,red,1\n2,red,2\n')
    const options = { model: path('late.safetensors'), input: path('bad.csv'), onBadRow: 'skip' } as const
    const { records } = await predictions({ ...options, keep: 'id' })
    expect(records.map((record) => record['id'])).toEqual(['', '2'])
  })

  it('stop the run where they are not allowed; what was at the output stays', async () => {
    writeFileSync(path('bad.csv'), 'size,color\n1,red\n2,blue\nbig,red\n')
    writeFileSync(path('old.csv'), 'as it was')
    const options = {
      model: path('late.safetensors'),
      input: path('bad.csv'),
      out: path('old.csv'),
      workers: 1,
    }
    const failing = predict(options)
    await expect(failing).rejects.toMatchObject({
      code: 'NOT_A_NUMBER',
      kind: 'run',
      place: { file: path('bad.csv'), line: 4, byte: 24, column: 'size' },
    })
    // What only training can change is no advice here.
    await expect(failing).rejects.not.toMatchObject({
      hint: expect.stringContaining('--categorical') as unknown,
    })
    const limited = { ...options, onBadRow: 'skip', maxBadRows: 0 } as const
    await expect(predict(limited)).rejects.toMatchObject({ code: 'TOO_MANY_BAD_ROWS' })
    expect(readFileSync(path('old.csv'), 'utf8')).toBe('as it was')
    expect(readdirSync(dirname(path('x'))).filter((name) => name.includes('partial'))).toEqual([])
  })
})

describe('what is refused', () => {
  it('is a column that is not there, with the nearest that is', async () => {
    writeFileSync(path('misspelt.csv'), 'sise,color\n1,red\n')
    const model = path('late.safetensors')
    const out = path('none.csv')
    await expect(predict({ model, input: path('misspelt.csv'), out, workers: 1 })).rejects.toMatchObject({
      code: 'MISSING_COLUMN',
      message: 'there is no column "size", a feature of the model',
      hint: 'did you mean "sise"?',
    })
    writeFileSync(path('narrow.csv'), '1,red\n')
    const narrow = predict({ model, input: path('narrow.csv'), header: false, out, workers: 1 })
    await expect(narrow).rejects.toMatchObject({
      message: expect.stringContaining('column 3, "size"') as unknown,
    })
    const keep = predict({ model, input: path('rows.csv'), keep: 'names', out, workers: 1 })
    await expect(keep).rejects.toMatchObject({ kind: 'usage', hint: 'did you mean "name"?' })
  })

  it('is an output that cannot be written, and a dialect of one character', async () => {
    const options = { model: path('late.safetensors'), input: path('rows.csv'), workers: 1 }
    const nowhere = predict({ ...options, out: path('no/such/p.csv') })
    await expect(nowhere).rejects.toMatchObject({ code: 'PREDICTIONS_NOT_WRITTEN', kind: 'run' })
    const same = predict({ ...options, out: path('p.csv'), delimiter: '"' })
    await expect(same).rejects.toMatchObject({ code: 'OPTION_CONFLICT', kind: 'usage' })
  })

  it('is everything after an abort', async () => {
    const options = { model: path('late.safetensors'), input: path('rows.csv'), workers: 1 }
    const reason = new Error('enough')
    const aborted = predict({ ...options, out: path('aborted.csv'), signal: AbortSignal.abort(reason) })
    await expect(aborted).rejects.toBe(reason)
    expect(readdirSync(dirname(path('x'))).filter((name) => name.includes('aborted'))).toEqual([])
  })
})
