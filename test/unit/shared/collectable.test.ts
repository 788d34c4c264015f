import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countCollectable, gcTimes, isPurgeable, isSilent, isWaitedFor, laterPurge, seenByAll } from '#or3-sync/shared/sync/store/collectable'
import { NO_BOUND } from '#or3-sync/shared/sync/store/feed-page'

const NOW = 1_760_000_000_000
const DAY = 24 * 60 * 60_000
const times = gcTimes({ now: NOW, retentionMs: 30 * DAY, cursorExpiryMs: 7 * DAY })

describe('what may be collected', () => {
  it('is counted from the time of the run; a device is forgotten after the longer of both spans', () => {
    expect(times).toEqual({ liveSince: NOW - 7 * DAY, keepSince: NOW - 30 * DAY, silentSince: NOW - 30 * DAY })
    expect(gcTimes({ now: NOW, retentionMs: DAY, cursorExpiryMs: 7 * DAY }).silentSince).toBe(NOW - 7 * DAY)
    expect(gcTimes({ now: NOW, retentionMs: Infinity, cursorExpiryMs: DAY }).silentSince).toBe(-Infinity)
  })

  it('is held back by devices that were heard of lately', () => {
    expect([NOW, NOW - 7 * DAY, NOW - 7 * DAY - 1].map(seenAt => isWaitedFor({ seenAt }, times))).toEqual([true, true, false])
    expect(seenByAll([{ cursor: 9, seenAt: NOW }, { cursor: 7, seenAt: NOW }, { cursor: 1, seenAt: NOW - 8 * DAY }], times)).toBe(7)
    expect(seenByAll([{ cursor: 1, seenAt: NOW - 8 * DAY }], times)).toBe(NO_BOUND)
  })

  it('forgets devices and writers that were silent for longer than anything is kept for them', () => {
    expect([NOW - 30 * DAY, NOW - 30 * DAY - 1].map(seenAt => isSilent({ seenAt }, times))).toEqual([false, true])
  })

  it('is what all have read, and what is too old to be kept for anybody', () => {
    const tombstones = [{ serverVersion: 2, writtenAt: NOW - 40 * DAY }, { serverVersion: 5, writtenAt: NOW - 2 * DAY }, { serverVersion: 9, writtenAt: NOW - DAY }]
    const collected = (seen: number, list = tombstones) => countCollectable(list, { keepSince: times.keepSince, seenByAll: seen })
    expect([collected(0), collected(4), collected(5), collected(8), collected(NO_BOUND)]).toEqual([1, 1, 2, 2, 3])
    expect([collected(9, []), collected(0, tombstones.slice(1))]).toEqual([0, 0])
  })

  it('keeps all that follows a tombstone that is kept, also where the clock was set back: the floor rises to the last that goes', () => {
    const tombstone = fc.record({ step: fc.integer({ min: 1, max: 5 }), age: fc.integer({ min: 0, max: 60 }) })
    fc.assert(fc.property(fc.array(tombstone), fc.nat(50), (list, seen) => {
      let version = 0
      const tombstones = list.map(({ step, age }) => ({ serverVersion: version += step, writtenAt: NOW - age * DAY }))
      const count = countCollectable(tombstones, { keepSince: times.keepSince, seenByAll: seen })
      const mayGo = tombstones.map(({ serverVersion, writtenAt }) => serverVersion <= seen || writtenAt < times.keepSince)
      expect(mayGo.slice(0, count)).not.toContain(false)
      expect(mayGo[count] ?? false).toBe(false)
    }))
  })

  it('forgets a deletion for good once it has left the feed and is old, where that is asked for', () => {
    const old = { collected: true, writtenAt: NOW - 1 }
    expect(isPurgeable(old, { purgeBefore: NOW })).toBe(true)
    expect(isPurgeable(old, { purgeBefore: NOW - 1 })).toBe(false)
    expect(isPurgeable(old, {})).toBe(false)
    expect(isPurgeable({ ...old, collected: false }, { purgeBefore: NOW })).toBe(false)
    expect(isPurgeable({ writtenAt: 0 }, { purgeBefore: NOW })).toBe(false)
  })

  it('remembers the later of two purges', () => {
    expect([laterPurge(1, 2), laterPurge(2, 1), laterPurge(undefined, 1), laterPurge(1, null), laterPurge(null, undefined)]).toEqual([2, 2, 1, 1, 0])
  })
})
