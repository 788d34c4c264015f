import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import Dexie from 'dexie'
import { createSyncEngine, createSyncHooks } from 'or3-sync/client'
import type { SessionResponse } from '#or3-sync/shared/sync/protocol/types'
import type { SessionState } from '#or3-sync/app/session-state'
import { EngineHarness, until } from '../../support/engine-harness'
import { loadSyncClient } from '../../support/load-sync-client'
import { BASE, SessionBrowser, signedIn } from '../../support/session-browser'

const { SyncClient, setSyncClient, adoptLocalData, watch } = await loadSyncClient()
const LOCAL = 'or3-db-local'
let world: EngineHarness
let browser: SessionBrowser
let opened: { close: () => Promise<void> }[]
let indexedDB: IDBFactory

beforeEach(async () => {
  world = await EngineHarness.open()
  browser = new SessionBrowser()
  opened = []
  // `adoptLocalData` opens the browser's own database.
  indexedDB = new IDBFactory()
  Object.assign(Dexie.dependencies, { indexedDB, IDBKeyRange })
  vi.stubGlobal('indexedDB', indexedDB)
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
})
afterEach(async () => {
  browser.close()
  for (const engine of opened) await engine.close()
  setSyncClient(null as never)
  vi.unstubAllGlobals()
  await world.close()
})

const log = { debug() {}, info() {}, warn() {}, error() {} }

/** A page in which nobody has signed in yet, with these rows. */
async function openPage(...ids: string[]) {
  const tab = browser.openTab({ factor: 50 })
  const client = new SyncClient({ baseURL: BASE, provider: '', hooks: createSyncHooks(log), log, indexedDB, IDBKeyRange, ...tab }, true)
  client.attach((options) => {
    const engine = createSyncEngine({ ...options, indexedDB, IDBKeyRange, provider: world.provider('ann') })
    opened.push(engine)
    return engine
  })
  client.begin()
  await client.session!.first()
  await client.settled()
  setSyncClient(client)
  await write(client, ...ids)
  return client
}
type Client = Awaited<ReturnType<typeof openPage>>

const write = (client: Client, ...ids: string[]) => client.db.value!.table('todos').bulkPut(ids.map(id => ({ id, title: 'mine' })))
async function becomes(client: Client, session: SessionResponse) {
  browser.cookie = session
  await client.session!.refresh()
}
/** What adopting comes to, begun by the app when the session changes. */
function adoptWhen(client: Client, isIt: (state: SessionState) => boolean, flush: 'pre' | 'sync' = 'pre'): Promise<unknown> {
  return new Promise(resolve => watch(() => isIt(client.session!.state), (is) => { if (is) resolve(adoptLocalData().catch((error: unknown) => error)) }, { flush }))
}
async function rowsOf(name: string): Promise<unknown[]> {
  const db = new Dexie(name, { indexedDB, IDBKeyRange })
  try { return await (await db.open()).table('todos').toCollection().primaryKeys() }
  finally { db.close() }
}

describe('adoptLocalData()', () => {
  it('loses nothing of a user who has no workspace, and says so', async () => {
    const client = await openPage('a', 'b')
    await becomes(client, signedIn('ann', {}))
    await expect(adoptLocalData()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await rowsOf(LOCAL)).toEqual(['a', 'b'])
  })

  it('loses nothing of a user whose only role is none of ours', async () => {
    const client = await openPage('a')
    await becomes(client, signedIn('ann', { w1: 'invited' as never }))
    await expect(adoptLocalData()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await rowsOf(LOCAL)).toEqual(['a'])
  })

  it.each(['pre', 'sync'] as const)('called in a watcher of the session (%s) waits for the user\'s database', async (flush) => {
    const client = await openPage('a', 'b')
    const adopted = adoptWhen(client, ({ status }) => status === 'authenticated', flush)
    await becomes(client, signedIn('ann'))
    expect(await adopted).toBe(2)
    expect([await rowsOf(LOCAL), await rowsOf('or3-db-ann-w1')]).toEqual([[], ['a', 'b']])
  })

  it('called when one user follows another moves nothing into the database of the first', async () => {
    const client = await openPage('a')
    await becomes(client, signedIn('ann'))
    await client.settled()
    const adopted = adoptWhen(client, ({ userId }) => userId === 'bob', 'sync')
    await becomes(client, signedIn('bob'))
    expect(await adopted).toBe(1)
    expect([await rowsOf('or3-db-ann-w1'), await rowsOf('or3-db-bob-w1')]).toEqual([[], ['a']])
  })

  it('refuses when the user leaves before their database is open', async () => {
    const client = await openPage('a')
    await becomes(client, signedIn('ann'))
    const adopted = adoptLocalData()
    await Promise.resolve()
    await Promise.resolve()
    client.session!.forget()
    await expect(adopted).rejects.toMatchObject({ code: 'USER_CHANGED' })
    expect(await rowsOf(LOCAL)).toEqual(['a'])
  })

  it('loses nothing while the last user\'s database is slow to close', async () => {
    browser.cookie = signedIn('ann')
    const client = await openPage('of ann')
    const ann = client.engine.value!
    const close = ann.close.bind(ann)
    ann.close = async () => {
      await new Promise(resolve => setTimeout(resolve, 200))
      await close()
    }
    client.session!.forget()
    await until(() => client.db.value!.name, name => name === LOCAL)
    await write(client, 'a')
    await becomes(client, signedIn('bob'))
    expect(await adoptLocalData()).toBe(1)
    expect([await rowsOf(LOCAL), await rowsOf('or3-db-bob-w1')]).toEqual([[], ['a']])
  })

  it('rejects where nobody is signed in', async () => {
    await openPage('a')
    await expect(adoptLocalData()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  it('rejects where sync is off', async () => {
    await expect(adoptLocalData()).rejects.toMatchObject({ code: 'SYNC_DISABLED' })
  })
})
