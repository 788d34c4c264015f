import { describe, expect, it } from 'vitest'
import { errorWords } from '../../../playground/app/utils/error-words'
import { formatTime } from '../../../playground/app/utils/format-time'
import { keepPlaces } from '../../../playground/app/utils/keep-places'
import { refusalWords } from '../../../playground/app/utils/refusal-words'

describe('what the playground says', () => {
  it.each([
    [{ errorCode: 'READ_ONLY', error: 'role viewer' }, 'you may read here, not write'],
    [{ errorCode: 'OVERSIZED', error: '300000 bytes' }, 'it is too large'],
    [{ errorCode: 'VALIDATION_ERROR', error: 'payload.text: Too big' }, '“text”: Too big'],
    [{ errorCode: 'VALIDATION_ERROR', error: 'payload.edited_at: Invalid input: expected number, received string' }, '“edited_at” must be a number, and is a text'],
    [{ errorCode: 'VALIDATION_ERROR', error: 'payload.title: Invalid input: expected string, received undefined' }, '“title” is missing'],
    [{ errorCode: 'VALIDATION_ERROR', error: 'payload.title: Too big: expected string to have <=200 characters' }, '“title” is too long: at most 200 characters'],
    [{ errorCode: 'VALIDATION_ERROR' }, 'the server refused it'],
    [{}, 'the server refused it'],
  ] as const)('of the refusal %j', (refusal, words) => {
    expect(refusalWords(refusal)).toBe(words)
  })

  it('of an error: the server\'s own words, or that there is no server', () => {
    expect(errorWords({ name: 'FetchError', message: '[POST] "/api/x": <no response> Failed to fetch' })).toBe('The server cannot be reached. Try again in a while.')
    expect(errorWords({ name: 'FetchError', status: 403, message: '[POST] 403', data: { message: 'only owners add members' } })).toBe('only owners add members')
    expect(errorWords(new Error('the disk is full'))).toBe('the disk is full')
    expect(errorWords({})).toBe('That did not work.')
  })

  it('of times, and of what is no time', () => {
    const now = Date.UTC(2026, 10, 27, 12)
    expect([now, now - 59_999, now - 60_000, now - 59 * 60_000].map(ms => formatTime(ms, now))).toEqual(['now', 'now', '1 min', '59 min'])
    const hour = 3_600_000
    expect([hour, 23.9 * hour, 24 * hour, 167 * hour, 168 * hour].map(age => formatTime(now - age, now))).toEqual(['1 h', '23 h', '1 d', '6 d', 'Nov 20'])
    for (const none of [undefined, Number.NaN, 'yesterday' as unknown as number]) expect(formatTime(none, now)).toBe('')
  })
})

describe('rows that keep their places', () => {
  const rows = (...ids: string[]) => ids.map(id => ({ id }))
  const noRank = () => 0

  it('stand where they stood, with new ones first and without those that are gone', () => {
    expect(keepPlaces(rows('c', 'new', 'a'), rows('a', 'b', 'c'), noRank)).toEqual(rows('new', 'a', 'c'))
    expect(keepPlaces(rows('b', 'a'), [], noRank)).toEqual(rows('b', 'a'))
  })

  it('go before others of a higher rank all the same', () => {
    expect(keepPlaces(rows('a', 'b', 'pinned'), rows('a', 'b', 'pinned'), ({ id }) => id === 'pinned' ? 0 : 1)).toEqual(rows('pinned', 'a', 'b'))
  })
})
