import { expect, it } from 'vitest'
import { toStoredRow } from '#or3-sync/shared/sync/rows/stored-row'
import type { WirePayload } from '#or3-sync/shared/sync/protocol/types'
import type { SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import { storeSchema } from '../store-schema'
import type { StoreUnderTest } from './store-under-test'

/** Contract 8b: an update changes the stored row, whatever its shape is. */
export function describeServerUpdates(store: StoreUnderTest): void {
  const { push, pull, write, get } = store
  const textOf = async (pk: string, tableName?: string) => JSON.parse((await get(pk, { tableName }))!.payload!) as WirePayload

  it('keeps what it does not name, unknown fields included, and takes away what is removed', async () => {
    await push([{ pk: 'a', payload: { id: 'a', title: 'old', done: true, later: { deep: [1, null] } } }])
    await write([{ pk: 'a', kind: 'update', payload: { id: 'a', title: 'new' }, removed: ['done', 'never there'] }])
    expect(await textOf('a')).toEqual({ id: 'a', title: 'new', later: { deep: [1, null] } })
  })

  it('replaces with a put what it does not name', async () => {
    await push([{ pk: 'a', payload: { id: 'a', title: 'old', done: true } }])
    await write([{ pk: 'a', payload: { id: 'a', title: 'new' } }])
    expect(await textOf('a')).toEqual({ id: 'a', title: 'new' })
  })

  it('merges field by field where fields have other names on the wire, and keeps values that JSON does not have', async () => {
    const due = { $date: 1_760_000_000_000 }
    await push([{ pk: 't', table: 'tasks', payload: { id: 't', title: 'short', due_at: due, size: { $bigint: '90071992547409931' }, picture: { $bytes: 'AQID' } } }])
    await write([{ pk: 't', tableName: 'tasks', kind: 'update', payload: { id: 't', title: 'shorter' } }])
    expect(await textOf('t', 'tasks')).toEqual({ id: 't', title: 'shorter', due_at: due, size: { $bigint: '90071992547409931' }, picture: { $bytes: 'AQID' } })
    await write([{ pk: 't', tableName: 'tasks', kind: 'update', payload: { id: 't', due_at: { $date: 5 } }, removed: ['size'] }])
    const row = (await get('t', { tableName: 'tasks' }))!
    expect(toStoredRow(storeSchema.tables.tasks as unknown as SyncTable, JSON.parse(row.payload!) as WirePayload, row.stamp))
      .toEqual({ id: 't', title: 'shorter', dueAt: new Date(5), picture: new Uint8Array([1, 2, 3]), clock: 3, hlc: row.stamp.hlc, op_id: row.stamp.opId })
  })

  it('brings a row of an earlier shape into today\'s before it changes it', async () => {
    await push([{ pk: 'l', table: 'tags', payload: { id: 'l', name: 'old' } }])
    await write([{ pk: 'l', tableName: 'tags', kind: 'update', payload: { id: 'l', name: 'new' } }])
    expect(await textOf('l', 'tags')).toEqual({ id: 'l', name: 'new', color: 'grey' })
    expect((await pull()).rows.map(({ tableName, pk }) => `${tableName} ${pk}`)).toEqual(['tags l'])
  })
}
