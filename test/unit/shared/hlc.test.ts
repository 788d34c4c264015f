import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHybridClock, createNodeId, formatHlc, isHlc, parseHlc } from '#or3-sync/shared/sync/protocol/hlc'

const NODE = 'abcdefghijkl'
const clockAt = (now: () => number) => createHybridClock({ now, node: NODE })

describe('the hybrid clock', () => {
  it('writes fixed-width stamps whose text order is their time order', () => {
    const parts = fc.record({ ms: fc.integer({ min: 0, max: 36 ** 9 - 1 }), counter: fc.integer({ min: 0, max: 36 ** 4 - 1 }), node: fc.constant(NODE) })
    fc.assert(fc.property(parts, parts, (a, b) => {
      const [x, y] = [formatHlc(a), formatHlc(b)]
      expect(isHlc(x)).toBe(true)
      expect(parseHlc(x)).toEqual(a)
      expect(Math.sign(x < y ? -1 : x > y ? 1 : 0)).toBe(Math.sign(a.ms - b.ms || a.counter - b.counter))
    }))
  })

  it('never repeats and never goes back, whatever the wall does', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 2 }), (walls) => {
      let now = 0
      const clock = clockAt(() => now)
      let last = ''
      for (const wall of walls) {
        now = wall
        const stamp = clock.next()
        expect(stamp > last).toBe(true)
        last = stamp
      }
    }))
  })

  it('stands above what it has received', () => {
    const clock = clockAt(() => 1_000)
    clock.receive(formatHlc({ ms: 5_000, counter: 7, node: 'zzzzzzzzzzzz' }))
    expect(parseHlc(clock.next())).toMatchObject({ ms: 5_000, counter: 8 })
  })

  it('does not follow a stamp more than 5 minutes ahead of the store\'s time, once that is known', () => {
    const clock = clockAt(() => 1_000)
    clock.setOffset(0)
    clock.receive(formatHlc({ ms: 1_000_000, counter: 0, node: 'zzzzzzzzzzzz' }))
    expect(parseHlc(clock.next())).toMatchObject({ ms: 1_000 })
  })

  it('goes on from a stored stamp, and starts anew only by a reset', () => {
    const clock = clockAt(() => 1_000)
    clock.restore(formatHlc({ ms: 9_000_000, counter: 0, node: NODE }))
    expect(parseHlc(clock.next())).toMatchObject({ ms: 9_000_000, counter: 1 })
    clock.reset()
    expect(parseHlc(clock.next())).toMatchObject({ ms: 1_000 })
  })

  it('borrows the next millisecond when the counter is full', () => {
    const clock = clockAt(() => 1_000)
    clock.restore(formatHlc({ ms: 1_000, counter: 36 ** 4 - 1, node: NODE }))
    expect(parseHlc(clock.next())).toMatchObject({ ms: 1_001, counter: 0 })
  })

  it('makes node ids of 12 lower-case letters and digits', () => {
    expect(createNodeId(Math.random)).toMatch(/^[0-9a-z]{12}$/)
    expect(createNodeId(() => 0)).toBe('000000000000')
  })
})
