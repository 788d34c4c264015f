import { describe, expect, it } from 'vitest'
import { timeWords } from '#or3-sync/components/parts/time-words'
import { valueText } from '#or3-sync/components/parts/value-text'

describe('times in words', () => {
  const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
  it.each([
    [0, 'now'], [59 * second, 'now'], [minute, '1 minute ago'], [59 * minute, '59 minutes ago'], [hour, '1 hour ago'], [23 * hour, '23 hours ago'], [day, 'yesterday'], [9 * day, '9 days ago'],
  ])('%d ms ago', (age, words) => {
    expect(timeWords(1_000 * day - age, 1_000 * day, 'en')).toBe(words)
  })

  it('are in the language that is asked for', () => {
    expect(timeWords(0, 2 * hour, 'de')).toBe('vor 2 Stunden')
  })
})

it.each([
  [undefined, '-'], [null, '-'], ['', ''], ['a', 'a'], [0, '0'], [false, 'false'], [5n, '5'], [new Date(0), '1970-01-01T00:00:00.000Z'], [new Date(NaN), 'Invalid Date'],
  [new Uint8Array(3), '3 bytes'], [['a', 5n], '[\n  "a",\n  "5"\n]'],
])('the value %o of a row is read as text', (value, text) => {
  expect(valueText(value, '-')).toBe(text)
})
