import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SyncProvider } from 'or3-sync/client'
import { isHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { readTabMessage } from '#or3-sync/core/sync/tabs/read-tab-message'
import { ServerClock } from '#or3-sync/core/sync/environment/server-clock'
import { EngineHarness, until } from '../../support/engine-harness'
import { checkChanges } from '#or3-sync/core/sync/pull/check-changes'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const ABSURD = [Number.NaN, Infinity, -Infinity, 0, -1, 1.5, 12_345, 1e15, 1e300, Number.MAX_SAFE_INTEGER, '2026-01-01', null, {}, true]

describe('the time that a provider tells', () => {
  it.each([...ABSURD, Date.now() + 0.25])('F10: %s makes no stamp that a store refuses', async (serverTime) => {
    const inner = world.provider('ann')
    const provider: SyncProvider = {
      id: 'odd', mode: 'gateway',
      push: async batch => ({ ...await inner.push(batch), serverTime: serverTime as number }),
      pull: async request => ({ ...await inner.pull(request), serverTime: serverTime as number }),
      subscribe: (...args) => inner.subscribe(...args),
    }
    const ann = world.device('ann', { provider })
    await ann.start()
    for (const id of ['1', '2', '3']) {
      await ann.db.todos.put({ id, title: 'x' })
      await ann.whenIdle()
    }
    expect(await ann.queue.failed()).toEqual([])
    for (const { hlc } of await ann.db.todos.toArray()) expect(isHlc(hlc), hlc).toBe(true)
    expect(ann.status.get().pendingCount).toBe(0)
    inner.dispose()
  })

  it('F10: is believed where it can be a time, whole or not', () => {
    const hlc = { setOffset: vi.fn(), reset: vi.fn() }
    const onCorrected = vi.fn()
    const clock = new ServerClock({ clock: { now: () => 1.7e12, setTimeout: () => 0, clearTimeout() {} }, hlc: hlc as never, onCorrected })
    clock.heardFrom({ serverTime: 1.7e12 + 60_000.4 })
    expect(hlc.setOffset).toHaveBeenCalledWith(60_000)
    for (const serverTime of ABSURD) clock.heardFrom({ serverTime: serverTime as number })
    expect(hlc.setOffset).toHaveBeenCalledTimes(1)
    clock.correct(1e15, true)
    clock.correct(Number.NaN, true)
    expect([clock.offsetMs, hlc.reset.mock.calls.length]).toEqual([60_000, 0])
  })
})

describe('what another tab says', () => {
  it('F10: is read by its form: strange messages are nobody\'s', () => {
    const strange = [
      null, undefined, 1, 'clock', [], {}, { type: 'toString' }, { type: 'status' }, { type: 'status', status: null }, { type: 'status', status: { state: 'idle' } },
      { type: 'clock' }, { type: 'clock', offset: '5', reset: true }, { type: 'clock', offset: Number.NaN, reset: false }, { type: 'clock', offset: 5 }, { type: 'outbox' },
      { type: 'ping' }, { type: 'ping', schemaVersion: '1' }, { type: 'sending', from: 'a' }, { type: 'sending', from: 'a', keys: [1] }, { type: 'sending', keys: [] }, { type: 'catch-up' }, { type: 'caught-up', id: 7 }, { type: 'nothing we know' },
    ]
    for (const message of strange) expect(readTabMessage(message), JSON.stringify(message)).toBeNull()
    const status = { state: 'idle', cursor: 1, lastSyncAt: 1, firstSyncDone: true, consistent: true, progress: null, pulledCount: 0, error: null, reason: null }
    for (const message of [{ type: 'hello' }, { type: 'pong' }, { type: 'clock', offset: -5.5, reset: false }, { type: 'outbox', now: true }, { type: 'ping', schemaVersion: 3 }, { type: 'status', status }, { type: 'watch-sending' }, { type: 'sending', from: 'a', keys: ['todos\u00001'] }, { type: 'catch-up', id: 'a' }, { type: 'caught-up', id: 'a' }]) {
      expect(readTabMessage(message)).toEqual(message)
    }
  })

  it('F10: does not stop a page, whatever comes over its channel', async () => {
    let transport: { onmessage: ((event: { data: unknown }) => void) | null } | undefined
    const ann = world.device('ann', { environment: { channel: () => transport = { postMessage() {}, onmessage: null, close() {} } as never } })
    await ann.start()
    for (const data of [null, 7, { type: 'clock', offset: 1e300, reset: true }, { type: 'clock', offset: 'x', reset: true }, { type: 'status', status: 7 }, { type: 'rescan', more: 1 }, new Map()]) {
      transport!.onmessage?.({ data })
    }
    await ann.db.todos.put({ id: '1', title: 'x' })
    await ann.whenIdle()
    expect(await ann.queue.failed()).toEqual([])
    await until(() => ann.status.get().state, state => state === 'idle')
  })
})

describe('an edit whose stamp is out of form', () => {
  it.each([
    ['an HLC of a broken clock', { hlc: '0mdx.4:0000:abcdefgh' }],
    ['an HLC of no form at all', { hlc: '' }],
    ['a clock that is no integer', { clock: 1.5 }],
    ['an op id of another kind', { opId: 'NOT-A-UUID' }],
  ])('F10: is stamped anew and sent (%s)', async (_, broken) => {
    const ann = world.device('ann')
    await ann.db.todos.put({ id: '1', title: 'kept' })
    const [record] = await ann.db.table('pending_ops').toArray() as { ops: object[] }[]
    const op = { ...record!.ops[0]!, ...broken } as { hlc: string, clock: number, opId: string }
    await ann.db.table('pending_ops').put({ ...record, ops: [op] })
    await ann.db.transaction('rw', ['todos', 'sync_state'], async (tx) => {
      // As an engine that had gone wrong wrote it: past capture.
      const store = (tx as unknown as { idbtrans: IDBTransaction }).idbtrans.objectStore('todos')
      store.put({ id: '1', title: 'kept', clock: op.clock, hlc: op.hlc, op_id: op.opId })
      await tx.table('sync_state').count()
    })
    await ann.start()
    await ann.whenIdle()
    expect([await ann.queue.failed(), await ann.queue.pending()]).toEqual([[], []])
    const bob = world.device('bob')
    await bob.start()
    await until(() => bob.db.todos.get('1'), row => row?.title === 'kept')
  })

  it.each([
    ['nothing', null], ['no table', { pk: '1', op: 'put', stamp: {} }], ['a key that is a number', { tableName: 'todos', pk: 1, op: 'put', stamp: {} }],
    ['another operation', { tableName: 'todos', pk: '1', op: 'patch', stamp: {} }], ['no stamp', { tableName: 'todos', pk: '1', op: 'put' }],
  ])('F10: a change that has %s is the provider\'s error, which names it', (_, change) => {
    const sound = { tableName: 'todos', pk: '1', op: 'delete', stamp: {} }
    expect(() => checkChanges([sound])).not.toThrow()
    expect(() => checkChanges([sound, change])).toThrow('the provider\'s change 1 must be')
  })

  it('F10: of a provider is set aside and shown, and its neighbours are applied', async () => {
    const ann = world.device('ann', {
      provider: {
        id: 'odd', mode: 'direct',
        push: async () => { throw new Error('away') },
        pull: async ({ cursor }) => cursor >= 2
          ? { changes: [], nextCursor: 2, hasMore: false }
          : {
              changes: [
                { tableName: 'todos', pk: '1', op: 'put' as const, payload: { id: '1', title: 'odd' }, serverVersion: 1, stamp: { deviceId: 'd', opId: '00000000-0000-4000-8000-000000000001', clock: 1, hlc: 'noon' } },
                { tableName: 'todos', pk: '2', op: 'put' as const, payload: { id: '2', title: 'right' }, serverVersion: 2, stamp: { deviceId: 'd', opId: '00000000-0000-4000-8000-000000000002', clock: 1, hlc: '0mdx00000:0000:abcdefgh' } },
              ],
              nextCursor: 2, hasMore: false,
            },
        subscribe: async () => () => {},
      },
    })
    const messages: string[] = []
    ann.hooks.addAction('sync.error:action', ({ error }) => { messages.push(error.message) })
    await ann.start()
    await until(() => ann.db.todos.get('2'))
    expect(await ann.db.todos.get('1')).toBeUndefined()
    expect((await ann.diagnostics()).quarantined).toBe(1)
    expect(messages.join()).toContain('stamp.hlc')
  })
})
