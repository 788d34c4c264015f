import { describe, expect, it } from 'vitest'
import type { SyncBackend } from '../../../server/lib/backends/backend'
import { memoryBackend } from '../../../server/lib/backends/memory'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import { acceptedOp, NOW } from './support/make-op'
import { startTestGateway } from './support/test-gateway'

const PULL = { workspaceId: 'w1', cursor: 0, limit: 100, order: 'asc', bootstrap: false, maxBytes: 1_000_000 } as const
const STORES: [string, () => SyncBackend][] = [['memory', memoryBackend], ['sqlite', () => sqliteBackend({ path: ':memory:' })]]

describe('stores', () => {
  it('pitfall 18: a batch that fails in the middle leaves nothing behind', async () => {
    const backend = sqliteBackend({ path: ':memory:' })
    // The store cannot bind a function: the write fails after its neighbour's has been made.
    const unwritable = { ...acceptedOp({ pk: 'b' }), payload: (() => '{}') as unknown as string }
    await expect(backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'a' }), unwritable], now: NOW })).rejects.toThrow()
    expect(await backend.pull(PULL)).toMatchObject({ rows: [], latestVersion: 0 })
    expect(await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'a' })], now: NOW })).toMatchObject({ serverVersion: 1, applied: 1 })
    await backend.close()
  })

  it.each(STORES)('pitfall 30: a device id of somebody else does not speak for theirs (%s)', async (_, open) => {
    const backend = open()
    const move = (userId: string, version: number) => backend.updateCursor({ workspaceId: 'w1', userId, deviceId: 'device-1', version, now: NOW })
    await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'a' }), acceptedOp({ pk: 'a', op: 'delete', clock: 2 })], now: NOW })
    await move('bob', 1)
    await move('ada', 2)
    expect(await backend.gc({ now: NOW, retentionMs: 1_000, cursorExpiryMs: 1_000 }), 'bob has not seen the delete').toMatchObject({ tombstones: 0 })
    await backend.close()
  })

  it.each(STORES)('pitfall 31: an op that one workspace knows is new to another, also where the same device has written there before (%s)', async (_, open) => {
    const backend = open()
    const op = acceptedOp({ pk: 'a' })
    const pushTo = (workspaceId: string, item: typeof op) => backend.push({ workspaceId, userId: 'ada', items: [item], now: NOW })
    await pushTo('w1', op)
    await pushTo('w2', acceptedOp({ pk: 'b' }))
    expect(await pushTo('w2', op)).toMatchObject({ results: [{ success: true, applied: true, serverVersion: 2 }], applied: 1 })
    expect((await backend.pull({ ...PULL, workspaceId: 'w2' })).rows.map(({ pk }) => pk)).toEqual(['b', 'a'])
    await backend.close()
  })
})

describe('rate limits', () => {
  it('pitfall 23: let a device pull many more than 120 pages a minute', async () => {
    const server = await startTestGateway()
    const statuses = new Set<number>()
    for (let index = 0; index < 200; index++) statuses.add((await server.post('/pull', { scope: { workspaceId: 'w1' }, cursor: 0, limit: 1 })).status)
    expect([...statuses]).toEqual([200])
    await server.stop()
  })
})
