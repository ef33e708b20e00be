/** Whoever reads standard output may go at any time (`| head -1`): a command then ends quietly, with 0, and leaves nothing half done. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { fit } from '../../src/train.js'
import { temporaryFolder } from '../train/files.js'

const { folder, write } = temporaryFolder()
const millrace = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

// More predictions than a pipe holds, 64 kB; the last row is bad.
const rows = Array.from({ length: 30_000 }, (_, i) => `${i % 97},c${i % 7},${i % 5}`)
const csv = write('rows.csv', `x,c,y\n${rows.join('\n')}\nbad,c,1\n`)
const model = join(folder, 'model.safetensors')
const other = join(folder, 'other.safetensors')
beforeAll(() =>
  fit({ input: csv, target: 'y', numeric: 'x,y', epochs: 1, workers: 1, onBadRow: 'skip', out: model }),
)

const training = [
  csv,
  '--target',
  'y',
  '--numeric',
  'x,y',
  '--epochs',
  '1',
  '--on-bad-row',
  'skip',
  '-o',
  other,
]

describe('a reader that goes away', () => {
  it.each([
    [
      'predict',
      ['predict', model, csv, '--on-bad-row', 'quarantine', '--quarantine', join(folder, 'bad.csv')],
    ],
    ['predict --keep', ['predict', model, csv, '--on-bad-row', 'skip', '--keep', 'c', '--quiet']],
    ['train --json', ['train', ...training, '--quiet', '--json']],
    ['inspect of a CSV', ['inspect', csv]],
    ['inspect of a model', ['inspect', model, '--json']],
    ['evaluate', ['evaluate', model, csv, '--on-bad-row', 'skip', '--json']],
    ['--help', ['--help']],
    ['train --help', ['train', '--help']],
  ])('is no failure of %s', (_what, args) => {
    // The reader has gone before anything is written, or after the first bytes.
    for (const reader of ['true', 'head -c 1']) {
      const command = `"$@" | (${reader} > /dev/null); exit "\${PIPESTATUS[0]}"`
      const { status, stderr } = spawnSync(
        'bash',
        ['-c', command, 'bash', process.execPath, millrace, ...args],
        {
          encoding: 'utf8',
          cwd: folder,
        },
      )
      expect({
        status,
        errors: stderr.split('\n').filter((line) => !/^(rows|skipped): /.test(line)),
      }).toEqual({
        status: 0,
        errors: [''],
      })
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([])
  })

  it('of what people read does not end a run', () => {
    const command = `"$@" 2> >(true); exit $?`
    const { status } = spawnSync(
      'bash',
      ['-c', command, 'bash', process.execPath, millrace, 'train', ...training],
      {
        cwd: folder,
      },
    )
    expect(status).toBe(0)
    expect(readdirSync(folder)).toContain('other.safetensors')
  })
})
