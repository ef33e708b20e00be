import { loadContender } from '../contenders/load.js'
import { stringParser } from './contender.js'

interface Papa {
  parse(
    text: string,
    options: { delimiter: string; newline: string; skipEmptyLines: boolean },
  ): { data: string[][] }
}

/** Papa Parse, whole text at once, rows as arrays of strings; decoding the bytes is part of its time. */
export const papaParse = stringParser('papaparse', ({ bytes, lineBreak }, row) => {
  const { parse } = loadContender<Papa>('papaparse')
  const { data } = parse(bytes.toString(), { delimiter: ',', newline: lineBreak, skipEmptyLines: true })
  for (let i = 1; i < data.length; i++) row(data[i]!)
})
