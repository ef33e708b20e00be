import { loadContender } from '../contenders/load.js'
import { stringParser } from './contender.js'

interface CsvParse {
  parse(bytes: Buffer, options: { from: number }): string[][]
}

/** csv-parse in its synchronous form, which is the faster one; rows as arrays. */
export const csvParse = stringParser('csv-parse', ({ bytes }, row) => {
  const { parse } = loadContender<CsvParse>('csv-parse/sync')
  for (const fields of parse(bytes, { from: 2 })) row(fields)
})
