import { describe, expect, it } from 'vitest'
import type { StoredRevision } from 'or3-sync/client'
import { UnreachedWinners } from '#or3-sync/core/sync/push/unreached-winners'

const EDIT = { opId: 'edit' }
const winner = (serverVersion: number, opId = 'winner') => ({ serverVersion, stamp: { opId } }) as StoredRevision

describe('the winner over an edit', () => {
  it('is reached when this tab, or another one, has read the feed up to it', () => {
    const winners = new UnreachedWinners(() => 3)
    expect([3, 4].map(version => winners.isReached(EDIT, winner(version), 0))).toEqual([true, false])
    expect(winners.isReached(EDIT, winner(4), 4)).toBe(true)
  })

  it.each([undefined, Number.NaN, -1, 1.5])('without a proper version (%s) counts as reached', (version) => {
    expect(new UnreachedWinners(() => 3).isReached(EDIT, winner(version as number), 0)).toBe(true)
  })

  it('lets its edit wait until its version is reached', () => {
    const winners = new UnreachedWinners(() => 3)
    winners.add(EDIT, winner(5))
    expect([winners.reached(4), winners.has('edit')]).toEqual([false, true])
    expect([winners.reached(5), winners.has('edit'), winners.waiting]).toEqual([true, false, []])
  })

  it('that a pull after the answer has not brought counts as reached, and another winner does not', () => {
    const winners = new UnreachedWinners(() => 3)
    winners.add(EDIT, winner(1_000))
    expect([winners.missed(['other']), winners.has('edit')]).toEqual([false, true])
    expect([winners.missed(['edit']), winners.has('edit')]).toEqual([true, false])
    expect(winners.isReached(EDIT, winner(1_000), 0)).toBe(true)
    expect(winners.isReached(EDIT, winner(1_001, 'newer'), 0)).toBe(false)
    winners.forget('edit')
    expect(winners.isReached(EDIT, winner(1_000), 0)).toBe(false)
  })

  it('that its pull has brought before it is found missing stays reached by its version alone', () => {
    const winners = new UnreachedWinners(() => 3)
    winners.add(EDIT, winner(5))
    winners.reached(5)
    expect(winners.missed(['edit'])).toBe(false)
  })
})
