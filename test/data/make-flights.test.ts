import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { runScript, temporaryFolder } from './run-script.js'

const file = temporaryFolder()

describe('make-flights', () => {
  it('writes the first flights of 2001 as local times, in whatever zone the machine is', async () => {
    await runScript('make-flights.mjs', [file('east.csv'), '--rows', '2000'], { TZ: 'Pacific/Kiritimati' })
    await runScript('make-flights.mjs', [file('west.csv'), '--rows', '2000'], { TZ: 'Pacific/Pago_Pago' })
    const east = readFileSync(file('east.csv'), 'utf8')
    expect(readFileSync(file('west.csv'), 'utf8')).toBe(east)
    const lines = east.split('\n')
    // Oracle: pyarrow 2001-01-01 00:01, delay 33, 2176 miles, LAS → PHL, and so on; 1 January 2001 was a Monday.
    expect(lines.slice(0, 4)).toEqual([
      'month,dayofweek,hour,distance,origin,destination,delay,late',
      '1,1,0,2176,LAS,PHL,33,1',
      '1,1,0,215,ATL,SAV,19,1',
      '1,1,0,405,MCI,MDW,14,0',
    ])
    expect(lines).toHaveLength(2002)
  })

  it('calls a flight late from 16 minutes on', () => {
    const rows = readFileSync(file('east.csv'), 'utf8').trimEnd().split('\n').slice(1)
    const delays = rows.map((row) => row.split(',').slice(6).map(Number))
    expect(delays.map(([delay]) => delay)).toEqual(expect.arrayContaining([15, 16]))
    for (const [delay, late] of delays) expect(late).toBe(delay! > 15 ? 1 : 0)
  })

  it('leaves an existing file alone when told to, and nothing half-written beside it', async () => {
    const before = readFileSync(file('east.csv'), 'utf8')
    await runScript('make-flights.mjs', [file('east.csv'), '--rows', '1', '--if-missing'])
    expect(readFileSync(file('east.csv'), 'utf8')).toBe(before)
    expect(readdirSync(path.dirname(file('x'))).sort()).toEqual(['east.csv', 'west.csv'])
  })
})
