import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PushBatch, SyncChange, SyncProvider } from 'or3-sync/client'
import { wireOp, type OpOptions } from './make-op'
import { describeProviderSteps } from './provider-steps'

/** A new, empty store for one test, and ways to use it. It must know `contractSchema`. */
export interface ProviderFixture {
  /** A workspace that nobody has written to. */
  workspaceId: string
  /** Returns a provider of a user who may write there. Each call is another device. */
  connect: () => SyncProvider
  close?: () => void | Promise<void>
}

/**
 * A vitest suite of what every provider must do: everything that the engine relies on. `make` is called before each test.
 * The HLCs of the edits are of October 2025. They lie in the past, so no store refuses them for a clock that is ahead.
 */
export function describeSyncProvider(name: string, make: () => ProviderFixture | Promise<ProviderFixture>): void {
  describe(`${name} provider`, () => {
    let fixture: ProviderFixture
    let provider: SyncProvider
    beforeEach(async () => {
      fixture = await make()
      provider = fixture.connect()
    })
    afterEach(async () => {
      await provider.dispose?.()
      await fixture.close?.()
    })

    const batch = (...ops: OpOptions[]): PushBatch => ({ scope: { workspaceId: fixture.workspaceId }, ops: ops.map(wireOp) })
    const pull = async (cursor = 0, limit = 100) => await provider.pull({ scope: { workspaceId: fixture.workspaceId }, cursor, limit })
    const brief = (changes: readonly SyncChange[]) => changes.map(({ pk, op, stamp }) => `${pk}@${stamp.clock}${op === 'delete' ? ' deleted' : ''}`)

    it('has an id and a mode', () => {
      expect(provider.id).toMatch(/./)
      expect(['direct', 'gateway']).toContain(provider.mode)
    })

    it('answers an empty workspace with no changes', async () => {
      expect(await pull()).toMatchObject({ changes: [], hasMore: false })
    })

    it('answers each op of a batch, in its place', async () => {
      const sent = batch({ pk: 'a' }, { pk: 'b' }, { pk: 'c' })
      const { results } = await provider.push(sent)
      expect(results.map(({ opId, success }) => [opId, success])).toEqual(sent.ops.map(({ stamp }) => [stamp.opId, true]))
    })

    it('gives back what was pushed, in rising versions, page by page', async () => {
      await provider.push(batch({ pk: 'a' }, { pk: 'b' }, { pk: 'c' }))
      const first = await pull(0, 2)
      const rest = await pull(first.nextCursor, 2)
      expect([brief(first.changes), first.hasMore, brief(rest.changes), rest.hasMore]).toEqual([['a@1', 'b@1'], true, ['c@1'], false])
      const versions = [...first.changes, ...rest.changes].map(({ serverVersion }) => serverVersion)
      expect(versions).toEqual([...versions].sort((a, b) => a - b))
      expect(first.changes[0]).toMatchObject({ tableName: 'todos', op: 'put', payload: { id: 'a', title: 'title of a at 1' } })
      expect(await pull(rest.nextCursor)).toMatchObject({ changes: [], hasMore: false })
    })

    it('takes a batch twice without a change', async () => {
      const sent = batch({ pk: 'a' }, { pk: 'b' })
      await provider.push(sent)
      const before = await pull()
      const { results } = await provider.push(sent)
      expect(results.every(({ success, applied }) => success && applied !== false)).toBe(true)
      expect((await pull()).changes).toEqual(before.changes)
    })

    it('keeps the highest revision, in whatever order revisions come', async () => {
      await provider.push(batch({ pk: 'a', clock: 3 }))
      const { results } = await provider.push(batch({ pk: 'a', clock: 2, at: 5_000, device: 'device-2' }))
      expect(results[0]).toMatchObject({ success: true, applied: false, winner: { op: 'put', stamp: { clock: 3 } } })
      await provider.push(batch({ pk: 'a', clock: 3, at: 1, device: 'device-2' }))
      const { changes } = await pull()
      expect(changes).toHaveLength(1)
      expect(changes[0]!.stamp).toMatchObject({ clock: 3, deviceId: 'device-2' })
    })

    it('tells deletes, and lets no older put undo them', async () => {
      await provider.push(batch({ pk: 'a' }))
      await provider.push(batch({ pk: 'a', op: 'delete', clock: 2 }))
      await provider.push(batch({ pk: 'a', clock: 1, at: 9, device: 'device-2' }))
      const { changes } = await pull()
      expect(brief(changes)).toEqual(['a@2 deleted'])
      expect(changes[0]).not.toHaveProperty('payload')
    })

    it('tells the second of two who did not know each other what it replaced', async () => {
      await provider.push(batch({ pk: 'a', base: null }))
      const { results } = await provider.push(batch({ pk: 'a', clock: 2, base: null, device: 'device-2' }))
      expect(results[0]).toMatchObject({ success: true, applied: true, overwrote: { op: 'put', payload: { id: 'a', title: 'title of a at 1' } } })
    })

    it('refuses a bad op alone, and says why', async () => {
      const { results } = await provider.push(batch({ pk: 'a' }, { pk: 'b', payload: { id: 'b', title: 7 } }, { pk: 'c' }))
      expect(results.map(({ success }) => success)).toEqual([true, false, true])
      expect(results[1]).toMatchObject({ errorCode: 'VALIDATION_ERROR', error: expect.stringContaining('title') as string })
    })

    it('brings later changes to a subscriber, until it unsubscribes', async () => {
      const other = fixture.connect()
      const seen = new Set<string>()
      const unsubscribe = await provider.subscribe({ workspaceId: fixture.workspaceId }, ['todos'], changes => changes.forEach(({ pk }) => seen.add(pk)))
      await other.push(batch({ pk: 'a', device: 'device-2' }))
      await vi.waitFor(() => expect(seen).toContain('a'), { timeout: 10_000, interval: 20 })
      unsubscribe()
      await other.push(batch({ pk: 'b', device: 'device-2' }))
      expect(brief((await pull()).changes)).toEqual(['a@1', 'b@1'])
      expect(seen).not.toContain('b')
      await other.dispose?.()
    })

    describeProviderSteps(() => ({ workspaceId: fixture.workspaceId, provider, connect: () => fixture.connect() }))
  })
}
