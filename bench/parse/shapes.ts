import { spawnSync } from 'node:child_process'
import { murmur3 } from '../../src/numeric/murmur3.js'
import { dataScript } from '../data.js'

/** What is made of a field: the nearest f32 of a number, or the hash bucket of a text. */
export type Kind = 'number' | 'text'

/** A CSV in memory, header included. */
export interface Sample {
  readonly name: string
  readonly bytes: Buffer
  readonly headerBytes: number
  readonly columns: readonly Kind[]
  readonly lineBreak: '\n' | '\r\n'
}

/** Hash buckets of a text column; a missing text counts as the bucket after the last. */
export const BUCKETS = 1024

/** What the kernel encodes a field as, worked out from its text by JavaScript's own means. */
export function encodedField(kind: Kind, text: string): number {
  if (kind === 'number') return text === '' ? 0 : Math.fround(Number(text))
  return text === '' ? BUCKETS : murmur3(Buffer.from(text)) & (BUCKETS - 1)
}

/** The four kinds of CSV that the parsers are timed on, each of about `bytes` bytes. */
export function samples(bytes: number): Sample[] {
  const size = ['--stdout', '--bytes', `${bytes}`]
  const numbers = new Array<Kind>(29).fill('number')
  const clicks = Array.from({ length: 40 }, (_, column): Kind => (column < 14 ? 'number' : 'text'))
  const numeric = dataScript('make-numeric')
  return [
    sample('28 columns, 4 decimals', generated([numeric, ...size]), numbers, '\n'),
    sample('28 columns, 19 digits', generated([numeric, ...size, '--format', 'long']), numbers, '\n'),
    sample('click log', generated([dataScript('make-clicklog'), ...size]), clicks, '\n'),
    sample('quoted, CRLF', quotedRows(bytes), ['number', 'text', 'text', 'number', 'text'], '\r\n'),
  ]
}

function sample(name: string, bytes: Buffer, columns: readonly Kind[], lineBreak: '\n' | '\r\n'): Sample {
  return { name, bytes, headerBytes: bytes.indexOf(10) + 1, columns, lineBreak }
}

function generated(command: readonly string[]): Buffer {
  const { status, stdout } = spawnSync(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: Number.MAX_SAFE_INTEGER,
  })
  if (status !== 0) throw new Error(`${command.join(' ')} failed`)
  return stdout
}

const names = ['Smith, John', 'Müller, Käthe', "O'Brien, Ann", 'Li, Wei', 'Okafor, Chidi']
const notes = ['said ""no"" twice', 'first line\r\nsecond line', 'plain', 'a, b, and ""c""', '']
const cities = ['Lagos', 'Leeds', 'Lima', 'Lyon', 'Łódź']

/** Every field of one column quoted in every row: delimiters, doubled quotes and line breaks inside, CRLF ends. */
function quotedRows(bytes: number): Buffer {
  const rows = ['id,name,note,price,city\r\n']
  // The first row has 59 bytes; the mean row has more, so the sample is a little larger than asked for.
  for (let i = 0; i * 59 < bytes; i++) {
    // Multipliers that share no factor with 5 or each other's cycle: every combination comes up.
    const name = names[i % 5]!
    const note = notes[Math.floor(i / 5) % 5]!
    const city = cities[Math.floor(i / 25) % 5]!
    rows.push(`${i},"${name}","${note}","${(i % 99_991) / 100}",${city}\r\n`)
  }
  return Buffer.from(rows.join(''))
}
