import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createSyncGateway } from 'or3-sync/server'
import type { ChangedInfo, SyncBackend } from 'or3-sync/server'
import type { SyncSchema } from 'or3-sync/schema'
import { acceptedOp, NOW } from '../../src/testing/contract/make-op'
import { serverEdit } from '../../src/testing/contract/backend/store-under-test'
import type { EditOptions } from '../../src/testing/contract/backend/store-under-test'
import { pushBatch } from '../../server/lib/service/push-batch'
import { syncSchema } from './support/deployment/sync-schema'
import { openConvexBackend } from './support/open-backend'
import type { TestDeployment } from './support/open-deployment'
import { wireOp } from './support/wire-op'

const schema = syncSchema as unknown as SyncSchema
const LIST = { workspaceId: 'w1', tableName: 'todos', limit: 10, order: 'asc', maxBytes: 1_000_000 } as const

describe('the server\'s own reads and writes on a deployment', () => {
  let backend: SyncBackend
  let deployment: TestDeployment
  beforeEach(async () => {
    const opened = await openConvexBackend()
    ;[backend, deployment] = [opened, opened.deployment]
    return () => opened.close()
  })

  const write = (edits: EditOptions[]) => backend.write({ workspaceId: 'w1', edits: edits.map(serverEdit), schema, now: NOW })
  const tasks = () => deployment.run(async ({ db }) => (await db.query('tasks').collect()).map(({ id, title }) => `${id} ${title}`))
  const counter = () => deployment.run(async ({ db }) => await db.query('sync_counters').unique())
  /** As pushes would have left them; convex-test takes its time over so many. */
  const storeTombstones = (count: number) => deployment.run(async ({ db }) => {
    const { stamp: { clock, hlc, opId, deviceId } } = wireOp({ op: 'delete' })
    for (let version = 1; version <= count; version++) {
      await db.insert('change_log', {
        workspace_id: 'w1', table_name: 'todos', pk: `gone-${String(version).padStart(5, '0')}`, server_version: version, op: 'delete',
        clock, hlc, op_id: opId, device_id: deviceId, written_at: version, collected: false, payload_bytes: 0,
      })
    }
  })

  it('are followed by a table of the app\'s own', async () => {
    await write([{ tableName: 'tasks', pk: 'a', payload: { id: 'a', title: 'short' } }, { tableName: 'tasks', pk: 'b', payload: { id: 'b', title: 'short' } }])
    await write([{ tableName: 'tasks', kind: 'update', pk: 'a', payload: { id: 'a', title: 'shorter' } }, { tableName: 'tasks', kind: 'delete', pk: 'b' }])
    expect(await tasks()).toEqual(['a shorter'])
  })

  it('are refused as a whole, naming the edit, when that table does not take a row', async () => {
    await write([{ tableName: 'tasks', pk: 'a', payload: { id: 'a', title: 'short' } }])
    const outcome = await write([
      { tableName: 'tasks', pk: 'a', payload: { id: 'a', title: 'shorter' } },
      { tableName: 'tasks', pk: 'b', payload: { id: 'b', title: 'much too long' } },
    ])
    expect(outcome).toEqual({ ok: false, code: 'VALIDATION_ERROR', index: 1, message: 'edits[1], put of tasks "b": payload: the Convex table "tasks" does not take this row' })
    expect(await tasks()).toEqual(['a short'])
    expect(await backend.latestVersion('w1')).toBe(1)
  })

  it('take 500 edits, and replace 512 KiB', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ pk: `row-${index}` }))
    expect(await write(many(501))).toMatchObject({ ok: false, code: 'OVERSIZED', index: 500 })
    expect(await write(many(500))).toMatchObject({ ok: true, version: 500 })
    const large = ['x', 'y', 'z'].map(pk => ({ pk, payload: { id: pk, title: 'x'.repeat(200_000) } }))
    for (const edit of large) await write([edit])
    expect(await write(['x', 'y', 'z'].map(pk => ({ pk })))).toEqual({
      ok: false, code: 'OVERSIZED', index: 2, message: 'edits[2], put of todos "z": one write replaces rows of at most 524288 bytes together; write them in parts',
    })
    expect(await write([{ pk: 'x' }, { pk: 'y' }])).toMatchObject({ ok: true })
  })

  it('answer a repeated write even if what it wrote is larger than what one may replace', async () => {
    const edits = ['x', 'y', 'z', 'u'].map(pk => serverEdit({ pk, payload: { id: pk, title: 'x'.repeat(200_000) } }))
    const request = { workspaceId: 'w1', edits, schema, now: NOW }
    const first = await backend.write(request)
    const again = await backend.write(request)
    expect(first).toMatchObject({ ok: true, version: 4, writes: [{ pk: 'x' }, { pk: 'y' }, { pk: 'z' }, { pk: 'u' }] })
    expect(again).toEqual({ ...first, writes: [], previous: [] })
    expect(await backend.latestVersion('w1')).toBe(4)
  })

  it('leave no name behind when the workspace is erased, and go on afterwards', async () => {
    await write([{ pk: 'a' }])
    expect((await counter())!.hand).toMatchObject({ node: expect.stringMatching(/^[0-9a-z]{8,16}$/) as string })
    await backend.erase('w1')
    expect((await counter())!.hand).toBeUndefined()
    expect(await write([{ pk: 'a' }])).toMatchObject({ ok: true, version: 3 })
  })

  it('pass over any number of deleted records in a list', { timeout: 60_000 }, async () => {
    await write([{ pk: 'a' }, { pk: 'z' }])
    await storeTombstones(4_500)
    const first = await backend.list({ ...LIST, limit: 1 })
    expect([first.rows.map(({ pk }) => pk), first.hasMore]).toEqual([['a'], true])
    const rest = await backend.list({ ...LIST, after: 'a' })
    expect([rest.rows.map(({ pk }) => pk), rest.hasMore]).toEqual([['z'], false])
    expect(await backend.list({ ...LIST, prefix: 'gone' })).toEqual({ rows: [], hasMore: false })
  })

  it('tell or3-sync:changed what a push has replaced; an older deployment does not say', async () => {
    const told: ChangedInfo[] = []
    const gateway = createSyncGateway({ schema, backend, session: () => null, onChanged: (info) => { told.push(info) } })
    const pushed = async (items: ReturnType<typeof acceptedOp>[], isOld = false) => {
      const push = async (request: Parameters<SyncBackend['push']>[0]) => {
        const outcome = await backend.push(request)
        return isOld ? { ...outcome, previous: undefined } : outcome
      }
      const seen: unknown[] = []
      await pushBatch({ backend: { ...backend, push }, now: () => NOW, purgeBefore: () => undefined, onApplied: ({ rows, previous }) => { seen.push(rows.map(({ pk, serverVersion }) => `${pk} ${serverVersion}`), previous); return undefined } }, { workspaceId: 'w1', userId: 'ada', items })
      return seen
    }
    const before = acceptedOp({ pk: 'a' })
    const { clock, hlc, opId } = before.stamp
    expect(await pushed([before])).toEqual([['a 1'], [null]])
    expect(await pushed([acceptedOp({ pk: 'b' }), acceptedOp({ pk: 'a', clock: 2 }), acceptedOp({ pk: 'a', clock: 3 })])).toEqual([['b 2', 'a 4'], [null, { clock, hlc, opId }]])
    expect(await pushed([acceptedOp({ pk: 'a', clock: 4 })], true)).toEqual([['a 5'], [null]])
    await gateway.write('w1', [{ table: 'todos', update: { id: 'a', title: 'by the server' } }], { as: 'bot' })
    await vi.waitFor(() => expect(told).toHaveLength(1))
    expect(told[0]).toMatchObject({ workspaceId: 'w1', userId: 'bot', changes: [{ table: 'todos', pk: 'a', operation: 'put', previous: { clock: 4 }, revision: { clock: 5 }, row: { title: 'by the server' } }] })
    expect(await gateway.get('w1', 'todos', 'a')).toMatchObject({ id: 'a', title: 'by the server', clock: 5 })
    expect((await gateway.list('w1', 'todos')).rows.map(({ id }) => id)).toEqual(['a', 'b'])
  })
})
