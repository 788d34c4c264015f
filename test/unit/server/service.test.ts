import { beforeEach, describe, expect, it } from 'vitest'
import type { PushLimits } from '#or3-sync/shared/sync/protocol/types'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { BackendPush, SyncBackend } from '../../../server/lib/backends/backend'
import { memoryBackend } from '../../../server/lib/backends/memory'
import { ServiceError } from '../../../server/lib/errors/service-error'
import { moveCursor } from '../../../server/lib/service/move-cursor'
import { pullPage } from '../../../server/lib/service/pull-page'
import { pushBatch } from '../../../server/lib/service/push-batch'
import { pushLimits } from '../../../server/lib/service/push-limits'
import type { ServiceParts } from '../../../server/lib/service/service-parts'
import { acceptedOp, NOW } from './support/make-op'
import { schema } from './support/test-gateway'

const WORKSPACE = { workspaceId: 'w1', userId: 'ada' }
const batchOf = (count: number) => Array.from({ length: count }, (_, index) => acceptedOp({ pk: `row-${index}` }))

/** Hands everything on to a store, and notes what it is asked. */
function watched(backend: SyncBackend, limits?: Partial<PushLimits>): { backend: ServiceParts['backend'], pushes: BackendPush[] } {
  const pushes: BackendPush[] = []
  return {
    pushes,
    backend: {
      limits,
      push: (request) => {
        pushes.push(request)
        return backend.push(request)
      },
      pull: request => backend.pull(request),
      updateCursor: request => backend.updateCursor(request),
      write: request => backend.write(request),
      get: request => backend.get(request),
      list: request => backend.list(request),
    },
  }
}

describe('the service', () => {
  let backend: SyncBackend
  let parts: ServiceParts
  beforeEach(() => {
    backend = memoryBackend()
    parts = { schema, backend, now: () => NOW, purgeBefore: () => undefined }
  })

  const push = (items: readonly PushItem[], given: Partial<ServiceParts> = {}, mark?: string) => pushBatch({ ...parts, ...given }, { ...WORKSPACE, items, mark })
  const keysOf = async (request: Partial<Parameters<typeof pullPage>[1]> = {}) => (await pullPage(parts, { ...WORKSPACE, cursor: 0, limit: 100, ...request })).rows.map(({ pk }) => pk)

  it('takes a batch, says of every op what became of it, and counts that', async () => {
    const counted: [string, number][][] = []
    const [first, second] = batchOf(2) as [PushItem, PushItem]
    const rejected: PushItem = { kind: 'rejected', opId: null, errorCode: 'VALIDATION_ERROR', error: 'no op' }
    await push([first])
    const pushed = await push([first, rejected, second], { metrics: { pushed: outcomes => counted.push([...outcomes]) } })
    expect(pushed).toMatchObject({ results: [{ replayed: true }, { errorCode: 'VALIDATION_ERROR' }, { applied: true }], serverVersion: 2, applied: 1, restored: false })
    expect(counted).toEqual([[['replayed', 1], ['VALIDATION_ERROR', 1], ['applied', 1]]])
  })

  it('gives a store the whole batch at once', async () => {
    const { mark } = await push([acceptedOp({ pk: 'before' })])
    const { backend: asked, pushes } = watched(backend)
    const pushed = await push(batchOf(1_000), { backend: asked, purgeBefore: () => NOW - 1 }, mark)
    expect(pushes.map(({ items, mark, now, purgedBefore }) => [items.length, mark, now, purgedBefore])).toEqual([[1_000, mark, NOW, NOW - 1]])
    expect([pushed.results.length, pushed.applied, pushed.serverVersion]).toEqual([1_000, 1_000, 1_001])
    expect(pushed.mark).toBe((await pullPage(parts, { ...WORKSPACE, cursor: 1_001, limit: 1 })).mark)
  })

  it('refuses a batch above the limits of the store, before streams and store hear of it', async () => {
    const told: string[] = []
    const { backend: small, pushes } = watched(backend, { ops: 2, bytes: 100 })
    const given = { backend: small, feeds: { willPush: (workspaceId: string) => { told.push(workspaceId) } } }
    const send = (count: number, bytes?: number) => pushBatch({ ...parts, ...given }, { ...WORKSPACE, items: batchOf(count), bytes })
    await expect(send(3)).rejects.toThrow(new ServiceError('OVERSIZED', 'a push to this store has at most 2 ops, this one has 3'))
    await expect(send(2, 101)).rejects.toThrow(new ServiceError('OVERSIZED', 'a push to this store has at most 100 bytes, this one has 101; send fewer ops'))
    expect([told, pushes]).toEqual([[], []])
    expect(await send(1, 101), 'one op cannot be sent in parts').toMatchObject({ applied: 1 })
    expect(await send(2, 100)).toMatchObject({ applied: 2 })
  })

  it.each([
    [undefined, { ops: 1_000, bytes: 1_048_576, replacedBytes: 2_097_152 }],
    [{ ops: 5_000, bytes: 1e9, replacedBytes: 1e9 }, { ops: 1_000, bytes: 1_048_576, replacedBytes: 2_097_152 }],
    [{ ops: 0, bytes: Number.NaN, replacedBytes: -3 }, { ops: 1, bytes: 1, replacedBytes: 1 }],
    [{ ops: 2.7 }, { ops: 2, bytes: 1_048_576, replacedBytes: 2_097_152 }],
  ])('reads limits of %o as %o', (limits, expected) => {
    expect(pushLimits({ limits })).toEqual(expected)
  })

  it('passes on which limit the store itself names', async () => {
    const refusing = (reason?: string): ServiceParts['backend'] => ({ ...watched(backend).backend, push: async () => ({ status: 'too-large', reason }) })
    await expect(push(batchOf(2), { backend: refusing('at most 7 rows; send fewer ops') })).rejects.toThrow('at most 7 rows; send fewer ops')
    await expect(push(batchOf(2), { backend: refusing() })).rejects.toThrow('the edits that a push replaces have at most 2097152 bytes, so that they fit into one reply; send fewer ops')
  })

  it('says that the store was restored', async () => {
    expect(await push(batchOf(3), {}, '999.abc')).toMatchObject({ restored: true })
  })

  it('asks the store, too, when there is nothing to push', async () => {
    const { backend: asked, pushes } = watched(backend)
    expect(await push([], { backend: asked })).toMatchObject({ results: [], serverVersion: 0, applied: 0 })
    expect(pushes).toHaveLength(1)
  })

  it('tells the streams of a batch before the store has it', async () => {
    const told: [string, string, number, number][] = []
    const items = batchOf(2)
    const feeds = { willPush: (workspaceId: string, userId: string, items: readonly PushItem[]) => { told.push([workspaceId, userId, items.length, pushes.length]) } }
    const { backend: asked, pushes } = watched(backend)
    await push(items, { backend: asked, feeds })
    expect(told).toEqual([['w1', 'ada', 2, 0]])
  })

  it('refuses a batch that replaces more than a reply carries, and writes nothing of it', async () => {
    const large = (index: number, clock: number, title: string, base?: null) => acceptedOp({ pk: `row-${index}`, clock, device: `device-${clock}`, payload: { id: `row-${index}`, title }, base })
    const rows = [0, 1, 2]
    await push(rows.map(index => large(index, 1, 'x'.repeat(1024 * 1024))))
    const refused = push(rows.map(index => large(index, 2, 'mine', null)))
    await expect(refused).rejects.toBeInstanceOf(ServiceError)
    await expect(refused).rejects.toMatchObject({ code: 'OVERSIZED' })
    expect(await backend.latestVersion('w1')).toBe(3)
    expect(await push([large(0, 2, 'mine', null)])).toMatchObject({ applied: 1 })
  })

  it('reads a page of the tables that the schema has', async () => {
    await push([acceptedOp({ pk: 'a' }), acceptedOp({ table: 'notes', pk: 'b', payload: { key: 'b', text: '' } })])
    expect(await keysOf()).toEqual(['a', 'b'])
    expect(await keysOf({ tables: ['notes', 'unknown'] })).toEqual(['b'])
    expect(await keysOf({ tables: ['unknown'] })).toEqual([])
  })

  it('leaves tombstones out in descending order only, unless it is told to', async () => {
    await push([acceptedOp({ pk: 'a' }), acceptedOp({ pk: 'b', op: 'delete' }), acceptedOp({ pk: 'c' })])
    expect(await keysOf()).toEqual(['a', 'b', 'c'])
    expect(await keysOf({ bootstrap: true })).toEqual(['a', 'c'])
    expect(await keysOf({ order: 'desc' })).toEqual(['c', 'a'])
  })

  it('ends a page at 1 MiB, whatever its limit', async () => {
    await push(Array.from({ length: 3 }, (_, index) => acceptedOp({ pk: `row-${index}`, payload: { id: `row-${index}`, title: 'x'.repeat(400_000) } })))
    expect(await pullPage(parts, { ...WORKSPACE, cursor: 0, limit: 100 })).toMatchObject({ rows: [{ pk: 'row-0' }, { pk: 'row-1' }], nextCursor: 2, hasMore: true })
  })

  it('tells a reader that the store does not know their mark', async () => {
    expect(await pullPage(parts, { ...WORKSPACE, cursor: 0, limit: 1, mark: '5.abc' })).toMatchObject({ requiresRescan: true, restored: true })
  })

  it('moves the cursor of a device, and refuses one that the workspace has not reached', async () => {
    await push(batchOf(2))
    const move = (version: number) => moveCursor(parts, { ...WORKSPACE, deviceId: 'device-1', version })
    await expect(move(2)).resolves.toBeUndefined()
    await expect(move(1), 'a step back is ignored').resolves.toBeUndefined()
    await expect(move(3)).rejects.toThrow(new ServiceError('VALIDATION_ERROR', 'version: the workspace has not reached 3'))
  })
})
