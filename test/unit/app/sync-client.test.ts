import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { createSyncEngine, createSyncHooks } from 'or3-sync/client'
import { followUserSession } from '#or3-sync/app/follow-user-session'
import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { EngineHarness, until } from '../../support/engine-harness'
import { loadSyncClient } from '../../support/load-sync-client'
import { BASE, NOBODY, SessionBrowser, signedIn } from '../../support/session-browser'
import { jsonReply } from '../../support/pushed-ops'

const { SyncClient, syncProviders } = await loadSyncClient()

const roles: Record<string, 'editor' | 'viewer'> = {}
let world: EngineHarness
let browser: SessionBrowser
let opened: { close: () => Promise<void> }[]
let lines: string[]

beforeEach(async () => {
  delete roles.ann
  world = await EngineHarness.open({ roles })
  browser = new SessionBrowser()
  opened = []
  lines = []
})
afterEach(async () => {
  browser.close()
  for (const engine of opened) await engine.close()
  syncProviders.setActive(null)
  vi.unstubAllGlobals()
  await world.close()
})

const log = { debug() {}, info: (line: string) => lines.push(line), warn() {}, error: (line: string) => lines.push(`error: ${line}`) }

const BOTH_ON = { enabled: true, ssrAuthEnabled: true }
const BOTH_OFF = { enabled: false, ssrAuthEnabled: false }

/** A page of the app, in a browser of its own or in one that has other tabs. */
async function openPage({ indexedDB = new IDBFactory(), provider = '', ownProvider = true, begins = true, isOn = true, switches = BOTH_ON, isPreset = false, factor = 50, projectId = '', onCreate = () => {} } = {}) {
  const tab = browser.openTab({ factor })
  /** For whom, and what the page's database was then. */
  const prepared: [string, string][] = []
  const prepare = (userId: string) => { prepared.push([userId, client.db.value!.name]) }
  const client: InstanceType<typeof SyncClient> = new SyncClient({ prepare, baseURL: BASE, provider, projectId, hooks: createSyncHooks(log), log, explains: { switches, isPreset }, indexedDB, IDBKeyRange, ...tab }, isOn)
  if (isOn) {
    client.attach((options) => {
      onCreate()
      const engine = createSyncEngine({ ...options, indexedDB, IDBKeyRange, ...(ownProvider ? { provider: world.provider('ann') } : {}) })
      opened.push(engine)
      return engine
    })
    if (begins) client.begin()
    await client.session!.first()
    await client.settled()
  }
  const put = (id: string) => client.db.value!.table('todos').put({ id, title: id })
  return { client, tab, indexedDB, prepared, put, isRunning: () => client.engine.value!.isRunning() }
}
/** Whose cookie the browser has, for the gateway as for `GET /session`. */
function becomes(userId: string | null): void {
  browser.cookie = userId === null ? NOBODY : signedIn(userId)
  world.signedIn = userId
}
const idle = (client: { status: { state: string, reason: string | null } }) => until(() => ({ ...client.status }), ({ state, reason }) => state === 'idle' && reason === null)
const stored = async () => {
  world.signedIn = null
  return (await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 100 })).changes.map(({ pk }) => pk)
}

describe('F13: a page of Ann\'s, while Bob signs in in another tab', () => {
  it.each(['the session', 'the store'])('keeps her database, captures, and sends nothing; %s says so first', async (who) => {
    becomes('ann')
    const { client, tab, put, isRunning } = await openPage()
    await idle(client)
    world.signedIn = 'bob'
    if (who === 'the session') {
      browser.cookie = signedIn('bob')
      tab.wake()
    }
    else await put('1')
    await until(() => ({ ...client.status }), ({ reason }) => reason === 'other-user')
    browser.cookie = signedIn('bob')
    await until(() => !isRunning())
    expect(client.status).toMatchObject({ state: 'error', error: { code: 'USER_CHANGED' } })
    expect(client.db.value!.name).toBe('or3-db-ann-w1')
    world.requests.length = 0
    await put('2')
    tab.wake()
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(world.requests).toEqual([])
    expect((await client.engine.value!.queue.pending()).map(({ pk }) => pk)).toContain('2')
    expect(lines.filter(line => line.includes('Somebody else has signed in in this browser'))).toHaveLength(1)

    becomes('ann')
    await idle(client)
    await until(() => client.status.pendingCount, count => count === 0)
    expect(await stored()).toContain('2')
  })

  it('goes over to Bob\'s database when the app asks who is there', async () => {
    becomes('ann')
    const { client, put } = await openPage()
    await idle(client)
    becomes('bob')
    await put('1')
    await until(() => ({ ...client.status }), ({ reason }) => reason === 'other-user')
    await client.session!.refresh()
    await client.settled()
    expect(client.db.value!.name).toBe('or3-db-bob-w1')
    await until(() => client.status.reason, reason => reason === null)
    expect(await client.db.value!.table('todos').count()).toBe(0)
    expect(await stored()).toEqual([])
  })

  it('stays hers when the server took too long to name Bob, and what was written meanwhile is hers', async () => {
    browser.kept.set('or3-sync:session', JSON.stringify({ ...signedIn('ann'), workspaceId: 'w1' }))
    world.signedIn = 'bob'
    let letGo = () => {}
    browser.cookie = async () => {
      await new Promise<void>((resolve) => { letGo = resolve })
      return jsonReply(signedIn('bob'))
    }
    const { client, put } = await openPage()
    await put('1')
    letGo()
    await until(() => ({ ...client.status }), ({ reason }) => reason === 'other-user')
    expect(client.db.value!.name).toBe('or3-db-ann-w1')
    expect((await client.engine.value!.queue.pending()).map(({ pk }) => pk)).toEqual(['1'])
    expect(await stored()).toEqual([])
  })
})

describe('D1: a session that follows another at once', () => {
  it('is no error, and its user has the database', async () => {
    becomes('ann')
    const { client } = await openPage()
    await idle(client)
    const shown: string[] = []
    const out = client.signOut()
    // Ann's database is closing.
    while (client.db.value!.name !== 'or3-db-local') await null
    client.session!.set({ userId: 'bob', workspaces: [{ id: 'w1', name: 'w1', role: 'editor' }] })
    const watched = setInterval(() => shown.push(client.status.state))
    await Promise.all([out, client.settled()])
    clearInterval(watched)
    expect([shown.filter(state => state === 'error'), lines.filter(line => line.startsWith('error'))]).toEqual([[], []])
    expect(client.db.value!.name).toBe('or3-db-bob-w1')
  })

  it('is followed again where its engine could not be made', async () => {
    becomes('ann')
    let fails = false
    const { client } = await openPage({ onCreate: () => { if (fails) throw new Error('no engine') } })
    fails = true
    const bob = { userId: 'bob', workspaces: [{ id: 'w1', name: 'w1', role: 'editor' as const }] }
    client.session!.set(bob)
    await client.settled()
    expect([client.status.state, client.status.error?.message]).toEqual(['error', 'no engine'])
    fails = false
    client.session!.set({ ...bob, projectId: 'p1' })
    await client.settled()
    expect(client.db.value!.name).toBe('or3-db-bob-w1')
  })

  it('gets no provider that was prepared for the one before', async () => {
    becomes('ann')
    const { client, prepared } = await openPage({ begins: false, ownProvider: false })
    client.begin()
    for (let n = 0; n < 4; n++) await null
    client.session!.set({ userId: 'bob', workspaces: [{ id: 'w1', name: 'w1', role: 'editor' }] })
    await client.settled()
    expect(prepared).toEqual([['ann', 'or3-db-ann-w1'], ['bob', 'or3-db-bob-w1']])
  })
})

describe('C6: the database of a page', () => {
  it.each([[NOBODY, 'or3-db-local'], [signedIn('ann'), 'or3-db-ann-w1']])('has its name as soon as the session is known, before anything is read', async (session, name) => {
    browser.cookie = session
    const { client } = await openPage({ begins: false })
    expect(client.db.value!.name).toBe(name)
  })
})

describe('F20: a session that is over for a while', () => {
  it('stops the engine, and starts it again by itself', async () => {
    becomes('ann')
    const { client, put, isRunning } = await openPage()
    await idle(client)
    browser.cookie = NOBODY
    world.signedOut.add('ann')
    await put('1')
    await until(() => client.status.reason, reason => reason === 'expired')
    await until(() => !isRunning())
    expect(client.status).toMatchObject({ state: 'offline' })
    world.signedOut.clear()
    browser.cookie = signedIn('ann')
    await idle(client)
    await until(() => client.status.pendingCount, count => count === 0)
  })
})

describe('F22: an app with nuxt-auth-utils', () => {
  type Session = { user?: { id: string }, id?: string } | null
  async function openFollowing(first: Session) {
    const page = await openPage()
    const session = ref<Session>(first)
    followUserSession(session, page.client.session!)
    return { ...page, session }
  }

  it('starts to sync with fetch() after a sign-in, and leaves the database with clear()', async () => {
    const { client, session, isRunning } = await openFollowing({})
    await until(() => ({ ...client.status }), ({ state, reason }) => state === 'disabled' && reason === 'no-session')
    becomes('ann')
    session.value = { user: { id: 'ann' } }
    await idle(client)
    expect(client.db.value!.name).toBe('or3-db-ann-w1')
    becomes(null)
    session.value = null
    await until(() => client.db.value!.name, name => name === 'or3-db-local')
    expect([isRunning(), client.status.reason]).toEqual([false, 'no-session'])
  })

  it('goes over to another user with the app', async () => {
    becomes('ann')
    const { client, session } = await openFollowing({ user: { id: 'ann' } })
    await idle(client)
    becomes('bob')
    session.value = { user: { id: 'bob' } }
    await until(() => client.db.value!.name, name => name === 'or3-db-bob-w1')
  })

  it('is not signed out by a fetch() that failed, and pauses when the server knows nobody', async () => {
    becomes('ann')
    const { client, session, isRunning } = await openFollowing({ user: { id: 'ann' } })
    await idle(client)
    session.value = null
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(isRunning()).toBe(true)
    session.value = { user: { id: 'ann' } }
    browser.cookie = NOBODY
    session.value = { id: 'a session without a user' }
    await until(() => client.status.reason, reason => reason === 'expired')
    expect(client.db.value!.name).toBe('or3-db-ann-w1')
  })

  it.each([0, 30])('is signed out by clear(), whoever asks the server first (%i ms after)', async (delay) => {
    becomes('ann')
    const { client, session } = await openFollowing({ user: { id: 'ann' } })
    await idle(client)
    becomes(null)
    session.value = null
    if (delay) await new Promise(resolve => setTimeout(resolve, delay))
    await client.session!.refresh()
    await client.settled()
    expect([client.db.value!.name, client.session!.state.status]).toEqual(['or3-db-local', 'unauthenticated'])
  })

  it('is signed out by clear() also where the server is away for a moment', async () => {
    becomes('ann')
    const { client, session } = await openFollowing({ user: { id: 'ann' } })
    await idle(client)
    browser.cookie = () => { throw new TypeError('fetch failed') }
    session.value = null
    await until(() => browser.asked, asked => asked > 2)
    becomes(null)
    await until(() => client.db.value!.name, name => name === 'or3-db-local')
  })

  it('has expired where the server knows nobody long after a fetch() failed', async () => {
    becomes('ann')
    const { client, tab, session } = await openFollowing({ user: { id: 'ann' } })
    await idle(client)
    browser.cookie = () => { throw new TypeError('fetch failed') }
    session.value = null
    // Half a minute and more, by the clock of this page.
    await new Promise(resolve => setTimeout(resolve, 700))
    becomes(null)
    tab.wake()
    await until(() => client.status.reason, reason => reason === 'expired')
    expect(client.db.value!.name).toBe('or3-db-ann-w1')
  })

  it('hears of new workspaces with the next fetch(), and of nothing while the app has set its session', async () => {
    becomes('ann')
    const { client, session } = await openFollowing({ user: { id: 'ann' } })
    browser.cookie = signedIn('ann', { w1: 'editor', w2: 'owner' })
    session.value = { user: { id: 'ann' } }
    await until(() => client.session!.state.workspaces.length, count => count === 2)
    client.session!.set({ userId: 'ann', workspaces: [{ id: 'w1', name: 'One', role: 'editor' }] })
    browser.asked = 0
    session.value = null
    session.value = { user: { id: 'bob' } }
    await new Promise(resolve => setTimeout(resolve, 50))
    expect([client.session!.state.userId, browser.asked]).toEqual(['ann', 0])
  })
})

describe('F28: a role that changes while the stream is open', () => {
  it('is heard of by the stream: the next write rejects at once', async () => {
    becomes('ann')
    const { client, put } = await openPage({ factor: 0 })
    await idle(client)
    roles.ann = 'viewer'
    browser.cookie = signedIn('ann', { w1: 'viewer', w2: 'owner' })
    await until(() => client.session!.state.role, role => role === 'viewer')
    await client.settled()
    expect(client.session!.state.workspaces.map(({ id }) => id)).toEqual(['w1', 'w2'])
    await expect(put('1')).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect(client.status).toMatchObject({ state: 'idle', reason: null })
  })
})

describe('F57: the status says why nothing syncs, and the console once what to do', () => {
  const expectReason = async (client: Awaited<ReturnType<typeof openPage>>['client'], reason: string, state: string, line: string) => {
    await until(() => client.status.reason, found => found === reason)
    expect(client.status.state).toBe(state)
    await until(() => lines.some(each => each.includes(line)))
    expect(lines.filter(each => each.includes(line)), lines.join('\n')).toHaveLength(1)
    expect(lines.find(each => each.includes(line))).toMatch(new RegExp(`errors\\.md#${reason}\\)$`))
  }

  it('switched-off', async () => {
    const { client } = await openPage({ isOn: false, switches: BOTH_OFF })
    await expectReason(client, 'switched-off', 'disabled', 'Set OR3_SYNC_ENABLED and SSR_AUTH_ENABLED to true')
  })

  it.each([
    [{ enabled: true, ssrAuthEnabled: false }, 'OR3_SYNC_ENABLED is true and SSR_AUTH_ENABLED is not, so sync is off; set SSR_AUTH_ENABLED=true as well'],
    [{ enabled: false, ssrAuthEnabled: true }, 'SSR_AUTH_ENABLED is true and OR3_SYNC_ENABLED is not, so sync is off; set OR3_SYNC_ENABLED=true as well'],
  ])('switched-off by one of two switches names it: %j', async (switches, line) => {
    const { client } = await openPage({ isOn: false, switches })
    await expectReason(client, 'switched-off', 'disabled', line)
  })

  it('that the app has no schema file, before anything else', async () => {
    await openPage({ isOn: false, switches: BOTH_OFF, isPreset: true })
    await until(() => lines.length === 2)
    expect(lines[0]).toMatch(/^There is no shared\/sync\.schema\.ts, so the tables are those of the preset "or3"\. Create .*errors\.md#preset-schema\)$/)
  })

  it('no-session, and nothing before that is known', async () => {
    let letGo = () => {}
    browser.cookie = async () => {
      await new Promise<void>((resolve) => { letGo = resolve })
      return jsonReply(NOBODY)
    }
    const opening = openPage()
    await until(() => browser.asked)
    letGo()
    const { client } = await opening
    await expectReason(client, 'no-session', 'disabled', 'Nobody is signed in')
    client.session!.look()
    await client.settled()
    expect(lines).toHaveLength(1)
  })

  it('no-workspace', async () => {
    browser.cookie = signedIn('ann', {})
    const { client } = await openPage()
    await expectReason(client, 'no-workspace', 'disabled', 'has no workspace')
  })

  it('barred', async () => {
    becomes('ann')
    const { client } = await openPage()
    await idle(client)
    browser.cookie = signedIn('ann', { w2: 'owner' })
    world.outsiders.add('ann')
    await expectReason(client, 'barred', 'error', 'no longer a member of this workspace')
  })

  it('no-storage, until the browser gives a database', async () => {
    becomes('ann')
    let isBroken = true
    const factory = new IDBFactory()
    const indexedDB = new Proxy(factory, {
      get: (target, key) => key === 'open'
        ? (...args: [string, number?]) => { if (isBroken) throw new DOMException('blocked', 'SecurityError'); return target.open(...args) }
        : Reflect.get(target, key),
    })
    const { client, tab } = await openPage({ indexedDB })
    await expectReason(client, 'no-storage', 'error', 'does not give this page a database')
    isBroken = false
    tab.wake()
    await idle(client)
  })

  it('newer-database', async () => {
    becomes('ann')
    const { client, indexedDB } = await openPage()
    await idle(client)
    await client.db.value!.table('sync_state').put({ id: 'device', deviceId: 'd', format: 99, createdAt: 0 })
    const { client: old } = await openPage({ indexedDB })
    await expectReason(old, 'newer-database', 'error', 'Reload the page')
  })
})

describe('F60: an id of a provider that nobody registered', () => {
  it('is an error until somebody does, whatever is written meanwhile', async () => {
    becomes('ann')
    const { client, put, isRunning } = await openPage({ ownProvider: false, provider: 'my-own' })
    await until(() => client.status.reason, reason => reason === 'no-provider')
    expect(client.status).toMatchObject({ state: 'error', error: { code: 'NOT_FOUND', message: expect.stringContaining('"my-own" is not registered') } })
    await put('1')
    await until(() => client.status.pendingCount, count => count === 1)
    await new Promise(resolve => setTimeout(resolve, 150))
    expect(client.status).toMatchObject({ state: 'error', reason: 'no-provider', error: { code: 'NOT_FOUND' } })
    expect(isRunning()).toBe(false)
    syncProviders.register(Object.assign(world.provider('ann'), { id: 'my-own' }) as never)
    await idle(client)
    await until(() => client.status.pendingCount, count => count === 0)
  })
})

describe('F61: projectId', () => {
  it('is what the configuration names, until the app sets another; requests and hooks carry it, and the database stays', async () => {
    becomes('ann')
    /** By the key of an edit: the scope that it was sent with. */
    const pushed = new Map<string, unknown>()
    world.intercept = async (path, init, send) => {
      if (path === '/push') {
        const { scope, ops } = JSON.parse(String(init!.body)) as { scope: unknown, ops: { pk: string }[] }
        for (const { pk } of ops) pushed.set(pk, scope)
      }
      return await send()
    }
    const { client, put } = await openPage({ projectId: 'configured' })
    await idle(client)
    const heard = new Set<string | undefined>()
    client.engine.value!.hooks.addAction('sync.push:action:before', ({ scope }) => void heard.add(scope.projectId))
    const name = client.db.value!.name
    const sent = async (id: string) => {
      await put(id)
      await until(() => pushed.has(id))
      await idle(client)
    }
    await sent('1')
    const workspaces = [{ id: 'w1', name: 'W', role: 'editor' as const }]
    client.session!.set({ userId: 'ann', workspaces, projectId: 'chosen' })
    await client.settled()
    await sent('2')
    client.session!.set({ userId: 'ann', workspaces })
    await client.settled()
    await sent('3')
    expect([...heard]).toEqual(['configured', 'chosen'])
    expect([...pushed]).toEqual([['1', 'configured'], ['2', 'chosen'], ['3', 'configured']].map(([id, projectId]) => [id, { workspaceId: 'w1', projectId }]))
    expect(client.db.value!.name).toBe(name)
  })
})

describe('F56: the console says', () => {
  const said = (part: string) => lines.filter(line => line.includes(part))

  it('which edit was refused, with path and cure, once', async () => {
    becomes('ann')
    const { client, put } = await openPage()
    await idle(client)
    await client.db.value!.table('todos').add({ id: '1', title: 5 })
    await until(() => said('An edit of todos "1" was refused (VALIDATION_ERROR): payload.title: ').length > 0)
    expect(said('An edit of todos "1"')[0]).toMatch(/Write the row again as the schema wants it, .*errors\.md#validation_error\)$/)
    expect(client.status.failedCount).toBe(1)
    await client.db.value!.table('todos').add({ id: '2', title: 5 })
    await until(() => said('An edit of todos "2" was refused').length > 0)
    await put('3')
    await idle(client)
    expect(lines.filter(line => line.includes('was refused'))).toHaveLength(2)
  })

  it('which row is in quarantine, with path and cure: once, and again to the next page', async () => {
    becomes('ann')
    const { client, indexedDB } = await openPage()
    await idle(client)
    await client.db.value!.table('sync_quarantine').put({
      tableName: 'todos', pk: '9', reason: 'schema', error: 'payload.title: too long', receivedAt: 0,
      change: { op: 'put', payload: { id: '9', title: 5 }, serverVersion: 1, stamp: { deviceId: 'd', opId: crypto.randomUUID(), hlc: formatHlc({ ms: 1, counter: 0, node: 'node00000001' }), clock: 1 } },
    })
    for (const engine of opened) await engine.close()
    lines.length = 0
    await openPage({ indexedDB })
    await until(() => said('todos "9", fails this app\'s schema and waits in quarantine: payload.title: ').length > 0)
    expect(said('todos "9"')).toHaveLength(1)
    expect(said('todos "9"')[0]).toMatch(/update the schema here, or fix the row there\. \(.*errors\.md#quarantined-row\)$/)
  })
})

describe('C2: a sign-out that wipes', () => {
  /** Ann has a row in each of two workspaces; that of the other one was never sent. */
  async function leaveWorkInW2() {
    browser.cookie = signedIn('ann', { w1: 'editor', w2: 'editor' })
    const { client, indexedDB, put } = await openPage()
    // Her id is the beginning of another's.
    await client.engine.value!.db.open()
    await new Promise<void>((resolve) => { indexedDB.open('or3-db-ann%2Dmarie-w1').onsuccess = () => resolve() })
    world.offline = true
    client.session!.switchWorkspace('w2')
    await client.settled()
    await put('1')
    await client.db.value!.table('todos').add({ id: '2', title: 5 })
    client.session!.switchWorkspace('w1')
    await client.settled()
    return { client, names: async () => (await indexedDB.databases()).map(({ name }) => name).sort() }
  }

  it('counts the unsent edits of all her workspaces, and removes nothing', async () => {
    const { client, names } = await leaveWorkInW2()
    await expect(client.signOut({ wipe: true })).rejects.toMatchObject({ code: 'UNSYNCED_WORK', count: 2 })
    expect(client.session!.state.userId).toBe('ann')
    expect(await names()).toEqual(expect.arrayContaining(['or3-db-ann-w1', 'or3-db-ann-w2']))
  })

  it('removes the databases of all her workspaces, and nobody else\'s', async () => {
    const { client, names } = await leaveWorkInW2()
    await client.signOut({ wipe: true, force: true })
    expect((await names()).filter(name => name !== 'or3-db-local')).toEqual(['or3-db-ann%2Dmarie-w1'])
  })

  it('leaves all of them where it does not wipe', async () => {
    const { client, names } = await leaveWorkInW2()
    await client.signOut()
    expect(await names()).toEqual(expect.arrayContaining(['or3-db-ann-w1', 'or3-db-ann-w2']))
  })
})
