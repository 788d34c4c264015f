import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LeaseSlots } from '#or3-sync/core/sync/transport/gateway/streams/lease-slots'
import { LockSlots, type SlotLocks } from '#or3-sync/core/sync/transport/gateway/streams/lock-slots'
import { sharesConnections } from '#or3-sync/core/sync/transport/gateway/streams/shares-connections'
import type { StreamSlot, StreamSlots } from '#or3-sync/core/sync/transport/gateway/streams/stream-slots'

const none: StreamSlots = { take: async () => null }

/** The storage that all tabs of a browser share. */
function sharedStorage() {
  const kept = new Map<string, string>()
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => { kept.set(key, value) }, removeItem: (key: string) => { kept.delete(key) } }
}

/** The slice of Web Locks that is used, for the tabs of one browser. */
function sharedLocks(): SlotLocks {
  const held = new Set<string>()
  return {
    request: async (name, _, callback) => {
      if (held.has(name)) return await callback(null)
      held.add(name)
      try { return await callback({ name }) }
      finally { held.delete(name) }
    },
  }
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

async function taken(slots: StreamSlots): Promise<StreamSlot | null> {
  const taking = slots.take()
  await vi.advanceTimersByTimeAsync(500)
  return await taking
}

describe('places for event streams', () => {
  it('F31: there are two, by Web Locks, and one that is given back is free again', async () => {
    const locks = sharedLocks()
    const tabs = Array.from({ length: 4 }, () => new LockSlots({ locks, name: 'stream', instead: none }))
    const slots = await Promise.all(tabs.map(taken))
    expect(slots.map(Boolean)).toEqual([true, true, false, false])
    slots[0]!.release()
    await vi.advanceTimersByTimeAsync(0)
    expect(await taken(tabs[3]!)).not.toBeNull()
    expect(await taken(tabs[2]!)).toBeNull()
  })

  it.each([
    ['never answer', () => new Promise<never>(() => {})], ['refuse', () => Promise.reject(new Error('locks are off'))],
  ])('F31: where Web Locks %s, leases are used instead', async (_, request) => {
    const slots = new LockSlots({ locks: { request }, name: 'stream', instead: new LeaseSlots({ storage: sharedStorage(), name: 'stream', onLeave: () => () => {} }) })
    const taking = slots.take()
    await vi.advanceTimersByTimeAsync(6_000)
    expect(await taking).not.toBeNull()
    expect(await taken(slots), 'and the locks are not waited for again').not.toBeNull()
    expect(await taken(slots)).toBeNull()
  })

  it('F31: there are two, by leases, however many tabs ask at the same moment', async () => {
    const storage = sharedStorage()
    const slots = Array.from({ length: 12 }, () => new LeaseSlots({ storage, name: 'stream', onLeave: () => () => {} }))
    const held = await Promise.all(slots.map(taken))
    expect(held.filter(Boolean)).toHaveLength(2)
    expect((await Promise.all(slots.map(taken))).filter(Boolean)).toEqual([])
  })

  it('F31: the lease of a tab that lives is renewed, that of one that crashed runs out, and one that is left is free at once', async () => {
    const storage = sharedStorage()
    let leave = () => {}
    const tab = () => new LeaseSlots({ storage, name: 'stream', onLeave: (callback) => { leave = callback; return () => {} } })
    const crashed = await taken(tab())
    const second = await taken(tab())
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    expect(await taken(tab())).toBeNull()
    leave()
    expect(second!.lost.aborted, 'the stream of a page that is left ends').toBe(true)
    expect(await taken(tab())).not.toBeNull()
    vi.clearAllTimers()
    await vi.advanceTimersByTimeAsync(160_000)
    expect(await taken(tab())).not.toBeNull()
    expect(crashed!.lost.aborted).toBe(false)
  })

  it('F31: a tab that wakes up after its lease was given to another ends its stream', async () => {
    const storage = sharedStorage()
    const slot = await taken(new LeaseSlots({ storage, name: 'stream', onLeave: () => () => {} }))
    storage.setItem('stream:0', JSON.stringify({ owner: 'another', until: Date.now() + 60_000 }))
    await vi.advanceTimersByTimeAsync(20_000)
    expect(slot!.lost.aborted).toBe(true)
    expect(JSON.parse(storage.getItem('stream:0')!)).toMatchObject({ owner: 'another' })
  })

  it('F31: there are none where storage throws, or is full of something else', async () => {
    const broken = { getItem: () => 'no lease', setItem: () => { throw new Error('QuotaExceededError') }, removeItem: () => {} }
    expect(await taken(new LeaseSlots({ storage: broken, name: 'stream', onLeave: () => () => {} }))).toBeNull()
  })

  it('F31: are not counted where requests share a connection', () => {
    const entries: Record<string, object[]> = { navigation: [{ name: 'https://app/notes', nextHopProtocol: 'h2' }], resource: [{ name: 'https://other/x', nextHopProtocol: 'http/1.1' }] }
    vi.stubGlobal('performance', { getEntriesByType: (type: string) => entries[type] })
    expect([sharesConnections('https://app'), sharesConnections('https://other'), sharesConnections('https://unknown')]).toEqual([true, false, false])
    vi.unstubAllGlobals()
  })
})
