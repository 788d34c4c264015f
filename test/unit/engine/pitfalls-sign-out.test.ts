import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSyncEngine, createSyncHooks } from 'or3-sync/client'
import type { SessionResponse } from '#or3-sync/shared/sync/types'
import { EngineHarness, until } from '../../support/engine-harness'
import { loadSyncClient } from '../../support/load-sync-client'

const { SyncClient } = await loadSyncClient()
const log = { debug() {}, info() {}, warn() {}, error() {} }
const ann: SessionResponse = { status: 'authenticated', userId: 'ann', workspaces: [{ id: 'w1', name: 'One', role: 'editor' }], serverTime: 0 }

let world: EngineHarness
let session: SessionResponse
let opened: { close: () => Promise<void> }[]

/** What the client needs of a browser. */
beforeEach(async () => {
  world = await EngineHarness.open()
  session = ann
  opened = []
  const kept = new Map<string, string>()
  const network = fetch
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
  vi.stubGlobal('fetch', async (input: string, init?: RequestInit) => input === 'http://app/api/sync/session' ? Response.json(session) : await network(input, init))
})
afterEach(async () => {
  for (const engine of opened) await engine.close()
  vi.unstubAllGlobals()
  await world.close()
})

/** The client of a page that has loaded and knows who is there; it has not begun to sync. */
async function openPage() {
  const indexedDB = new IDBFactory()
  const client = new SyncClient({ baseURL: 'http://app', provider: '', hooks: createSyncHooks(log), log }, true)
  client.attach((options) => {
    const engine = createSyncEngine({ ...options, provider: world.provider('ann'), indexedDB, IDBKeyRange, environment: { channel: () => null, locks: null } })
    opened.push(engine)
    return engine
  })
  await until(() => client.session!.state.status === 'authenticated')
  await client.settled()
  return { client, indexedDB, todos: client.db.value!.table<{ id: string, title: string }, string>('todos') }
}

describe('leaving', () => {
  it('pitfall 33: a sign-out that would wipe unsynced work is refused, and says how much there is', async () => {
    const { client, todos } = await openPage()
    await todos.put({ id: '1', title: 'not sent yet' })
    await expect(client.signOut({ wipe: true })).rejects.toMatchObject({ code: 'UNSYNCED_WORK', count: 1 })
    expect(client.session!.state.userId).toBe('ann')
    expect(await todos.count()).toBe(1)
  })

  it('pitfall 10: an expired session stays in its database and goes on capturing', async () => {
    const { client, indexedDB, todos } = await openPage()
    session = { status: 'unauthenticated', userId: null, workspaces: [], serverTime: 0 }
    await client.session!.refresh()
    await client.settled()
    expect(client.session!.state).toMatchObject({ status: 'expired', userId: 'ann' })
    await client.db.value!.table('todos').put({ id: '1', title: 'after the end of the session' })
    expect(await todos.count()).toBe(1)
    const later = world.device('ann', { indexedDB })
    expect(await later.queue.pending()).toMatchObject([{ pk: '1' }])
  })
})
