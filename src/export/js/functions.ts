import type { Schema } from '../../schema/schema.js'
import { missingTexts } from '../model-features.js'
import { quoted } from './text.js'

/** The functions that a module may need. */
const functionNames = [
  'value',
  'number',
  'truth',
  'date',
  'pair',
  'between',
  'scaled',
  'normal',
  'bucket',
  'add',
  'sigmoid',
  'softmax',
  'floats',
] as const

export type FunctionName = (typeof functionNames)[number]

/** What a function calls. */
const calls: Partial<Record<FunctionName, readonly FunctionName[]>> = {
  number: ['value'],
  truth: ['value'],
  date: ['value'],
}

/** Names that no variable of a column may take. */
export const usedNames: readonly string[] = [
  ...functionNames,
  ...['missingTexts', 'decimal', 'asNumber', 'murmur3', 'predict', 'forward', 'activate', 'normalised'],
  ...['layers', 'categories', 'added', 'classes', 'probabilities', 'prediction', 'p'],
]

/** The source of these functions and of what they call, without those that nobody calls. */
export function functionsText(names: Iterable<FunctionName>, schema: Schema): string {
  const needed = new Set<FunctionName>()
  for (const name of names) for (const each of [...(calls[name] ?? []), name]) needed.add(each)
  const sources = functionSources(schema)
  const texts = functionNames.filter((name) => needed.has(name))
  return texts.map((name) => `\n${sources[name]}\n`).join('')
}

/** Twins of what millrace reads fields with: src/schema/decimal.ts, booleans.ts, dates.ts, src/numeric/murmur3.ts. */
function functionSources(schema: Schema): Record<FunctionName, string> {
  const comma = schema.dialect.decimal === ','
  return {
    value: `const missingTexts = new Set([${missingTexts(schema).map(quoted).join(', ')}])

/** A value as text; undefined where it is missing: null, undefined, NaN, or one of missingTexts, blanks around it or not. */
function value(row, name) {
  if (!Object.hasOwn(row, name)) throw new Error(\`the row has no \${name}; a value that is not known is null\`)
  const found = row[name]
  if (found === null || found === undefined || Number.isNaN(found)) return undefined
  const text = found instanceof Date ? (Number.isNaN(found.getTime()) ? '' : found.toISOString()) : String(found)
  return missingTexts.has(text.replace(/^[ \\t]+|[ \\t]+$/g, '')) ? undefined : text
}

function decimal(text) {
  const plain = ${comma ? "text.includes('.') ? '' : text.replace(',', '.')" : 'text'}
  return /^[ \\t]*[-+]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d+)?[ \\t]*$/.test(plain) ? Number(plain) : NaN
}

function asNumber(found, text) {
  return typeof found === 'number' ? found : decimal(text)
}`,
    number: `/** A number, given as one or as text; undefined where it is missing. */
function number(row, name) {
  const text = value(row, name)
  if (text === undefined) return undefined
  const number = asNumber(row[name], text)
  if (!Number.isFinite(number)) throw new Error(\`\${name}: expected a number, found \${text}\`)
  return number
}`,
    truth: `/** 1 or 0, given as true or false, 1 or 0, or a word; undefined where it is missing. */
function truth(row, name) {
  const text = value(row, name)
  if (text === undefined) return undefined
  const word = text.replace(/^[ \\t]+|[ \\t]+$/g, '')
  const number = asNumber(row[name], word)
  if (number === 1 || /^(true|yes|t)$/i.test(word)) return 1
  if (number === 0 || /^(false|no|f)$/i.test(word)) return 0
  throw new Error(\`\${name}: expected true or false, found \${text}\`)
}`,
    date: `/** Year, month, weekday (1 is Monday), hour, as written, and seconds since 1970; undefined where the date is missing. */
function date(row, name) {
  const text = value(row, name)
  if (text === undefined) return undefined
  const written = text.replace(/^[ \\t]+|[ \\t]+$/g, '')
  const day = /^(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d))?|(\\d\\d)(\\d\\d))(?:(?<=^\\d{4}-\\d\\d-\\d\\d|^\\d{8})[Tt ](.+))?$/.exec(written)
  const fault = new Error(\`\${name}: expected a date, found \${text}\`)
  const at = new Date(0)
  let hour
  let epoch
  if (day !== null) {
    at.setUTCFullYear(Number(day[1]), Number(day[2] ?? day[4]) - 1, Number(day[3] ?? day[5] ?? 1))
  }
  if (day !== null && at.getUTCMonth() === (day[2] ?? day[4]) - 1 && at.getUTCDate() === Number(day[3] ?? day[5] ?? 1)) {
    const time = /^(\\d\\d)(?::(\\d\\d)(?::(\\d\\d)(?:[.,](\\d+))?)?|(\\d\\d)(?:(\\d\\d)(?:[.,](\\d+))?)?)(.*)$/.exec(day[6] ?? '00:00')
    const offset = /^(?:[Zz]|([-+])(\\d\\d)(?::?(\\d\\d))?)?$/.exec(time === null ? '?' : time[8])
    if (offset === null) throw fault
    const [minute, second] = [Number(time[2] ?? time[5]), Number(time[3] ?? time[6] ?? 0)]
    const [hours, minutes] = [Number(offset[2] ?? 0), Number(offset[3] ?? 0)]
    hour = Number(time[1])
    if (!(hour < 24 && minute < 60 && second < 60 && hours < 24 && minutes < 60)) throw fault
    const east = (offset[1] === '-' ? -1 : 1) * (hours * 60 + minutes)
    const nanoseconds = Number((time[4] ?? time[7] ?? '').slice(0, 9).padEnd(9, '0'))
    epoch = at.getTime() / 1000 + hour * 3600 + minute * 60 + second - east * 60 + nanoseconds / 1e9
  } else {
    const number = asNumber(row[name], text)
    const size = Math.abs(number)
    epoch = number / (size < 1e11 ? 1 : size < 1e14 ? 1e3 : size < 1e17 ? 1e6 : 1e9)
    if (!(Math.abs(epoch) <= 8.64e12)) throw fault
    at.setTime(Math.floor(epoch) * 1000)
    hour = at.getUTCHours()
  }
  return [at.getUTCFullYear(), at.getUTCMonth() + 1, ((at.getUTCDay() + 6) % 7) + 1, hour, epoch]
}`,
    pair: `/** The text of two categories together. */
function pair(first, second) {
  return first === undefined || second === undefined ? undefined : \`\${first}\\x1f\${second}\`
}`,
    between: `/** x, held between the two. */
function between(least, x, most) {
  return Math.min(Math.max(x, least), most)
}`,
    scaled: `/** A number standardised, and held within the limit. */
function scaled(value, mean, scale, limit, fill) {
  return value === undefined ? fill : between(-limit, (value - mean) / scale, limit)
}`,
    normal: `/** The standard normal distribution function (M. Abramowitz, I. A. Stegun, 26.2.11 and 26.2.14, 1964). */
function normal(z) {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  const size = Math.abs(z)
  if (size < 3) {
    let term = z
    let sum = z
    for (let odd = 3; Math.abs(term) > 1e-18; odd += 2) sum += term *= (z * z) / odd
    return 0.5 + density * sum
  }
  let fraction = size
  for (let k = 60; k >= 1; k--) fraction = size + k / fraction
  return z > 0 ? 1 - density / fraction : density / fraction
}`,
    bucket: `/** The bucket of a value that is not in the vocabulary: MurmurHash3 (x86, 32 bits; Austin Appleby, 2011) of its UTF-8. */
function bucket(text, salt, buckets) {
  return (murmur3(new TextEncoder().encode(text)) + salt) & (buckets - 1)
}

function murmur3(bytes) {
  const turn = (word, bits) => (word << bits) | (word >>> (32 - bits))
  const scramble = (word) => Math.imul(turn(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593)
  const word = (at) => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
  const whole = bytes.length & ~3
  let hash = 0
  for (let at = 0; at < whole; at += 4) {
    hash = Math.imul(turn(hash ^ scramble(word(at) | (bytes[at + 3] << 24)), 13), 5) + 0xe6546b64
  }
  hash ^= scramble(word(whole)) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}`,
    add: `/** scores += coefficients · x, one for each class. */
function add(scores, coefficients, x) {
  coefficients.forEach((coefficient, k) => (scores[k] += coefficient * x))
}`,
    sigmoid: `/** 1 / (1 + e^−z); no exponential is above 1. */
function sigmoid(z) {
  const e = Math.exp(-Math.abs(z))
  return z >= 0 ? 1 / (1 + e) : e / (1 + e)
}`,
    softmax: `/** e^z[k] / Σ_j e^z[j]; no exponential is above 1. */
function softmax(z) {
  const highest = Math.max(...z)
  const powers = z.map((score) => Math.exp(score - highest))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}`,
    floats: `/** Numbers of 32 bits, little-endian, in base64. */
function floats(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
}`,
  }
}
