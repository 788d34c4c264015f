import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSyncEngine, createSyncHooks } from 'or3-sync/client'
import type { SessionResponse } from '#or3-sync/shared/sync/protocol/types'
import { EngineHarness, until } from '../../support/engine-harness'
import { jsonReply } from '../../support/pushed-ops'
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
  vi.stubGlobal('fetch', async (input: string, init?: RequestInit) => input === 'http://app/api/sync/session' ? jsonReply(session) : await network(input, init))
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

describe('a membership that ends while the page is open', () => {
  it('leaves the user where they are, with the work that was not sent; who is a member again goes on', async () => {
    const { client, todos } = await openPage()
    client.begin()
    await until(() => client.status.state, state => state === 'idle')
    world.outsiders.add('ann')
    await todos.put({ id: '1', title: 'too late' })
    session = { ...ann, workspaces: [{ id: 'w2', name: 'Two', role: 'owner' }] }
    await until(() => client.session!.state.role === null)
    expect(client.session!.state).toMatchObject({ status: 'authenticated', workspaceId: 'w1', workspaces: [{ id: 'w2' }] })
    await until(() => client.status, ({ state, error, failedCount }) => state === 'error' && error?.code === 'UNAUTHORIZED' && failedCount === 1)
    expect(await client.engine.value!.queue.exportFailed()).toMatchObject([{ pk: '1', row: { title: 'too late' } }])
    await expect(todos.put({ id: '2', title: 'nobody would get it' })).rejects.toMatchObject({ code: 'READ_ONLY' })

    world.outsiders.delete('ann')
    session = ann
    await client.session!.refresh()
    await until(() => client.status, ({ state, error }) => state === 'idle' && error === null)
    expect(client.session!.state).toMatchObject({ workspaceId: 'w1', role: 'editor' })
    await client.engine.value!.queue.retry()
    await until(() => client.status, ({ failedCount, pendingCount }) => failedCount + pendingCount === 0)
    const bob = world.device('bob')
    await bob.start()
    await bob.whenIdle()
    expect(await bob.db.todos.get('1')).toMatchObject({ title: 'too late' })
  })

  it('and begins again is noticed without a refresh, too', async () => {
    const { client } = await openPage()
    client.begin()
    await until(() => client.status.state, state => state === 'idle')
    world.outsiders.add('ann')
    session = { ...ann, workspaces: [] }
    await until(() => client.session!.state.role === null)
    world.outsiders.delete('ann')
    session = ann
    await client.engine.value!.flush()
    await until(() => client.session!.state.role, role => role === 'editor')
  })
})

describe('a role that changes while the page is open', () => {
  it('is asked for when a push is refused: from then on writes reject at once', async () => {
    const { client, todos } = await openPage()
    client.begin()
    await until(() => client.status.state, state => state === 'idle')
    session = { ...ann, workspaces: [{ id: 'w1', name: 'One', role: 'viewer' }] }
    world.intercept = async (path, _, send) => path === '/push' ? jsonReply({ data: { code: 'READ_ONLY', message: 'a viewer' } }, 403) : await send()
    await todos.put({ id: '1', title: 'refused' })
    await until(() => client.session!.state.role, role => role === 'viewer')
    await until(() => client.status.failedCount, count => count === 1)
    await expect(todos.put({ id: '2', title: 'at once' })).rejects.toMatchObject({ code: 'READ_ONLY' })
  })
})

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
