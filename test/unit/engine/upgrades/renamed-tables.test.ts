import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryBackend } from 'or3-sync/server'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness, type TodoEngine } from '../../../support/engine-harness'
import { asSchema, deviceOf, reloadedWith, started } from '../../../support/schema-versions'

type Names = Record<string, string | undefined>
const row = z.object({ id: z.string(), text: z.string(), draft: z.boolean().optional() })
/** Local name -> name on the wire. A table has an index of its own, so that stores cannot be taken for each other. */
function schemaOf(version: number, names: Names) {
  const tables = Object.entries(names).map(([name, wireName]) => [name, {
    schema: row, primaryKey: 'id', indexes: name === 'a' ? ['text'] : ['hlc', 'text'], capture: (row: { draft?: boolean }) => !row.draft, ...(wireName ? { wireName } : {}),
  }])
  return defineSyncSchema({ version, tables: Object.fromEntries(tables) as never })
}
const v1 = schemaOf(1, { a: undefined, b: undefined })

let world: EngineHarness
let backend: ReturnType<typeof memoryBackend>
beforeEach(async () => {
  backend = memoryBackend()
  world = await EngineHarness.open({ schema: asSchema(v1), backend })
})
afterEach(() => world.close())

const textsOf = async (device: TodoEngine, table: string) => (await device.db.table(table).toArray()).map(({ text }) => text as string)
const put = (device: TodoEngine, table: string, ...rows: object[]) => device.db.table(table).bulkPut(rows)

const side = { op: 'put', clock: 1, hlc: '0mh000000:0000:node0000', opId: '00000000-0000-4000-8000-000000000000' }

/** A device with something of everything that the engine keeps, in both tables. */
async function fullDevice(): Promise<TodoEngine> {
  const device = await started(deviceOf(world, 'ann', v1))
  for (const table of ['a', 'b']) {
    await put(device, table, { id: 'synced', text: `synced ${table}` }, { id: 'deleted', text: 'x' }, { id: 'refused', text: 7 })
  }
  await device.whenIdle()
  await device.stop()
  for (const table of ['a', 'b']) {
    await device.db.table(table).delete('deleted')
    await put(device, table, { id: 'waiting', text: `waiting ${table}` }, { id: 'held', text: `held ${table}`, draft: true })
    await device.db.table('sync_conflicts').add({ id: `${table}:lost:1:${side.hlc}:${side.opId}`, tableName: table, pk: 'lost', winner: 'local', detectedAt: 0, local: side, remote: { ...side, row: { id: 'lost', text: `lost ${table}` } } })
    await device.db.table('sync_quarantine').add({ tableName: table, pk: 'odd', reason: 'schema', receivedAt: 0, change: { op: 'put', serverVersion: 1, payload: { id: 'odd', text: `odd ${table}` }, stamp: { ...side, deviceId: 'd' } } })
  }
  return device
}

describe('F4: a table that is renamed by its wireName', () => {
  it.each<[string, Names, Record<string, string>]>([
    ['alone', { c: 'a', b: undefined }, { a: 'c', b: 'b' }],
    ['into the name of another, which moves on', { b: 'a', c: 'b' }, { a: 'b', b: 'c' }],
    ['in exchange with another', { a: 'b', b: 'a' }, { a: 'b', b: 'a' }],
  ])('takes its rows and all that is kept of them along: %s', async (_, names, places) => {
    const old = await fullDevice()
    const v2 = schemaOf(2, names)
    const device = await reloadedWith(world, old, 'ann', v2)
    const queue = [await device.queue.pending(), await device.queue.failed(), await device.conflicts.list()].map(items => items.map(({ tableName, pk }) => `${tableName}/${pk}`).sort())
    const [a, b] = [places.a!, places.b!]
    const inBoth = (...pks: string[]) => pks.flatMap(pk => [`${a}/${pk}`, `${b}/${pk}`]).sort()
    expect(queue).toEqual([inBoth('deleted', 'held', 'waiting'), inBoth('refused'), inBoth('lost')])
    expect((await device.db.table('tombstones').toArray()).map(({ tableName }) => tableName as string).sort()).toEqual([a, b].sort())
    for (const wire of ['a', 'b']) {
      const conflict = (await device.conflicts.list()).find(({ tableName }) => tableName === places[wire])!
      await device.conflicts.restore(conflict.id)
    }
    await started(device)
    const other = await started(deviceOf(world, 'bob', v1))
    for (const wire of ['a', 'b']) {
      const local = places[wire]!
      expect(await textsOf(device, local)).toEqual([`held ${wire}`, `lost ${wire}`, `odd ${wire}`, 7, `synced ${wire}`, `waiting ${wire}`])
      expect(await textsOf(other, wire)).toEqual([`lost ${wire}`, `synced ${wire}`, `waiting ${wire}`])
      const database = device.db.backendDB()
      expect([...database.transaction(local).objectStore(local).indexNames]).toEqual(local === 'a' ? ['text'] : ['hlc', 'text'])
      // Dexie had nothing to mend: that would be another version change, and other tabs would be closed for it.
      expect(database.version).toBe(2010)
      expect(await device.db.table(local).where('text').equals(`synced ${wire}`).count()).toBe(1)
    }
  })

  it('takes along what is noted of walks, of edits in doubt, and in notices', async () => {
    const old = deviceOf(world, 'ann', v1)
    const state = old.db.table('sync_state')
    await state.bulkPut([
      { id: 'cursor', cursor: 5, epoch: 'e', epochs: { a: 'ea', gone: 'eg' }, tables: ['a', 'b'], lastSyncAt: 1, firstSyncDone: true },
      { id: 'refetch', tables: ['a'] },
      { id: 'bootstrap', walkId: 'w', kind: 'rescan', reason: 'x', target: 5, position: 3, direction: 'desc', tables: ['a', 'b'], pulled: 1, startedAt: 1, sweep: 'remove' },
      { id: 'marks:1', seen: [['a', '1', 1, 'h', 'o']] },
      { id: 'marks:2', pushed: [['b', '1']] },
      { id: 'unconfirmed:a/1', tableName: 'a', pk: '1', op: 'put', clock: 1, hlc: 'h', opId: 'o', acknowledgedAt: 1 },
    ])
    await old.db.table('sync_notifications').put({ id: 'n', type: 't', title: 't', body: 'b', read: 0, createdAt: 1, actions: [{ label: 'Details', kind: 'conflict', data: { tableName: 'a', pk: '1', id: 'a:1:1:h:o' } }] })
    const device = await reloadedWith(world, old, 'ann', schemaOf(2, { a: 'b', b: 'a' }))
    const noted = new Map((await device.db.table('sync_state').toArray()).map(record => [record.id as string, record]))
    expect(noted.get('cursor')).toMatchObject({ cursor: 5, epochs: { b: 'ea', gone: 'eg' }, tables: ['b', 'a'] })
    expect(noted.get('refetch')).toEqual({ id: 'refetch', tables: ['b'] })
    expect(noted.get('bootstrap')).toMatchObject({ walkId: 'w', tables: ['b', 'a'] })
    expect(noted.get('marks:1')).toEqual({ id: 'marks:1', seen: [['b', '1', 1, 'h', 'o']] })
    expect(noted.get('marks:2')).toEqual({ id: 'marks:2', pushed: [['a', '1']] })
    expect([noted.has('unconfirmed:a/1'), noted.get('unconfirmed:b/1')]).toMatchObject([false, { tableName: 'b' }])
    expect(await device.db.table('sync_notifications').get('n')).toMatchObject({ actions: [{ data: { tableName: 'b', id: 'b:1:1:h:o' } }] })
  })

  it('is not fetched again: the cursor speaks for it', async () => {
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, 'a', { id: '1', text: 'x' })
    await old.whenIdle()
    const device = await reloadedWith(world, old, 'ann', schemaOf(2, { c: 'a', b: undefined }))
    const rescans: string[] = []
    device.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { rescans.push(reason) })
    await started(device)
    expect(rescans).toEqual([])
  })

  it('moves on from version to version', async () => {
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, 'a', { id: '1', text: 'x' })
    const second = await reloadedWith(world, old, 'ann', schemaOf(2, { c: 'a', b: undefined }))
    await put(second, 'c', { id: '2', text: 'y' })
    const third = await started(await reloadedWith(world, second, 'ann', schemaOf(3, { d: 'a', b: undefined })))
    expect(await textsOf(third, 'd')).toEqual(['x', 'y'])
    const back = await started(await reloadedWith(world, third, 'ann', schemaOf(4, { a: undefined, b: undefined })))
    const other = await started(deviceOf(world, 'bob', v1))
    expect([await textsOf(back, 'a'), await textsOf(other, 'a')]).toEqual([['x', 'y'], ['x', 'y']])
  })

  it('may take the name of a table that is dropped: that one\'s rows and edits wait until it is back under any name', async () => {
    const old = deviceOf(world, 'ann', v1)
    await put(old, 'a', { id: '1', text: 'of a' })
    await put(old, 'b', { id: '1', text: 'of b' })
    const second = await reloadedWith(world, old, 'ann', schemaOf(2, { a: 'b' }))
    await second.start()
    await second.flush()
    expect(await textsOf(second, 'a')).toEqual(['of b'])
    const third = await started(await reloadedWith(world, second, 'ann', schemaOf(3, { a: 'b', z: 'a' })))
    const other = await started(deviceOf(world, 'bob', v1))
    expect([await textsOf(third, 'z'), await textsOf(other, 'a'), await textsOf(other, 'b')]).toEqual([['of a'], ['of a'], ['of b']])
  })

  it('frees its name for a new table, which begins empty', async () => {
    const old = await started(deviceOf(world, 'ann', v1))
    await put(old, 'a', { id: '1', text: 'x' })
    await old.whenIdle()
    await world.close()
    const v2 = schemaOf(2, { c: 'a', a: 'new_a' })
    world = await EngineHarness.open({ schema: asSchema(v2), backend })
    const device = await started(deviceOf(world, 'ann', v2, { indexedDB: old.indexedDB }))
    await put(device, 'a', { id: '1', text: 'new' })
    await device.whenIdle()
    const other = await started(deviceOf(world, 'bob', v2))
    for (const each of [device, other]) expect([await textsOf(each, 'c'), await textsOf(each, 'a')]).toEqual([['x'], ['new']])
  })

  it('moves in a database of the time before names were kept', async () => {
    const old = deviceOf(world, 'ann', v1)
    await put(old, 'a', { id: '1', text: 'of a' })
    await put(old, 'b', { id: '1', text: 'of b' })
    await old.db.table('sync_state').delete('table-names')
    const device = await reloadedWith(world, old, 'ann', schemaOf(2, { a: 'b', b: 'a' }))
    expect([await textsOf(device, 'a'), await textsOf(device, 'b')]).toEqual([['of b'], ['of a']])
  })

  it('goes by its wire name on the server: old and new app share its rows, and filters name it so', async () => {
    await world.close()
    const v2 = schemaOf(2, { c: 'a', a: 'new_a' })
    world = await EngineHarness.open({ schema: asSchema(v2), backend })
    const [old, device] = [await started(deviceOf(world, 'ann', schemaOf(1, { a: undefined }))), await started(deviceOf(world, 'bob', v2))]
    await put(old, 'a', { id: '1', text: 'old app' })
    await put(device, 'c', { id: '2', text: 'new app' })
    await put(device, 'a', { id: '3', text: 'another table' })
    await Promise.all([old.whenIdle(), device.whenIdle()])
    await Promise.all([old.rescan(), device.rescan()])
    await Promise.all([old.whenIdle(), device.whenIdle()])
    expect([await textsOf(old, 'a'), await textsOf(device, 'c'), await textsOf(device, 'a')]).toEqual([['old app', 'new app'], ['old app', 'new app'], ['another table']])
  })

  it('is left alone by the app as it was before: it would take the table for a new one', async () => {
    const old = deviceOf(world, 'ann', v1)
    await put(old, 'a', { id: '1', text: 'x' })
    const renamed = await reloadedWith(world, old, 'ann', schemaOf(2, { c: 'a', b: undefined }))
    await renamed.db.open()
    const before = await reloadedWith(world, renamed, 'ann', v1)
    await expect(put(before, 'b', { id: '2', text: 'y' })).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
  })
})
