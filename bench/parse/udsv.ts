import { loadContender } from '../contenders/load.js'
import { stringParser, type RowParser } from './contender.js'

interface Udsv {
  inferSchema(text: string, options: { col: string; row: string }): object
  initParser(schema: object): { stringArrs(text: string): string[][] }
}

const parseRows: RowParser = ({ bytes, lineBreak }, row) => {
  const { inferSchema, initParser } = loadContender<Udsv>('udsv')
  const text = bytes.toString()
  const parser = initParser(inferSchema(text, { col: ',', row: lineBreak }))
  for (const fields of parser.stringArrs(text)) row(fields)
}

/** uDSV, whole text at once, rows as arrays of strings; decoding the bytes is part of its time. */
export const udsv = stringParser('udsv', parseRows)

/** The same and numbers made of the strings: V8 makes a string by pointing at the text, which alone costs next to nothing. */
export const udsvNumbers = stringParser('udsv, to numbers', parseRows, true)
