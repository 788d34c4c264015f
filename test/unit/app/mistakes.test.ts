import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSyncEngine, createSyncHooks, GatewaySyncProvider } from 'or3-sync/client'
import { defineSyncSchema } from 'or3-sync/schema'
import { explainOtherStore } from '#or3-sync/app/explain/explain-other-store'
import { warnInsecurePage } from '#or3-sync/app/explain/warn-insecure-page'
import { EngineHarness, until } from '../../support/engine-harness'
import { todoSchema } from '../../support/todo-schema'

// Of docs/mistakes.md, those that no other test is about.

let world: EngineHarness
let lines: string[]
const log = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line), error() {}, debug() {} }
beforeEach(async () => {
  lines = []
  world = await EngineHarness.open()
})
afterEach(async () => { await world.close() })

const session = { userId: 'ann', workspaceId: 'w1' }
const environment = { channel: () => null }

describe('two apps on one origin', () => {
  it('share a database, and the console says so when the second one meets the rows of the first', async () => {
    const first = world.device()
    await first.start()
    await first.db.todos.put({ id: '1', title: 'of the first app' })
    await first.whenIdle()
    await first.close()
    expect(lines).toEqual([])

    const other = await EngineHarness.open()
    const hooks = createSyncHooks(log)
    explainOtherStore(hooks, log)
    const second = createSyncEngine({ schema: todoSchema, session, provider: other.provider('ann'), hooks, indexedDB: first.indexedDB, IDBKeyRange, environment })
    await second.start()
    await second.whenIdle()
    expect(lines).toEqual([expect.stringContaining('another app ran at this address before')])
    await second.close()
    await other.close()
  })

  it('says nothing of any other rescan', async () => {
    const hooks = createSyncHooks(log)
    explainOtherStore(hooks, log)
    const engine = createSyncEngine({ schema: todoSchema, session, provider: world.provider('ann'), hooks, indexedDB: new IDBFactory(), IDBKeyRange, environment })
    await engine.start()
    await engine.rescan()
    await engine.whenIdle()
    expect(lines).toEqual([])
    await engine.close()
  })
})

describe('another primary key than that of the rows on this device', () => {
  it('is an error that names both keys, and not the reason no-storage, which speaks of private windows', async () => {
    const before = world.device()
    await before.start()
    await before.close()
    const schema = defineSyncSchema({ version: 2, tables: { todos: { schema: z.object({ uid: z.string(), title: z.string() }), primaryKey: 'uid' } } })
    const engine = createSyncEngine({ schema, session, provider: world.provider('ann'), indexedDB: before.indexedDB, IDBKeyRange, environment })
    await expect(engine.start()).rejects.toThrow('table "todos" has the primaryKey "uid", and this device keeps its rows by "id"')
    expect(engine.status.get()).toMatchObject({ state: 'error', reason: null, error: { code: 'VALIDATION_ERROR', message: expect.stringContaining('table "todos"') as string } })
    await engine.close()
  })
})

describe('a baseURL that is not the origin', () => {
  const errorOf = async (baseURL: string) => {
    const provider = new GatewaySyncProvider({ baseURL, fetch: world.fetchAs('ann') })
    const engine = createSyncEngine({ schema: todoSchema, session, provider, indexedDB: new IDBFactory(), IDBKeyRange, environment })
    await engine.start()
    const error = await until(() => engine.status.get().error)
    await engine.close()
    return error
  }

  it('but ends with the path of the gateway: the gateway says that the path is there twice', async () => {
    expect(await errorOf(`${world.origin}/api/sync`)).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('the path has /api/sync twice') as string })
  })

  it('but another path of the app: the error says that no gateway has answered', async () => {
    expect(await errorOf(`${world.origin}/app`)).toMatchObject({ code: 'UNKNOWN', message: expect.stringContaining('the answer 404 is not the sync gateway\'s') as string })
  })

  it('but an address where nobody listens', async () => {
    expect(await errorOf('http://127.0.0.1:1')).toMatchObject({ code: 'NETWORK_ERROR' })
  })
})

describe('the key in an update', () => {
  it('moves the row: everywhere the old one is deleted and the new one is there', async () => {
    const [one, two] = [world.device(), world.device()]
    await Promise.all([one.start(), two.start()])
    await one.db.todos.put({ id: 'a', title: 'A' })
    await one.db.todos.update('a', { id: 'b' } as object)
    await one.whenIdle()
    await two.whenCaughtUp()
    for (const { db } of [one, two]) expect((await db.todos.toArray()).map(({ id }) => id)).toEqual(['b'])
  })
})

describe('a write to the engine\'s columns', () => {
  it('changes nothing: the engine gives the revision', async () => {
    const { db } = world.device()
    await db.todos.put({ id: 'a', title: 'A', clock: 99, hlc: 'mine', op_id: 'mine' } as never)
    await db.todos.update('a', { title: 'B', clock: 1_000 } as object)
    const row = await db.todos.get('a')
    expect(row).toMatchObject({ title: 'B', clock: 2 })
    expect(row!.hlc).toMatch(/^[0-9a-z]{9}:/)
    expect(row!.op_id).not.toBe('mine')
  })
})

describe('a table that the schema does not declare', () => {
  it('is named, beside those that there are', async () => {
    const engine = world.device()
    expect(() => engine.db.table('todoes')).toThrow('Table todoes does not exist')
    await expect(engine.whenSynced('todoes', 'a')).rejects.toThrow('the app has no table "todoes"; its tables are: todos, notes')
  })
})

describe('a schema that changed while its version stayed', () => {
  const schemaOf = (version: number) => defineSyncSchema({
    version,
    tables: {
      todos: {
        schema: z.object({ id: z.string(), title: z.string(), state: z.string().optional() }), primaryKey: 'id', indexes: ['state'],
        upgradeRow: row => ({ ...row, state: row.state ?? 'open' }),
      },
      tags: { schema: z.object({ id: z.string() }), primaryKey: 'id' },
    },
  })
  const open = (version: number, indexedDB: IDBFactory) => createSyncEngine({ schema: schemaOf(version), session, provider: world.provider('ann'), indexedDB, IDBKeyRange, environment })

  it('has its new tables and indexes all the same; upgradeRow waits for a higher version', async () => {
    const { db, indexedDB } = world.device()
    await db.todos.put({ id: '1', title: 'old' })
    db.close()
    const same = open(1, indexedDB)
    expect(await same.db.tags.toArray()).toEqual([])
    expect(await same.db.todos.where('state').equals('open').count()).toBe(0)
    await same.close()
    const higher = open(2, indexedDB)
    expect(await higher.db.todos.where('state').equals('open').count()).toBe(1)
    await higher.close()
  })
})

describe('http', () => {
  it('gets a warning, unless the page is of localhost, and where nobody knows', () => {
    warnInsecurePage(true, log)
    warnInsecurePage(undefined, log)
    expect(lines).toEqual([])
    warnInsecurePage(false, log)
    expect(lines).toEqual([expect.stringContaining('served over http')])
  })
})
