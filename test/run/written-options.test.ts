import { describe, expect, it } from 'vitest'
import { resolve } from 'node:path'
import { pathsAsIn, pathsFrom } from '../../src/run/written-options.js'

describe('paths of options in a file', () => {
  // By hand: what `cd models` would make of them.
  it.each([
    ['data/a.csv', '../data/a.csv'],
    ['./models/a.csv', 'a.csv'],
    ['data/*.csv', '../data/*.csv'],
    ['/data/a.csv', '/data/a.csv'],
    ['https://example.org/a.csv', 'https://example.org/a.csv'],
    ['-', '-'],
    ['models/-', './-'],
  ])('%j is written as %j in models/', (path, written) => {
    expect(pathsAsIn('models', { input: path })).toEqual({ input: written })
    const read = pathsFrom('models', { input: written }).input
    if (path === '-' || path.startsWith('https:')) expect(read).toBe(path)
    else expect(resolve(read)).toBe(resolve(path))
  })

  it('leaves shares, what is no path, and other options alone', () => {
    const options = { validation: '10%', target: 'late', dashboard: 8080, na: ['a/b'], seed: 3, initModel: 3 }
    expect(pathsFrom('models', options)).toEqual(options)
    expect(pathsFrom('models', { validation: 0.1 })).toEqual({ validation: 0.1 })
  })

  it('finds every option that names files', () => {
    const named = { input: ['a', 'b'], validation: ['c', 'd'], initModel: 'e', quarantine: 'f', cache: 'g' }
    const others = { checkpoint: 'h', events: 'i', history: 'j', tensorboard: 'k', out: 'l' }
    expect(pathsFrom('x', { ...named, ...others })).toEqual({
      ...{
        input: ['x/a', 'x/b'],
        validation: ['x/c', 'x/d'],
        initModel: 'x/e',
        quarantine: 'x/f',
        cache: 'x/g',
      },
      ...{ checkpoint: 'x/h', events: 'x/i', history: 'x/j', tensorboard: 'x/k', out: 'x/l' },
    })
  })
})
