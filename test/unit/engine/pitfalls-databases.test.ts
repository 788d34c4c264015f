import type { Transaction } from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine, type SyncEngineOptions } from 'or3-sync/client'
import { defineSyncSchema, type SchemaTables } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

type Session = Exclude<SyncEngineOptions<SchemaTables<typeof todoSchema>>['session'], PromiseLike<unknown>>

describe('databases', () => {
  it('pitfall 10: what is written before the session is known belongs to whoever signs in', async () => {
    const indexedDB = new IDBFactory()
    let signIn = (_: Session) => {}
    const session = new Promise<Session>((resolve) => { signIn = resolve })
    const page = createSyncEngine({ schema: todoSchema, session, provider: world.provider('ann'), indexedDB, IDBKeyRange, environment: { channel: () => null, locks: null } })
    const written = page.db.todos.put({ id: '1', title: 'early' })
    signIn({ userId: 'ann', workspaceId: 'w1' })
    await written
    await page.close()
    const later = world.device('ann', { indexedDB })
    expect(await later.db.todos.get('1')).toMatchObject({ title: 'early' })
    expect(await later.queue.pending()).toMatchObject([{ pk: '1' }])
  })

  it.each([
    ['', []],
    [', also one with a step of the app\'s own', [{ version: 2, upgrade: (tx: unknown) => (tx as Transaction).table('todos').toCollection().modify({ starred: true }) }]],
  ])('pitfall 12: a queue outlives an upgrade of the schema%s', async (_, steps) => {
    const before = world.device('ann')
    await before.db.todos.put({ id: '1', title: 'written with the old schema' })
    await before.close()
    const { todos, notes } = todoSchema.tables
    const tables = { todos: { ...todos, indexes: ['list_id', 'title'] }, notes, tags: { schema: z.object({ id: z.string() }), primaryKey: 'id' } }
    const upgraded = defineSyncSchema({ version: 2, tables, steps } as never)
    const after = world.device('ann', { schema: upgraded as unknown as typeof todoSchema, indexedDB: before.indexedDB })
    expect(await after.queue.pending()).toMatchObject([{ pk: '1' }])
    await after.start()
    await after.whenIdle()
    const bob = world.device('bob')
    await bob.start()
    await bob.whenIdle()
    expect(await bob.db.todos.get('1')).toMatchObject({ title: 'written with the old schema' })
  })

  it('pitfall 33: two users of one browser have nothing in common', async () => {
    const ann = world.device('ann')
    await ann.db.todos.put({ id: '1', title: 'private to ann until it is sent' })
    await ann.close()
    const bob = world.device('bob', { indexedDB: ann.indexedDB })
    expect([await bob.db.todos.count(), await bob.queue.pending()]).toEqual([0, []])
    const again = world.device('ann', { indexedDB: ann.indexedDB })
    expect(await again.db.todos.count()).toBe(1)
  })
})
