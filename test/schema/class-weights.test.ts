import { describe, expect, it } from 'vitest'
import { balanced } from '../../src/schema/class-weights.js'

describe('balanced class weights', () => {
  it('are those of scikit-learn 1.9.1', () => {
    // compute_class_weight('balanced', classes=['a', 'b', 'c'], y=['a'] * 700 + ['b'] * 200 + ['c'] * 100)
    expect([...balanced([700, 200, 100])]).toEqual([
      0.47619047619047616, 1.6666666666666667, 3.3333333333333335,
    ])
    // compute_class_weight('balanced', classes=['no', 'yes'], y=['no'] * 9 + ['yes'] * 3)
    expect([...balanced([9, 3])]).toEqual([0.6666666666666666, 2])
  })
})
