import { afterAll, describe, expect, it } from 'vitest'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { setColumns, writeContext } from '../../src/schema/parse-context.js'
import { BorderFinder } from '../../src/source/borders.js'
import { closeFiles, oneAfterTheOther, openFile } from '../../src/source/files.js'
import { temporaryFolder } from '../train/files.js'
import { commas } from '../dialect.js'

const { write } = temporaryFolder()
const memory = new SharedMemory(compileKernel())
const dialect = { ...commas, header: false }
const context = writeContext(memory, dialect)
setColumns(memory, context, 3)
const borders = new BorderFinder(memory, 100)

describe('borderAfter', () => {
  // Large enough to be guessed at. Reading it from its start would find no record: the first byte opens a quote that
  // changes the meaning of all others. So whatever is found right was found by what is around it.
  const records = Array.from({ length: 60_000 }, (_, i) => `"${i}","Smith ${i % 91}","${(i % 7) / 4}"\r\n`)
  const files = oneAfterTheOther([openFile(write('quoted.csv', `"${records.join('')}`))])
  afterAll(() => closeFiles(files))

  it('finds records of quoted fields by what is around them', () => {
    const starts: number[] = []
    let at = 1
    for (const record of records) {
      starts.push(at)
      at += record.length
    }
    for (let i = 1000; i < 30_000; i += 997) {
      const length = records[i]!.length
      // From every byte of the record, but for its first, the next record is the next border.
      for (let offset = 1; offset < length; offset += 1) {
        expect(borders.borderAfter(files[0]!, context, 0, starts[i]! + offset)).toBe(starts[i + 1])
      }
    }
  })
})
