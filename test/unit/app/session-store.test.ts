import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SessionStore } from '#or3-sync/app/session-store'
import { until } from '../../support/engine-harness'
import { BASE, NOBODY, SessionBrowser, signedIn } from '../../support/session-browser'
import { jsonReply } from '../../support/pushed-ops'

let browser: SessionBrowser
beforeEach(() => { browser = new SessionBrowser() })
afterEach(() => {
  browser.close()
  vi.unstubAllGlobals()
})

/** A page that has loaded. On its clock back-off waits go by quickly, or, with `waits: false`, never end. */
async function openPage({ waits = true, known = true } = {}) {
  const tab = browser.openTab({ factor: waits ? 50 : 0 })
  const store = new SessionStore({ baseURL: BASE, ...tab })
  const first = store.first()
  if (known) await first
  return { store, tab, first }
}
const patient = { waits: false }
/** Longer than any number of messages between tabs takes. */
const aMoment = () => new Promise(resolve => setTimeout(resolve, 60))

describe('F20: a session that is over, or was never there', () => {
  it('heals by itself when the server answers 401 for a while', async () => {
    browser.cookie = signedIn('ann')
    const { store, tab } = await openPage()
    browser.cookie = NOBODY
    tab.wake()
    await until(() => store.state.status, status => status === 'expired')
    expect(store.reason).toBe('expired')
    browser.cookie = () => jsonReply({ data: { code: 'UNAUTHORIZED', message: 'sign in first' } }, 401)
    await aMoment()
    expect(store.state).toMatchObject({ status: 'expired', userId: 'ann', workspaceId: 'w1' })
    browser.cookie = signedIn('ann')
    await until(() => store.state.status, status => status === 'authenticated')
  })

  it.each([['after a sign-in', signedIn('ann'), 'expired'], ['on a page that nobody has signed in on', NOBODY, 'unauthenticated']])('is asked for when the page wakes up, %s', async (_when, first, status) => {
    browser.cookie = first
    const { store, tab } = await openPage(patient)
    browser.cookie = NOBODY
    tab.wake()
    await until(() => store.state.status, found => found === status)
    await aMoment()
    browser.cookie = signedIn('ann')
    tab.wake()
    await until(() => store.state.status, found => found === 'authenticated')
  })

  it('is asked for less and less often, and no more once it is there', async () => {
    const at: number[] = []
    const tab = browser.openTab({ factor: 100 })
    browser.cookie = () => {
      at.push(tab.environment.clock!.now())
      return jsonReply(NOBODY)
    }
    browser.kept.set('or3-sync:session', JSON.stringify({ ...signedIn('ann'), workspaceId: 'w1' }))
    const store = new SessionStore({ baseURL: BASE, ...tab })
    await store.first()
    await until(() => at.length, count => count >= 9)
    const waits = at.slice(1).map((time, index) => time - at[index]!)
    for (const [index, wait] of waits.entries()) expect(wait, `wait ${index}`).toBeGreaterThan(Math.min(250 * 2 ** index, 60_000) - 200)
    browser.cookie = signedIn('ann')
    await until(() => store.state.status, status => status === 'authenticated')
    browser.asked = 0
    await aMoment()
    expect(browser.asked).toBe(0)
  })

  it.each(['works', 'full', 'blocked'] as const)('is heard of from a tab that only called refresh(), though storage %s', async (storage) => {
    browser.cookie = signedIn('ann')
    const [a, b] = [await openPage(patient), await openPage(patient)]
    browser.cookie = NOBODY
    for (const { store, tab } of [a, b]) {
      tab.wake()
      await until(() => store.state.status, status => status === 'expired')
    }
    browser.storage = storage
    browser.cookie = signedIn('ann')
    await b.store.refresh()
    await until(() => a.store.state.status, status => status === 'authenticated')
  })

  it.each([
    ['a page that loads', async () => { await openPage(patient) }],
    ['an app that sets it', async () => { (await openPage(patient)).store.set(signedIn('ann') as never) }],
  ])('is heard of from %s', async (_what, signIn) => {
    const { store } = await openPage(patient)
    expect(store.reason).toBe('no-session')
    browser.cookie = signedIn('ann')
    await signIn()
    await until(() => store.state, state => state.status === 'authenticated' && state.userId === 'ann')
  })

  it('is asked for again when the last session only was remembered', async () => {
    browser.kept.set('or3-sync:session', JSON.stringify({ ...signedIn('ann'), workspaceId: 'w1' }))
    browser.cookie = () => { throw new TypeError('fetch failed') }
    const { store } = await openPage()
    expect(store.state).toMatchObject({ status: 'authenticated', userId: 'ann', role: 'editor' })
    browser.cookie = signedIn('ann', { w1: 'viewer' })
    await until(() => store.state.role, role => role === 'viewer')
  })

  it.each([
    ['a proxy\'s page', () => new Response('<h1>Welcome to the Wi-Fi</h1>')], ['another API\'s JSON', () => Response.json({ ok: true })],
    ['a failure', () => jsonReply({ data: { code: 'SERVER_ERROR' } }, 500)], ['a session out of form', () => jsonReply({ ...signedIn('ann'), workspaces: 'all' })],
    ['a 401 of somebody else\'s', () => new Response('Proxy authentication', { status: 401 })],
  ])('is not what %s says', async (_what, answer) => {
    browser.cookie = signedIn('ann')
    const { store, tab } = await openPage(patient)
    browser.cookie = answer
    tab.wake()
    await aMoment()
    expect(store.state).toMatchObject({ status: 'authenticated', userId: 'ann' })
  })
})

describe('F13: a page that works as Ann', () => {
  it('stays Ann\'s when Bob signs in in another tab, until she is back', async () => {
    browser.cookie = signedIn('ann')
    const { store, tab } = await openPage(patient)
    browser.cookie = signedIn('bob', { w1: 'owner' })
    const bobs = await openPage(patient)
    expect(bobs.store.state).toMatchObject({ status: 'authenticated', userId: 'bob' })
    await until(() => store.reason, reason => reason === 'other-user')
    tab.wake()
    await aMoment()
    expect(store.state).toMatchObject({ status: 'expired', userId: 'ann', workspaceId: 'w1', role: 'editor' })
    browser.cookie = signedIn('ann')
    await bobs.store.refresh()
    await until(() => store.state.status, status => status === 'authenticated')
    expect([store.state.userId, store.reason]).toEqual(['ann', null])
  })

  it('asks with back-off whether she is back', async () => {
    browser.cookie = signedIn('ann')
    const { store, tab } = await openPage()
    browser.cookie = signedIn('bob')
    tab.wake()
    await until(() => store.reason, reason => reason === 'other-user')
    browser.cookie = NOBODY
    await until(() => store.reason, reason => reason === 'expired')
    browser.cookie = signedIn('ann')
    await until(() => store.reason, reason => reason === null)
  })

  it('stays hers when the first answer comes late and names Bob; the app may go by it', async () => {
    browser.kept.set('or3-sync:session', JSON.stringify({ ...signedIn('ann'), workspaceId: 'w1' }))
    let letGo = () => {}
    browser.cookie = async () => {
      await new Promise<void>((resolve) => { letGo = resolve })
      return jsonReply(signedIn('bob'))
    }
    const { store } = await openPage()
    expect(store.state).toMatchObject({ status: 'authenticated', userId: 'ann' })
    letGo()
    await until(() => store.reason, reason => reason === 'other-user')
    expect(store.state.userId).toBe('ann')
    browser.cookie = signedIn('bob')
    await store.refresh()
    expect(store.state).toMatchObject({ status: 'authenticated', userId: 'bob' })
  })

  it('was never hers when the first answer names Bob in time', async () => {
    browser.kept.set('or3-sync:session', JSON.stringify({ ...signedIn('ann'), workspaceId: 'w1' }))
    browser.cookie = signedIn('bob')
    expect((await openPage()).store.state).toMatchObject({ status: 'authenticated', userId: 'bob' })
  })

  it('goes over to Bob where the app itself signs him in: by refresh, and by set', async () => {
    browser.cookie = signedIn('ann')
    const { store } = await openPage(patient)
    browser.cookie = signedIn('bob')
    await store.refresh()
    expect(store.state).toMatchObject({ status: 'authenticated', userId: 'bob' })
    store.set({ userId: 'carl', workspaces: [{ id: 'w3', name: 'Three', role: 'owner' }] })
    expect(store.state).toMatchObject({ status: 'authenticated', userId: 'carl', workspaceId: 'w3' })
  })

  it('goes by the answer to the app\'s question, not by one that was asked for before', async () => {
    browser.cookie = signedIn('ann')
    const { store, tab } = await openPage(patient)
    const held: (() => void)[] = []
    const hold = (answer: typeof NOBODY) => async () => {
      await new Promise<void>((resolve) => { held.push(resolve) })
      return jsonReply(answer)
    }
    browser.cookie = hold(NOBODY)
    tab.wake()
    await until(() => held.length, count => count === 1)
    browser.cookie = hold(signedIn('bob'))
    const refreshed = store.refresh()
    await until(() => held.length, count => count === 2)
    held[1]!()
    await refreshed
    held[0]!()
    await aMoment()
    expect(store.state).toMatchObject({ status: 'authenticated', userId: 'bob' })
  })

  it('lets her look at another workspace while somebody else is signed in, and remembers that for nobody', async () => {
    browser.cookie = signedIn('ann', { w1: 'editor', w2: 'owner' })
    const { store, tab } = await openPage(patient)
    browser.cookie = signedIn('bob')
    await openPage(patient)
    await until(() => store.reason, reason => reason === 'other-user')
    store.switchWorkspace('w2')
    expect([store.state.status, store.state.workspaceId, store.state.role, store.reason]).toEqual(['expired', 'w2', 'owner', 'other-user'])
    tab.isOnline = false
    browser.cookie = () => { throw new TypeError('fetch failed') }
    expect((await openPage(patient)).store.state.userId, 'the next page begins with who is signed in').toBe('bob')
  })

  it('signs out without taking Bob along', async () => {
    browser.cookie = signedIn('ann')
    const [a, alsoAnns] = [await openPage(patient), await openPage(patient)]
    browser.cookie = signedIn('bob')
    const bobs = await openPage(patient)
    await until(() => a.store.reason, reason => reason === 'other-user')
    a.store.forget()
    await until(() => alsoAnns.store.state.userId, userId => userId !== 'ann')
    expect(bobs.store.state).toMatchObject({ status: 'authenticated', userId: 'bob' })
  })
})

describe('F21: what the app has set', () => {
  const anns = { userId: 'ann', workspaces: [{ id: 'w7', name: 'Seven', role: 'owner' as const }], workspaceId: 'w7' }
  const expectSet = ({ state }: SessionStore) => expect(state).toMatchObject({ status: 'authenticated', userId: 'ann', workspaceId: 'w7', role: 'owner' })

  it('before the server was asked is not asked about', async () => {
    const tab = browser.openTab()
    const store = new SessionStore({ baseURL: BASE, ...tab })
    store.set(anns)
    expectSet(store)
    await store.first()
    await aMoment()
    expect(browser.asked).toBe(0)
  })

  it.each([['nobody', NOBODY], ['other workspaces', signedIn('ann', { w1: 'viewer' })], ['somebody else', signedIn('bob')]])('stands against an answer under way, and later ones: %s', async (_what, answer) => {
    let letGo = () => {}
    browser.cookie = async () => {
      await new Promise<void>((resolve) => { letGo = resolve })
      return jsonReply(answer)
    }
    const { store, tab, first } = await openPage({ known: false })
    store.set(anns)
    await first
    letGo()
    browser.cookie = answer
    tab.wake()
    await aMoment()
    expectSet(store)
  })

  it('stands against what other tabs do, except for signing out', async () => {
    browser.cookie = signedIn('ann')
    const [a, b] = [await openPage(patient), await openPage(patient)]
    a.store.set(anns)
    await b.store.refresh()
    b.store.switchWorkspace('w1')
    await aMoment()
    expectSet(a.store)
    b.store.forget()
    await until(() => a.store.state.status, status => status === 'unauthenticated')
  })

  it('gives way when the app asks the server', async () => {
    browser.cookie = signedIn('ann', { w1: 'viewer' })
    const { store } = await openPage(patient)
    store.set(anns)
    await store.refresh()
    expect(store.state).toMatchObject({ workspaceId: 'w7', role: null, workspaces: [{ id: 'w1', role: 'viewer' }] })
  })

  it('may be that the session has expired, which no answer changes', async () => {
    browser.cookie = signedIn('ann')
    const { store, tab } = await openPage()
    store.set(null)
    tab.wake()
    await aMoment()
    expect(store.state).toMatchObject({ status: 'expired', userId: 'ann' })
    store.set(anns)
    expectSet(store)
  })

  it('pauses while the store says that somebody else is signed in, and goes on as it was when that user is back', async () => {
    browser.cookie = signedIn('bob')
    const { store } = await openPage()
    store.set(anns)
    store.userChanged()
    expect(store.reason).toBe('other-user')
    await aMoment()
    expect(store.reason).toBe('other-user')
    browser.cookie = signedIn('ann', { w1: 'viewer' })
    await until(() => store.reason, reason => reason === null)
    expectSet(store)
  })

  it.each([
    [{ userId: '', workspaces: [] }, 'session.userId must be a text'], [{ userId: 'ann' }, 'session.workspaces must be a list'],
    [{ userId: 'ann', workspaces: [{ id: 7, name: 'x', role: 'owner' }] }, 'session.workspaces[0].id must be a text'],
    // None of these can be the name of a database, or a user of the gateway.
    ...['\uD800', 'a\u0000b', 'x'.repeat(257)].flatMap((id): [unknown, string][] => [
      [{ userId: id, workspaces: [] }, 'session.userId must be a text of 1 to 256'],
      [{ userId: 'ann', workspaces: [{ id, name: 'x', role: 'owner' }] }, 'session.workspaces[0].id must be a text of 1 to 256'],
    ]),
  ])('is refused out of form, and changes nothing: %j', async (session, message) => {
    browser.cookie = signedIn('ann')
    const { store } = await openPage(patient)
    expect(() => store.set(session as never)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR', message: expect.stringContaining(message) }))
    expect(store.state).toMatchObject({ status: 'authenticated', workspaceId: 'w1' })
  })
})

describe('F17: a role that is none of ours', () => {
  it.each(['banned', 'invited', undefined, null])('opens no workspace: %s', async (role) => {
    browser.cookie = signedIn('ann', { w1: role as never, w2: 'viewer' })
    const { store } = await openPage(patient)
    expect(store.state).toMatchObject({ workspaceId: 'w2', workspaces: [{ id: 'w2' }] })
    browser.cookie = signedIn('ann', { w2: role as never })
    await store.refresh()
    expect([store.state.role, store.reason]).toEqual([null, 'barred'])
  })

  it('is not believed from storage either', async () => {
    browser.kept.set('or3-sync:session', JSON.stringify({ ...signedIn('ann', { w1: 'admin' as never }), workspaceId: 'w1' }))
    browser.cookie = () => { throw new TypeError('fetch failed') }
    expect((await openPage(patient)).store.state.status).toBe('unauthenticated')
  })
})

describe('F24: storage', () => {
  it.each(['full', 'blocked'] as const)('that is %s costs the memory of the session, not the session', async (storage) => {
    browser.storage = storage
    browser.cookie = signedIn('ann', { w1: 'editor', w2: 'owner' })
    const { store } = await openPage(patient)
    expect(store.state).toMatchObject({ status: 'authenticated', userId: 'ann' })
    store.switchWorkspace('w2')
    await store.refresh()
    expect(store.state.workspaceId).toBe('w2')
    const other = await openPage(patient)
    store.forget()
    await until(() => other.store.state.status, status => status === 'unauthenticated')
  })

  it.each(['{', 'null', '7', '{"userId":7}', '{"userId":"ann","workspaces":[null]}'])('that holds %s is as good as empty', async (text) => {
    browser.kept.set('or3-sync:session', text)
    browser.cookie = () => { throw new TypeError('fetch failed') }
    expect((await openPage(patient)).store.state.status).toBe('unauthenticated')
  })
})

describe('F28: new workspaces and other roles', () => {
  it('are heard of when the page wakes up, and in every tab when one of them hears', async () => {
    browser.cookie = signedIn('ann')
    const [a, b] = [await openPage(patient), await openPage(patient)]
    browser.cookie = signedIn('ann', { w1: 'viewer', w2: 'owner' })
    a.tab.wake()
    for (const { store } of [a, b]) await until(() => store.state, ({ role, workspaces }) => role === 'viewer' && workspaces.length === 2)
    expect(b.store.state.workspaceId).toBe('w1')
  })
})

describe('who has signed out', () => {
  it('is not brought back by a cookie that has not gone yet, but by the app, and by a sign-in elsewhere', async () => {
    browser.cookie = signedIn('ann')
    const { store, tab } = await openPage()
    store.forget()
    tab.wake()
    await aMoment()
    expect(store.state).toMatchObject({ status: 'unauthenticated', userId: null })
    await store.refresh()
    expect(store.state.userId).toBe('ann')
    store.forget()
    browser.cookie = NOBODY
    await aMoment()
    browser.cookie = signedIn('ann')
    await until(() => store.state.userId, userId => userId === 'ann')
  })

  it('is signed out also when the question was asked before', async () => {
    browser.cookie = signedIn('ann')
    const { store, tab } = await openPage(patient)
    let letGo = () => {}
    browser.cookie = async () => {
      await new Promise<void>((resolve) => { letGo = resolve })
      return jsonReply(signedIn('ann', { w1: 'owner' }))
    }
    tab.wake()
    await until(() => browser.asked, asked => asked === 2)
    store.forget()
    letGo()
    await aMoment()
    expect(store.state.status).toBe('unauthenticated')
  })
  it('is back in every tab where it is taken back at once', async () => {
    browser.cookie = signedIn('ann', { w1: 'editor', w2: 'owner' })
    const [ann, other] = [await openPage(), await openPage()]
    ann.store.switchWorkspace('w2')
    ann.store.forget()()
    expect(ann.store.state).toMatchObject({ status: 'authenticated', userId: 'ann', workspaceId: 'w2' })
    await aMoment()
    await until(() => other.store.state.status, status => status === 'authenticated')
  })

  it('stays so where somebody else has signed in before that', async () => {
    browser.cookie = signedIn('ann')
    const { store } = await openPage()
    const comeBack = store.forget()
    store.set({ userId: 'bob', workspaces: [] })
    comeBack()
    expect(store.state.userId).toBe('bob')
  })
})
