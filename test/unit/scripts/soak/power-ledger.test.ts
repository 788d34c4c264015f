import { describe, expect, it } from 'vitest'
import { PowerLedger, type Push } from '../../../../scripts/soak/power/power-ledger'
import type { StoreContent } from '../../../../scripts/soak/power/store-content'

function push(version: number | null, records: Record<string, number>): Push {
  return { version, records: new Map(Object.entries(records).map(([key, clock]) => [key, { clock, opId: `${key}@${clock}` }])) }
}

function store(version: number, records: Record<string, number>): StoreContent {
  return { integrity: 'ok', version, records: new Map(Object.entries(records).map(([key, clock]) => [key, { clock, opId: `${key}@${clock}`, version }])) }
}

function compare(content: StoreContent, ...pushes: Push[]) {
  const ledger = new PowerLedger()
  for (const each of pushes) ledger.add(each)
  return ledger.compare(content)
}

describe('what a power cut has left', () => {
  it('is complete when every acknowledged push is there, or what came after it', () => {
    expect(compare(store(3, { a: 2, b: 1 }), push(2, { a: 1, b: 1 }), push(3, { a: 2 }))).toEqual({ acknowledged: 2, lost: 0, torn: 0, holes: 0, damaged: 0 })
  })

  it('lacks an acknowledged push', () => {
    expect(compare(store(2, { a: 1 }), push(2, { a: 1 }), push(4, { b: 1, c: 1 }))).toMatchObject({ acknowledged: 2, lost: 1, torn: 0, holes: 0 })
  })

  it('has a push in part, answered or not', () => {
    expect(compare(store(2, { a: 1 }), push(null, { a: 1, b: 1 }))).toMatchObject({ acknowledged: 0, lost: 0, torn: 1 })
  })

  it('has a hole: a later push is there', () => {
    expect(compare(store(3, { b: 1 }), push(2, { a: 1 }), push(3, { b: 1 }))).toMatchObject({ lost: 1, holes: 1 })
  })

  it('need not have a push without an answer', () => {
    expect(compare(store(0, {}), push(null, { a: 1 }))).toMatchObject({ lost: 0, torn: 0 })
  })

  it('is damaged when a later cut takes what an earlier one had left', () => {
    const ledger = new PowerLedger()
    ledger.add(push(1, { a: 1 }))
    ledger.compare(store(1, { a: 1 }))
    expect(ledger.nextClock('a')).toBe(2)
    expect(ledger.compare(store(0, {}))).toMatchObject({ acknowledged: 0, damaged: 1 })
    expect(ledger.nextClock('a')).toBe(1)
  })
})
