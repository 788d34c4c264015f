import Dexie from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SyncSchema } from 'or3-sync/schema'
import type { EngineContext } from '#or3-sync/core/sync/context/engine-context'
import { createSyncDatabase } from '#or3-sync/core/sync/database/sync-database'
import { RecordWatch, type RecordFacts } from '#or3-sync/core/sync/face/record-watch'
import { OutboxStore } from '#or3-sync/core/sync/queue/outbox-store'
import type { EngineDatabase } from '#or3-sync/core/sync/records/engine-database'
import { EngineHarness, until } from '../../support/engine-harness'
import { followRow as follow } from '../../support/follow-row'
import { started } from '../../support/schema-versions'
import { fastClock, shortWaits } from '../../support/test-clock'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

describe('the watch', () => {
  it('takes what is being sent as of the beginning of a look: an edit that was answered meanwhile is not shown as waiting', async () => {
    const db = createSyncDatabase({ name: 'watched', schema: todoSchema as unknown as SyncSchema, indexedDB: new IDBFactory(), IDBKeyRange }) as unknown as EngineDatabase
    const pushes = [['todos\u00001'], []]
    const context = { db, outbox: new OutboxStore(db), incarnation: () => 0, env: { clock: fastClock(1), log: { debug() {}, error() {} } } } as unknown as EngineContext
    const watch = new RecordWatch({ context, sending: () => new Set(pushes.shift()) })
    const facts = await new Promise<RecordFacts>(resolve => watch.watch(['todos', '1'], resolve))
    expect(facts.isSending).toBe(true)
    watch.close()
    db.close()
  })

  it('tries again later when the database cannot be read', async () => {
    const ann = world.device('ann', { environment: { clock: shortWaits(50) } })
    await started(ann)
    await ann.db.todos.put({ id: '1', title: 'a' })
    await ann.whenIdle()
    const transaction = vi.spyOn(ann.db, 'transaction').mockRejectedValueOnce(new Error('the disk is busy'))
    const state = follow(ann, 'todos', '1')
    await until(() => transaction.mock.calls.length)
    await state.is('synced')
  })

  it('does not listen to the database once nobody watches', async () => {
    const ann = await started(world.device('ann'))
    const count = () => (Dexie.on.storagemutated as unknown as { subscribers: unknown[] }).subscribers.length
    const before = count()
    const states = [follow(ann, 'todos', '1'), follow(ann, 'todos', '2')]
    expect(count()).toBe(before + 1)
    for (const { stop } of states) stop()
    expect(count()).toBe(before)
    follow(ann, 'todos', '1')
    await ann.close()
    expect(count()).toBe(before)
  })
})
