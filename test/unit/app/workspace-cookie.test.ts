import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SessionStore } from '#or3-sync/app/session-store'
import { writeWorkspaceCookie } from '#or3-sync/app/workspace-cookie'
import { BASE, NOBODY, SessionBrowser, signedIn } from '../../support/session-browser'

let browser: SessionBrowser
beforeEach(() => { browser = new SessionBrowser() })
afterEach(() => {
  browser.close()
  vi.unstubAllGlobals()
})

/** A page, and the workspaces that it told the server. */
async function openPage(tellServer?: (id: string | null) => void) {
  const told: (string | null)[] = []
  const store = new SessionStore({ baseURL: BASE, ...browser.openTab(), tellServer: tellServer ?? (id => told.push(id)) })
  await store.first()
  return { store, told }
}

it('the server is told of the workspace that is entered, and of a sign-out', async () => {
  browser.cookie = signedIn('ann', { w1: 'editor', w2: 'viewer' })
  const { store, told } = await openPage()
  expect(told).toEqual(['w1'])
  store.switchWorkspace('w2')
  expect(told.at(-1)).toBe('w2')
  const reload = await openPage()
  expect(reload.told, 'also when the session is as it was').toEqual(['w2'])
  const comeBack = store.forget()
  expect(told.at(-1)).toBeNull()
  comeBack()
  expect(told.at(-1)).toBe('w2')
})

it('nothing is told where nobody is signed in, nor by a page that leaves while somebody else has signed in', async () => {
  browser.cookie = NOBODY
  expect((await openPage()).told).toEqual([])
  browser.cookie = signedIn('ann')
  const { store, told } = await openPage()
  browser.cookie = signedIn('bob')
  browser.kept.clear()
  await openPage()
  store.forget()
  expect(told).toEqual(['w1'])
})

it('a page goes on when cookies are blocked', async () => {
  browser.cookie = signedIn('ann')
  const { store } = await openPage(() => { throw new DOMException('blocked', 'SecurityError') })
  expect(store.state).toMatchObject({ status: 'authenticated', workspaceId: 'w1' })
  store.forget()
  expect(store.state.status).toBe('unauthenticated')
})

it.each([['http:', ''], ['https:', '; Secure']])('the cookie is one of this site alone, for 400 days (%s)', (protocol, secure) => {
  const page = { cookie: '' }
  vi.stubGlobal('document', page)
  vi.stubGlobal('location', { protocol })
  writeWorkspaceCookie('a b;c=é')
  expect(page.cookie).toBe(`or3-sync-workspace=a%20b%3Bc%3D%C3%A9; Path=/; Max-Age=34560000; SameSite=Lax${secure}`)
  writeWorkspaceCookie(null)
  expect(page.cookie).toBe(`or3-sync-workspace=; Path=/; Max-Age=0; SameSite=Lax${secure}`)
})
