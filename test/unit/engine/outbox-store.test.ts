import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OutboxRecord } from '#or3-sync/core/sync/records/engine-records'
import type { EngineDatabase } from '#or3-sync/core/sync/records/engine-database'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { createSyncDatabase } from '#or3-sync/core/sync/database/sync-database'
import { OutboxStore } from '#or3-sync/core/sync/queue/outbox-store'
import type { SyncSchema } from 'or3-sync/schema'
import { todoSchema } from '../../support/todo-schema'

let indexedDB: IDBFactory
let open: EngineDatabase[]
beforeEach(() => {
  indexedDB = new IDBFactory()
  open = []
})
afterEach(() => { for (const db of open) db.close() })

/** The same database, as a tab has it. */
function openTab() {
  const db = createSyncDatabase({ name: 'tab-test', schema: todoSchema as unknown as SyncSchema, indexedDB, IDBKeyRange })
  open.push(db)
  return { db, store: new OutboxStore(db) }
}
const keyOf = (pk: string) => recordKey('todos', pk)
type Tab = ReturnType<typeof openTab>

function entry(pk: string, opId: string, status: OutboxRecord['status'] = 'pending'): OutboxRecord {
  return { tableName: 'todos', status, createdAt: 0, ops: [{ pk, op: 'put', clock: 1, hlc: opId, opId, base: null }] }
}

const add = ({ db, store }: Tab, ...records: OutboxRecord[]) => db.transaction('rw', db.pending_ops, () => store.add(records))
const opsOf = ({ db, store }: Tab, pk: string) => db.transaction('r', db.pending_ops, async () =>
  (await store.view([keyOf(pk)])).entries(keyOf(pk)).map(({ opId }) => opId))
const windowOf = ({ db, store }: Tab) => db.transaction('r', db.pending_ops, async () => {
  await store.refresh()
  return store.window({ size: 100, isDue: () => true, withHeld: true, limit: 1_000, cutUntil: 0, without: new Set() }).keys
})

describe('F50: what is known of the outbox by key', () => {
  it('takes in what other tabs have added since, and misses what they have removed', async () => {
    const [leader, follower] = [openTab(), openTab()]
    await add(leader, entry('a', 'a1'), entry('b', 'b1'))
    expect(await opsOf(leader, 'a')).toEqual(['a1'])
    await add(follower, entry('a', 'a2'))
    await follower.db.pending_ops.where(':id').equals(1).delete()
    expect([await opsOf(leader, 'a'), await opsOf(leader, 'b')]).toEqual([['a2'], ['b1']])
  })

  it('says once that edits were gone, also those of an outbox record that another tab has first shortened and then removed', async () => {
    const [leader, follower] = [openTab(), openTab()]
    const both: OutboxRecord = { ...entry('a', 'a1'), ops: [...entry('a', 'a1').ops, ...entry('b', 'b1').ops] }
    await add(leader, both)
    await windowOf(leader)
    await follower.db.pending_ops.put({ ...both, id: 1, ops: entry('b', 'b1').ops })
    expect([await opsOf(leader, 'b'), leader.store.takeStale(), leader.store.takeStale()]).toEqual([['b1'], true, false])
    await follower.db.pending_ops.delete(1)
    expect([await opsOf(leader, 'b'), leader.store.takeStale()]).toEqual([[], true])
    for (const pk of ['a', 'b']) expect([await opsOf(leader, pk), leader.store.takeStale()]).toEqual([[], false])
    expect(await windowOf(leader)).toEqual([])
  })

  it('knows nothing of a transaction that was aborted: its ids go to somebody else\'s edits', async () => {
    const [leader, follower] = [openTab(), openTab()]
    await add(leader, entry('a', 'a1'))
    await opsOf(leader, 'a')
    await expect(leader.db.transaction('rw', leader.db.pending_ops, async () => {
      const view = await leader.store.view([keyOf('a')])
      view.removeAll(keyOf('a'))
      await leader.store.save(view)
      await leader.store.add([entry('lost', 'lost')])
      throw new Error('no')
    })).rejects.toThrow('no')
    await add(follower, entry('b', 'b1'))
    expect([await opsOf(leader, 'a'), await opsOf(leader, 'lost'), await opsOf(leader, 'b')]).toEqual([['a1'], [], ['b1']])
  })

  it('refuses to be read after a write of the same transaction, whose ids may be given back', async () => {
    const tab = openTab()
    await expect(tab.db.transaction('rw', tab.db.pending_ops, async () => {
      await tab.store.add([entry('a', 'a1')])
      await tab.store.view([keyOf('a')])
    })).rejects.toThrow('after it was written to')
  })

  it('begins anew with another connection: the database may be another one, whose ids start from 1', async () => {
    const tab = openTab()
    await add(tab, entry('a', 'a1'), entry('b', 'b1'))
    await opsOf(tab, 'a')
    await tab.db.delete()
    await tab.db.open()
    await add(tab, entry('c', 'c1'))
    expect([await opsOf(tab, 'a'), await opsOf(tab, 'c')]).toEqual([[], ['c1']])
  })

  it('an edit of this tab is known without being read, unless another tab\'s lies before it', async () => {
    const [leader, follower] = [openTab(), openTab()]
    await add(leader, entry('a', 'a1'))
    await windowOf(leader)
    await add(follower, entry('b', 'b1'))
    await add(leader, entry('c', 'c1'))
    const captured = { edit: entry('c', 'c1').ops[0]!, tableName: 'todos', createdAt: 0, recordId: 3, held: false, size: 0 }
    leader.store.learn([captured])
    expect([leader.store.last, await windowOf(leader)]).toEqual([1, ['a', 'b', 'c'].map(keyOf)])
  })

  it('the order is that of the edits, held ones among them', async () => {
    const tab = openTab()
    await add(tab, entry('a', 'a1'), entry('b', 'b1', 'held'), entry('x', 'x1', 'failed'), entry('c', 'c1'))
    expect(await windowOf(tab)).toEqual(['a', 'b', 'c'].map(keyOf))
  })
})
