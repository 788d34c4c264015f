import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRevisions, MAX_CLOCK, nextClock } from '#or3-sync/shared/sync/protocol/revision'

const revision = fc.record({ clock: fc.integer({ min: 1, max: 4 }), hlc: fc.constantFrom('a', 'b', 'c'), opId: fc.constantFrom('1', '2', '3') })

describe('the order of revisions', () => {
  it('is total: antisymmetric, transitive, and zero only for the same op', () => {
    fc.assert(fc.property(revision, revision, revision, (a, b, c) => {
      expect(Math.sign(compareRevisions(a, b)) + Math.sign(compareRevisions(b, a))).toBe(0)
      if (compareRevisions(a, b) <= 0 && compareRevisions(b, c) <= 0) expect(compareRevisions(a, c)).toBeLessThanOrEqual(0)
      expect(compareRevisions(a, b) === 0).toBe(a.clock === b.clock && a.hlc === b.hlc && a.opId === b.opId)
    }))
  })

  it('pitfall 13: equal clocks are decided by the hybrid time, equal times by the op id', () => {
    expect(compareRevisions({ clock: 2, hlc: 'a', opId: 'z' }, { clock: 1, hlc: 'z', opId: 'z' })).toBeGreaterThan(0)
    expect(compareRevisions({ clock: 1, hlc: 'b', opId: 'a' }, { clock: 1, hlc: 'a', opId: 'z' })).toBeGreaterThan(0)
    expect(compareRevisions({ clock: 1, hlc: 'a', opId: 'b' }, { clock: 1, hlc: 'a', opId: 'a' })).toBeGreaterThan(0)
  })

  it('the clock stays at 2^31-1 once it got there', () => {
    expect([nextClock(undefined), nextClock(0), nextClock(7), nextClock(MAX_CLOCK)]).toEqual([1, 1, 8, MAX_CLOCK])
  })
})
