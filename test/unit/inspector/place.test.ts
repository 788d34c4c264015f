import { readPlace, writePlace } from '#or3-sync/inspector/page/use-place'
import { durationWords, toneOf } from '#or3-sync/inspector/page/words'
import { expect, it } from 'vitest'

it('a place survives the way through the URL, whatever the key is', () => {
  const place = { view: 'why', table: 'todos', pk: 'a&b=c#d/é "x"' } as const
  expect(readPlace(writePlace(place))).toEqual(place)
  expect(writePlace({ view: 'outbox' })).toBe('#/outbox')
})

it('an unknown place is the overview', () => {
  expect(readPlace('')).toEqual({ view: 'overview', table: '', pk: '' })
  expect(readPlace('#/settings').view).toBe('overview')
})

it('waits are told in seconds, longer ones in minutes', () => {
  expect([durationWords(-5), durationWords(2_100), durationWords(180_000)]).toEqual(['0 s', '3 s', '3 min'])
})

it('a state that nobody knows has no colour', () => {
  expect([toneOf('failed'), toneOf('synced'), toneOf('held'), toneOf('local')]).toEqual(['bad', 'good', 'warn', 'plain'])
})
