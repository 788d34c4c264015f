import { afterEach, describe, expect, it } from 'vitest'
import { memoryBackend } from 'or3-sync/server'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness, type TodoEngine } from '../../../support/engine-harness'
import { asSchema, deviceOf, reloadedWith, started } from '../../../support/schema-versions'

const v1 = defineSyncSchema({ version: 1, tables: { todos: { schema: z.object({ id: z.string(), title: z.string() }), primaryKey: 'id' } } })
const today = z.object({ id: z.string(), title: z.string(), done: z.boolean(), private: z.boolean().optional() })
const addDone = (row: Record<string, unknown>) => ({ ...row, done: row.done ?? false })
const v2with = (table: object, version = 2) => defineSyncSchema({ version, tables: { todos: { schema: today, primaryKey: 'id', upgradeRow: addDone, ...table } } })
const v2 = v2with({})
const failing = v2with({ upgradeRow: (row: Record<string, unknown>) => {
  if (row.title === 'odd') throw new Error('an odd title')
  return addDone(row)
} })

let world: EngineHarness
afterEach(() => world.close())
const open = async (schema: unknown = v2) => { world = await EngineHarness.open({ schema: asSchema(schema) }) }
const rowsOf = (device: TodoEngine) => device.db.table('todos').toArray()
const put = (device: TodoEngine, ...rows: object[]) => device.db.table('todos').bulkPut(rows)

describe('F5: rows of an earlier shape', () => {
  it('are shown by a new device as rows of today\'s shape, although nobody wrote them again', async () => {
    await open()
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, ...Array.from({ length: 10 }, (_, index) => ({ id: `t${index}`, title: 'x' })))
    await old.whenIdle()
    const other = await started(deviceOf(world, 'bob', v2))
    expect((await rowsOf(other)).map(({ done }) => done)).toEqual(Array.from({ length: 10 }, () => false))
    expect(await other.db.table('sync_quarantine').count()).toBe(0)
  })

  it('keep their revisions when the version rises, and nothing is sent', async () => {
    await open()
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, { id: 'a', title: 'x' })
    await old.whenIdle()
    const [before] = await rowsOf(old)
    world.requests = []
    const device = await started(await reloadedWith(world, old, 'ann', v2))
    expect(await rowsOf(device)).toEqual([{ ...before, done: false }])
    expect(world.requests).not.toContain('/push')
  })

  it('are sent in today\'s shape where they were still waiting, under the revision that they had', async () => {
    await open()
    const old = deviceOf(world, 'ann', v1)
    await put(old, { id: 'a', title: 'x' })
    const [{ op_id }] = await rowsOf(old) as [{ op_id: string }]
    await started(await reloadedWith(world, old, 'ann', v2))
    const other = await started(deviceOf(world, 'bob', v2))
    expect(await rowsOf(other)).toMatchObject([{ id: 'a', done: false, op_id }])
  })

  it('are stored by the server as they were sent', async () => {
    await open()
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, { id: 'a', title: 'x' })
    await old.whenIdle()
    const other = await started(deviceOf(world, 'bob', v1))
    expect(Object.keys((await rowsOf(other))[0] as object).sort()).toEqual(['clock', 'hlc', 'id', 'op_id', 'title'])
  })

  it('stay as they are where the upgrade throws, and that is reported', async () => {
    await open()
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, { id: 'a', title: 'x' }, { id: 'b', title: 'odd' })
    await old.whenIdle()
    const device = await reloadedWith(world, old, 'ann', failing)
    const reports: string[] = []
    device.hooks.addAction('sync.error:action', ({ error }) => { reports.push(error.message) })
    await started(device)
    expect((await rowsOf(device)).map(({ id, done }) => [id, done])).toEqual([['a', false], ['b', undefined]])
    expect(reports).toEqual(['1 row of table "todos" could not be upgraded, the first is "b": upgradeRow of table "todos" threw: an odd title'])
  })

  it.each([
    ['throws', () => { throw new Error('no') }, 'threw: no'],
    ['changes the key', (row: Record<string, unknown>) => ({ ...row, id: 'other' }), 'must not change the primary key "id"'],
    ['returns no object', () => undefined, 'must return the row as an object, at once'],
    ['returns a promise', (row: Record<string, unknown>) => Promise.resolve(row), 'must return the row as an object, at once'],
    ['returns what cannot be stored', (row: Record<string, unknown>) => ({ ...row, done: new Map() }), 'returned a row that cannot be synced: done is a Map'],
  ])('wait in quarantine with the reason when they come in and the upgrade %s, until a later version can', async (_, upgradeRow, reason) => {
    await open(v1)
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, { id: 'a', title: 'x' })
    await old.whenIdle()
    const device = await started(deviceOf(world, 'bob', v2with({ upgradeRow })))
    expect(await device.db.table('sync_quarantine').toArray()).toMatchObject([{ pk: 'a', reason: 'schema', error: expect.stringContaining(reason) as string }])
    const later = await started(await reloadedWith(world, device, 'bob', v2with({}, 3)))
    expect(await rowsOf(later)).toMatchObject([{ id: 'a', done: false }])
    expect(await later.db.table('sync_quarantine').count()).toBe(0)
  })

  it.each(['beats', 'is beaten by'])('meet no conflict with a row that is the same today, and %s them without having known them', async (outcome) => {
    await open()
    const [ann, bob] = [await started(deviceOf(world, 'ann', v1)), await started(deviceOf(world, 'bob', v2))]
    await bob.stop()
    await put(ann, { id: 'a', title: 'x' })
    await put(bob, { id: 'a', title: 'x', done: false })
    // Written twice, a record's revision is the higher one, whatever clocks say.
    if (outcome === 'beats') await put(bob, { id: 'a', title: 'x', done: false })
    else await put(ann, { id: 'a', title: 'x' })
    await ann.whenIdle()
    await started(bob)
    await ann.whenIdle()
    expect([await ann.conflicts.list(), await bob.conflicts.list()]).toEqual([[], []])
    expect(await rowsOf(bob)).toMatchObject([{ title: 'x', done: false, clock: 2 }])
  })

  it('that the upgrade alone makes private are not sent, and are deleted nowhere', async () => {
    const backend = memoryBackend()
    world = await EngineHarness.open({ schema: asSchema(v2), backend })
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, { id: 'a', title: 'secret' }, { id: 'b', title: 'secret' })
    await old.whenIdle()
    world.offline = true
    await put(old, { id: 'a', title: 'secret too' })
    world.offline = false
    await old.stop()
    const version = await backend.latestVersion('w1')
    const hiding = v2with({ upgradeRow: (row: Record<string, unknown>) => ({ ...addDone(row), private: String(row.title).startsWith('secret') }), exclude: (row: { private?: boolean }) => row.private === true })
    const device = await started(await reloadedWith(world, old, 'ann', hiding))
    await device.flush()
    expect(await backend.latestVersion('w1')).toBe(version)
    expect((await rowsOf(device)).map(({ title }) => title)).toEqual(['secret too', 'secret'])
    expect(await device.queue.pending()).toEqual([])
  })

  it('are brought into today\'s shape when a conflict\'s loser is restored', async () => {
    await open()
    const device = deviceOf(world, 'ann', v2)
    const side = { op: 'put', clock: 1, hlc: '0mh000000:0000:node0000', opId: '00000000-0000-4000-8000-000000000000' }
    await put(device, { id: 'a', title: 'winner', done: true })
    await device.db.table('sync_conflicts').add({ id: 'c', tableName: 'todos', pk: 'a', winner: 'local', detectedAt: 0, local: side, remote: { ...side, row: { id: 'a', title: 'loser' } } })
    await device.conflicts.restore('c')
    expect(await rowsOf(device)).toMatchObject([{ id: 'a', title: 'loser', done: false }])
  })

  it('are brought into today\'s shape when a refused edit is tried again', async () => {
    await open()
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, { id: 'b', title: 'odd' })
    await old.whenIdle()
    await old.stop()
    await put(old, { id: 'b', title: 'odd' })
    // Neither the stored row nor its edit fits the schema: it is refused before it is sent.
    const device = await started(await reloadedWith(world, old, 'ann', failing))
    expect(await device.queue.failed()).toMatchObject([{ pk: 'b', errorCode: 'VALIDATION_ERROR' }])
    // The same version, mended.
    const mended = await reloadedWith(world, device, 'ann', v2)
    await mended.queue.retry()
    await started(mended)
    expect([await mended.queue.failed(), await rowsOf(mended)]).toMatchObject([[], [{ id: 'b', done: false }]])
  })

  it('are nobody else\'s when a refused edit is tried again and the upgrade makes its row private', async () => {
    await open()
    const old = deviceOf(world, 'ann', v1)
    await put(old, { id: 'b', title: 'odd' })
    const device = await started(await reloadedWith(world, old, 'ann', failing))
    expect(await device.queue.failed()).toMatchObject([{ pk: 'b' }])
    const upgradeRow = (row: Record<string, unknown>) => ({ ...addDone(row), private: row.title === 'odd' })
    const mended = await reloadedWith(world, device, 'ann', v2with({ upgradeRow, exclude: (row: { private?: boolean }) => row.private === true }))
    await mended.queue.retry()
    await started(mended)
    expect([await mended.queue.failed(), await mended.queue.pending(), await rowsOf(mended)]).toMatchObject([[], [], [{ id: 'b', private: true }]])
    // A version that keeps no rows for itself: the store has never had this one, and it is not taken for a deleted row.
    const open3 = await started(await reloadedWith(world, mended, 'ann', v2with({ upgradeRow: addDone }, 3)))
    await open3.rescan()
    await open3.whenIdle()
    expect(await rowsOf(open3)).toMatchObject([{ id: 'b', title: 'odd' }])
  })

  it('are brought into today\'s shape when a refused edit is discarded for what the store has', async () => {
    await open()
    const ann = await started(deviceOf(world, 'ann', v1))
    await put(ann, { id: 'a', title: 'x' })
    await ann.whenIdle()
    const bob = await started(deviceOf(world, 'bob', v2))
    await bob.db.table('todos').put({ id: 'a', title: 7 } as never)
    await bob.whenIdle()
    await put(ann, { id: 'a', title: 'newer' })
    await ann.whenIdle()
    await bob.rescan()
    await bob.whenIdle()
    const [refused] = await bob.queue.failed()
    await bob.queue.discard(refused!.id)
    await bob.whenIdle()
    expect(await rowsOf(bob)).toMatchObject([{ id: 'a', title: 'newer', done: false }])
  })
})
