import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runScript, temporaryFolder } from './run-script.js'

const file = temporaryFolder()

/** Expected orders are by hand. */
describe('sort-csv', () => {
  const header = 'id,number,word'
  const sort = async (rows: string[], column: string) => {
    writeFileSync(file('in.csv'), [header, ...rows].join('\n'))
    await runScript('sort-csv.mjs', [file('in.csv'), column, file('out.csv')])
    const [first, ...sorted] = readFileSync(file('out.csv'), 'utf8').split('\n')
    expect(first).toBe(header)
    expect(sorted.pop()).toBe('')
    return sorted
  }

  it('sorts numbers by value, equal ones in their order, empty ones last', async () => {
    expect(await sort(['a,10,x', 'b,,x', 'c,9,x', 'd,-1e1,x', 'e,9.0,x'], 'number')).toEqual([
      'd,-1e1,x',
      'c,9,x',
      'e,9.0,x',
      'a,10,x',
      'b,,x',
    ])
  })

  it('sorts text by its bytes and leaves the bytes as they are', async () => {
    expect(await sort(['a,1,é', 'b,1,z', 'c,1,Z', 'd,1,', 'e,1,z'], 'word')).toEqual([
      'c,1,Z',
      'b,1,z',
      'e,1,z',
      'a,1,é',
      'd,1,',
    ])
  })

  it('refuses what it cannot read', async () => {
    await expect(sort(['a,1,"x"'], 'word')).rejects.toThrow('quoted fields')
    await expect(sort(['a,1,x'], 'wrod')).rejects.toMatchObject({ code: 2 })
  })
})
