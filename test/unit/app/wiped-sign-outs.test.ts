import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import Dexie from 'dexie'
import { createSyncEngine, createSyncHooks } from 'or3-sync/client'
import { deleteIfSynced } from '#or3-sync/app/delete-if-synced'
import { EngineHarness, until } from '../../support/engine-harness'
import { loadSyncClient } from '../../support/load-sync-client'
import { BASE, SessionBrowser, signedIn } from '../../support/session-browser'

const { SyncClient } = await loadSyncClient()
const NAME = 'or3-db-ann-w1'
let world: EngineHarness
let browser: SessionBrowser
let opened: { close: () => Promise<void> }[]
let indexedDB: IDBFactory

beforeEach(async () => {
  world = await EngineHarness.open()
  browser = new SessionBrowser()
  browser.cookie = signedIn('ann')
  opened = []
  indexedDB = new IDBFactory()
})
afterEach(async () => {
  browser.close()
  for (const engine of opened) await engine.close()
  vi.unstubAllGlobals()
  await world.close()
})

const log = { debug() {}, info() {}, warn() {}, error() {} }

/** A tab of Ann's. */
async function openTab() {
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
  await until(() => client.status.state, state => state === 'idle')
  return { client, put: (id: string) => client.db.value!.table('todos').put({ id, title: id }) }
}
const turns = async (count: number) => { for (let n = 0; n < count; n++) await null }
const wipe = (client: Awaited<ReturnType<typeof openTab>>['client']) => client.signOut({ wipe: true }).then(() => 'wiped', (error: { code: string, count?: number }) => `${error.code} ${error.count}`)
const stored = async () => (await world.provider('ann').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 900 })).changes.map(({ pk }) => pk)
const names = async () => (await indexedDB.databases()).map(({ name }) => name)
async function unsentIn(name: string): Promise<unknown[]> {
  const db = new Dexie(name, { indexedDB, IDBKeyRange })
  try { return (await (await db.open()).table('pending_ops').toArray()).flatMap(({ ops }: { ops: { pk: string }[] }) => ops.map(({ pk }) => pk)) }
  finally { db.close() }
}

/** A table that edits wait in, in a database that this page has open until another one wants it. */
async function openOutbox(): Promise<IDBDatabase> {
  return await new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME)
    request.onupgradeneeded = () => request.result.createObjectStore('pending_ops', { autoIncrement: true })
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error!)
  })
}

describe('A3: a database that is deleted unless it holds edits', () => {
  it('is not there for who opens it in between: their edit is refused, or is in the next one', async () => {
    const db = await openOutbox()
    const late = new Promise<string>((resolve, reject) => {
      db.onversionchange = () => {
        db.close()
        openOutbox().then((again) => {
          again.onversionchange = () => again.close()
          const writing = again.transaction('pending_ops', 'readwrite')
          writing.objectStore('pending_ops').add({ ops: [{ pk: 'late' }] })
          writing.oncomplete = () => resolve('stored')
        }).catch((error: Error) => error.name === 'NotFoundError' ? resolve('refused') : reject(error))
      }
    })
    expect(await deleteIfSynced(indexedDB, NAME)).toBe(0)
    if (await late === 'stored') expect(await unsentIn(NAME)).toEqual(['late'])
  })

  it('stays as it was, version and all, where it does', async () => {
    const db = await openOutbox()
    db.transaction('pending_ops', 'readwrite').objectStore('pending_ops').add({ ops: [{ pk: '1' }, { pk: '2' }] })
    db.onversionchange = () => db.close()
    expect(await deleteIfSynced(indexedDB, NAME)).toBe(2)
    expect(await indexedDB.databases()).toEqual([{ name: NAME, version: 1 }])
    expect(await unsentIn(NAME)).toEqual(['1', '2'])
  })

  it('is not made where there is none', async () => {
    expect(await deleteIfSynced(indexedDB, NAME)).toBe(0)
    expect(await names()).toEqual([])
  })
})

describe('A3: an edit made while a sign-out wipes', () => {
  it.each([0, 1, 2, 3, 5, 10, 20, 40])('is refused, or kept where it was written (%i turns after)', async (after) => {
    const { client, put } = await openTab()
    world.offline = true
    const name = () => client.db.value!.name
    const out = wipe(client)
    await turns(after)
    const where = name()
    const written = await put('late').then(() => 'stored', () => 'refused')
    const ended = await out
    if (written === 'refused' || where !== NAME) return
    expect(ended).toBe('UNSYNCED_WORK 1')
    expect(await unsentIn(NAME)).toEqual(['late'])
  })

  it('and after it was counted keeps its database, and the user signed in in every tab', async () => {
    const [ann, other] = [await openTab(), await openTab()]
    world.offline = true
    const { queue } = ann.client.engine.value!
    const failed = queue.failed.bind(queue)
    queue.failed = async () => {
      const counted = await failed()
      await other.put('late')
      return counted
    }
    expect(await wipe(ann.client)).toBe('UNSYNCED_WORK 1')
    for (const { client } of [ann, other]) {
      await until(() => client.db.value!.name, name => name === NAME)
      expect(client.session!.state).toMatchObject({ status: 'authenticated', userId: 'ann', workspaceId: 'w1' })
    }
    world.offline = false
    await until(stored, pks => pks.length > 0)
    expect(await stored()).toEqual(['late'])
  })

  it('by a tab that writes on and on is never lost', async () => {
    const [ann, other] = [await openTab(), await openTab()]
    const noted: string[] = []
    let ended = ''
    const writer = (async () => {
      for (let n = 0; ended !== 'wiped' && n < 400; n++) {
        const { name } = other.client.db.value!
        await other.put(`w${n}`).then(() => { if (name === NAME) noted.push(`w${n}`) }, () => {})
        await new Promise(resolve => setTimeout(resolve, n % 4))
      }
    })()
    for (let n = 0; n < 30 && ended !== 'wiped'; n++) ended = await wipe(ann.client)
    await writer
    await new Promise(resolve => setTimeout(resolve, 100))
    const sent = await stored()
    const kept = (await names()).includes(NAME) ? await unsentIn(NAME) : []
    expect(noted.filter(pk => !sent.includes(pk) && !kept.includes(pk))).toEqual([])
  })

  it('is all that keeps the database: where all is synced, it goes', async () => {
    const { client, put } = await openTab()
    await put('sent')
    await client.engine.value!.whenIdle()
    expect(await wipe(client)).toBe('wiped')
    expect(await names()).not.toContain(NAME)
    expect(client.session!.state.status).toBe('unauthenticated')
  })
})
