import { describe, expect, test } from 'vitest'
import {
  differenceOfRounds,
  isNotSlower,
  quantile,
  ratioOfRounds,
  summarize,
} from './statistics.ts'

describe('summaries', () => {
  const rows: readonly { values: number[]; median: number; q1: number; q3: number }[] = [
    { values: [7], median: 7, q1: 7, q3: 7 },
    { values: [2, 1], median: 1.5, q1: 1.25, q3: 1.75 },
    { values: [5, 1, 4, 2, 3], median: 3, q1: 2, q3: 4 },
    { values: [1, 1, 1, 1, 1000], median: 1, q1: 1, q3: 1 },
  ]
  test.each(rows)('of $values have the median $median', ({ values, ...expected }) => {
    expect(summarize(values)).toEqual({ ...expected, rounds: values.length })
  })

  test('of nothing, or of something that is no number, do not exist', () => {
    expect(() => summarize([])).toThrow(RangeError)
    expect(() => summarize([1, Number.NaN])).toThrow(RangeError)
    expect(() => quantile([], 0.5)).toThrow(RangeError)
  })
})

describe('comparisons', () => {
  test('a slow second of the machine that hits both leaves the ratio alone', () => {
    expect(ratioOfRounds([20, 200, 20], [10, 100, 10])).toEqual({
      median: 2,
      q1: 2,
      q3: 2,
      rounds: 3,
    })
  })

  test('differences are taken round by round', () => {
    expect(differenceOfRounds([12, 30, 11], [10, 20, 10]).median).toBe(2)
  })

  test('unequal numbers of rounds are not compared', () => {
    expect(() => ratioOfRounds([1, 2], [1])).toThrow('in pairs')
  })

  test('not slower means: the spread still reaches one', () => {
    expect(isNotSlower([10, 9, 11, 10], [10, 10, 10, 10])).toBe(true)
    expect(isNotSlower([12, 12, 13, 12], [10, 10, 10, 10])).toBe(false)
  })
})
