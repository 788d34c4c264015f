import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import { stampProblem } from '#or3-sync/shared/sync/protocol/stamp-problem'
import { upgradedStamp } from '#or3-sync/shared/sync/protocol/upgraded-stamp'
import type { WirePayload } from '#or3-sync/shared/sync/protocol/types'

const payloads = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<WirePayload>
const shuffled = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(shuffled)
  return Object.fromEntries(Object.entries(value).reverse().map(([key, inner]) => [key, shuffled(inner)]))
}

describe('F4: the stamp of a row that a step creates', () => {
  it('is one that every store takes, and below every edit', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), payloads, (pk, payload) => {
      const stamp = upgradedStamp('todos', pk, payload)
      expect(stampProblem(stamp)).toBeNull()
      expect(compareRevisions(stamp, { clock: 1, hlc: '000000001:0000:00000000', opId: '00000000-0000-4000-8000-000000000000' })).toBe(-1)
    }))
  })

  it('is the same on every device that makes the row, in whatever order it writes the fields', () => {
    fc.assert(fc.property(fc.string(), payloads, (pk, payload) => {
      expect(upgradedStamp('todos', pk, shuffled(payload) as WirePayload)).toEqual(upgradedStamp('todos', pk, payload))
    }))
  })

  it('tells tables, keys and contents apart', () => {
    const ids = new Set<string>()
    for (let index = 0; index < 20_000; index++) ids.add(upgradedStamp('todos', `key ${index}`, { n: 0 }).opId)
    for (let index = 1; index < 20_000; index++) ids.add(upgradedStamp('todos', 'key 0', { n: index }).opId)
    ids.add(upgradedStamp('notes', 'key 0', { n: 0 }).opId)
    expect(ids.size).toBe(40_000)
  })

  it('stays what it is: devices of another release make the same', () => {
    expect(upgradedStamp('todos', 'a', { id: 'a', title: 'x', tags: [1, { b: null }] })).toEqual({ clock: 1, hlc: UPGRADED_HLC, opId: '39215ff7-f5ce-85d4-8565-ef6deeaa23ce' })
  })
})
