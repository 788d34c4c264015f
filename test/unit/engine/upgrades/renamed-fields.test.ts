import type { Transaction } from 'dexie'
import { afterEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { EngineHarness, until, type TodoEngine } from '../../../support/engine-harness'
import { asSchema, deviceOf, reloadedWith, started } from '../../../support/schema-versions'

type Row = Record<string, unknown>
const opaque = { '~standard': { version: 1, vendor: 'mine', validate: (value: unknown) => ({ value }) } }
const schemaOf = (version: number, fields: Record<string, string>, more: object = {}) =>
  defineSyncSchema({ version, tables: { posts: { schema: opaque, primaryKey: 'id', fields, ...more } } } as never)

let world: EngineHarness
afterEach(() => world.close())
const contentOf = (row: Row | undefined) => {
  const { clock: _clock, hlc: _hlc, op_id: _opId, ...content } = row ?? {}
  return content
}
const post = async (device: TodoEngine, pk = '1') => await device.db.table<Row, string>('posts').get(pk)

/** A device with a row of the first version, written and sent, after a reload with the second. */
async function upgraded(v1: unknown, v2: unknown, row: Row, before?: (device: TodoEngine) => Promise<unknown>): Promise<TodoEngine> {
  world = await EngineHarness.open({ schema: asSchema(v2) })
  const old = await started(deviceOf(world, 'ann', v1))
  await old.db.table('posts').put({ id: '1', ...row })
  await old.whenIdle()
  await before?.(old)
  world.requests = []
  return await started(await reloadedWith(world, old, 'ann', v2))
}

describe('A3: a field that is renamed here, and keeps its name on the wire', () => {
  const named = { postType: 'post_type' }
  const takes = (upgradeRow: (row: Row) => Row) => ({ upgradeRow })

  it.each<[string, Record<string, string>, Row, Record<string, string>, object, Row]>([
    ['from its wire name', {}, { post_type: 'note' }, named, {}, { postType: 'note' }],
    ['back to its wire name', named, { postType: 'note' }, {}, {}, { post_type: 'note' }],
    ['from one name to another', named, { postType: 'note' }, { kind: 'post_type' }, {}, { kind: 'note' }],
    ['in exchange with another', { a: 'x', b: 'y' }, { a: 1, b: 2 }, { a: 'y', b: 'x' }, {}, { a: 2, b: 1 }],
    ['beside an unknown key of its new name', {}, { post_type: 'note', postType: 'unknown' }, named, {}, { postType: 'note' }],
    ['by an upgradeRow that keeps the old name', {}, { post_type: 'note' }, named, takes(row => ({ ...row, postType: row.postType ?? row.post_type })), { postType: 'note' }],
    ['by an upgradeRow that drops it', {}, { post_type: 'note' }, named, takes(({ post_type, ...row }) => ({ ...row, postType: row.postType ?? post_type })), { postType: 'note' }],
  ])('%s: stored rows and rows that come in look the same, and nothing is sent', async (_, fields1, row, fields2, more, today) => {
    const [v1, v2] = [schemaOf(1, fields1), schemaOf(2, fields2, more)]
    const device = await upgraded(v1, v2, row)
    expect(contentOf(await post(device))).toEqual({ id: '1', ...today })
    expect(world.requests).not.toContain('/push')
    const other = await started(deviceOf(world, 'bob', v2))
    expect(await post(other)).toEqual(await post(device))
    await device.db.table('posts').update('1', { title: 'edited' } as never)
    await device.whenIdle()
    expect(contentOf(await until(() => post(other), found => found?.title === 'edited'))).toEqual({ id: '1', ...today, title: 'edited' })
  })

  it('takes along what is kept of rows: losers of conflicts and refused edits', async () => {
    const side = { op: 'put', clock: 1, hlc: '0mh000000:0000:node0000', opId: '00000000-0000-4000-8000-000000000000' }
    const device = await upgraded(schemaOf(1, named), schemaOf(2, { kind: 'post_type' }), { postType: 'note' }, async (old) => {
      await old.db.table('sync_conflicts').add({ id: 'lost', tableName: 'posts', pk: '2', winner: 'local', detectedAt: Date.now(), local: side, remote: { ...side, row: { id: '2', postType: 'lost' } } })
      await old.db.table('pending_ops').add({ tableName: 'posts', status: 'failed', createdAt: 0, ops: [{ ...side, pk: '3' }], failure: { code: 'VALIDATION_ERROR', message: '', failedAt: 0, attempts: 1, row: { id: '3', postType: 'refused' } } })
    })
    await device.conflicts.restore('lost')
    expect(contentOf(await post(device, '2'))).toEqual({ id: '2', kind: 'lost' })
    const [refused] = await device.db.table('pending_ops').where('status').equals('failed').toArray() as { failure: { row: Row } }[]
    expect(refused!.failure.row).toEqual({ id: '3', kind: 'refused' })
  })

  it('of a database that never noted the names of its fields: what stands under a wire name is the field\'s', async () => {
    const device = await upgraded(schemaOf(1, { a: 'b', b: 'a' }), schemaOf(2, { a: 'b', b: 'a', postType: 'post_type' }), { a: 1, b: 2 }, async (old) => {
      await old.db.table('sync_state').update('table-names', { fields: undefined } as never)
      await old.db.table('posts').update('1', { post_type: 'note' } as never)
      await old.whenIdle()
    })
    expect(contentOf(await post(device))).toEqual({ id: '1', a: 1, b: 2, postType: 'note' })
  })

  it('a step finds rows under the names of today, and what it writes under a wire name is the field\'s after upgradeRow', async () => {
    const seen: Row[] = []
    const upgrade = async (tx: unknown) => {
      const posts = (tx as Transaction).table<Row>('posts')
      seen.push(...await posts.toArray())
      await posts.toCollection().modify((row) => { delete row.postType; row.post_type = 'step' })
    }
    const v2 = defineSyncSchema({ version: 2, tables: { posts: { schema: opaque, primaryKey: 'id', fields: named, upgradeRow: (row: Row) => row } }, steps: [{ version: 2, upgrade }] } as never)
    const device = await upgraded(schemaOf(1, {}), v2, { post_type: 'note' })
    expect(seen.map(contentOf)).toEqual([{ id: '1', postType: 'note' }])
    expect(contentOf(await post(device))).toEqual({ id: '1', postType: 'step' })
  })
})
