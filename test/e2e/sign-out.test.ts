import { afterEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import type { SessionResponse } from '#or3-sync/shared/sync/protocol/types'
import { makePosts } from '../support/make-posts'
import { Member } from '../support/member'
import { MemberPage, type Or3Window } from '../support/member-page'
import { usePlayground } from '../support/use-playground'

describe('F27: a sign-out while the server is away', () => {
  const at = usePlayground()
  afterEach(() => at.server.restart())

  it('leaves nobody signed in: not offline, not in another tab, and not when the server is back', async () => {
    const ann = await open('Ann')
    const other = await ann.openTab('/notes')
    await at.server.kill()
    await ann.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('unsent', 2))
    await choose(ann.page, 'Sign out')
    for (const { page } of [ann, other]) {
      await page.waitForURL('**/sign-in')
      expect(await seen(page)).toEqual({ database: 'or3-db-local', status: 'unauthenticated' })
    }
    await ann.page.getByTestId('sign-out-untold').waitFor()

    await at.server.restart()
    await ann.page.goto(`${at.server.origin}/`)
    expect(new URL(ann.page.url()).pathname, 'nobody is let in by the old cookie').toBe('/sign-in')
    expect(await asked(ann.page)).toMatchObject({ status: 'unauthenticated', userId: null })
    expect((await ann.context.cookies()).filter(({ value }) => value), 'the server has ended the session').toEqual([])
  })

  it('is heard before anything else, by a page that is not loaded again, too', async () => {
    const ann = await open('Ann')
    await at.server.kill()
    await choose(ann.page, 'Sign out')
    await ann.page.waitForURL('**/sign-in')
    await at.server.restart()
    expect(await asked(ann.page)).toMatchObject({ status: 'unauthenticated' })
    expect(await ann.page.evaluate(async () => (await fetch('/api/workspaces/ann/members')).status)).toBe(401)

    await signIn(ann.page, 'Bob')
    await ann.reload()
    await expect.poll(() => seen(ann.page)).toEqual({ database: 'or3-db-bob-bob', status: 'authenticated' })
  })

  it('keeps what was not sent until its user is back', async () => {
    const carol = await open('Carol')
    await at.server.kill()
    await carol.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('unsent', 3))
    await choose(carol.page, 'Sign out')
    await carol.page.waitForURL('**/sign-in')
    await at.server.restart()
    await signIn(carol.page, 'Carol')
    await expect.poll(async () => (await carol.member.storedRows('carol', 'posts')).length, { timeout: 30_000 }).toBe(3)
  })

  it('with a wipe asks first, and then removes the database', async () => {
    const dora = await open('Dora')
    await at.server.kill()
    await dora.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('unsent', 2))
    await choose(dora.page, 'Sign out and wipe this device')
    await dora.page.getByText('2 edits have not reached the server').waitFor()
    expect(await seen(dora.page), 'nothing has happened yet').toEqual({ database: 'or3-db-dora-dora', status: 'authenticated' })
    await dora.page.getByRole('button', { name: 'Wipe anyway' }).click()
    await dora.page.waitForURL('**/sign-in')
    await expect.poll(() => dora.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).not.toContain('or3-db-dora-dora')
  })

  it('is the same when a proxy answers for the server, or nobody does', async () => {
    for (const answer of ['502', 'nothing'] as const) {
      const emma = await open('Emma')
      await emma.page.route('**/api/auth/sign-out', async (route) => {
        if (answer === '502') await route.fulfill({ status: 502, body: '<h1>Bad Gateway</h1>' })
      })
      await choose(emma.page, 'Sign out')
      await emma.page.waitForURL('**/sign-in')
      await emma.page.getByTestId('sign-out-untold').waitFor()
      expect(await asked(emma.page)).toMatchObject({ status: 'unauthenticated' })
      await emma.close()
    }
  })

  async function open(name: string): Promise<MemberPage> {
    const opened = await MemberPage.open(at.browser, await Member.signIn(at.server.origin, name))
    await opened.run(() => (window as unknown as Or3Window).__or3.engine.whenIdle(), null)
    await untilPagesAreAtHand(opened)
    return opened
  }
})

describe('a sign-out beside other work', () => {
  const at = usePlayground()
  const open = async (name: string) => {
    const opened = await MemberPage.open(at.browser, await Member.signIn(at.server.origin, name))
    await opened.run(() => (window as unknown as Or3Window).__or3.engine.whenIdle(), null)
    return opened
  }

  it('C1: clear() of nuxt-auth-utils and then refresh() leaves the database of who signed out', async () => {
    const ann = await open('Ann')
    await ann.page.evaluate(async () => {
      const { userSession, session } = (window as unknown as Or3Window).__or3
      await userSession.clear()
      await session.refresh()
    })
    await expect.poll(() => seen(ann.page)).toEqual({ database: 'or3-db-local', status: 'unauthenticated' })
  })

  it('A3: a wipe in one tab loses no edit that another one has stored', async () => {
    const cyd = await open('Cyd')
    const other = await cyd.openTab('/notes')
    await other.run(() => (window as unknown as Or3Window).__or3.engine.whenIdle(), null)
    await other.page.evaluate(writeOn)
    let ended = ''
    for (let n = 0; n < 40 && ended !== 'wiped'; n++) {
      await cyd.page.waitForTimeout(60)
      ended = await cyd.page.evaluate(async () => {
        const { session } = (window as unknown as Or3Window).__or3 as unknown as { session: { signOut(options: object): Promise<void> } }
        return await session.signOut({ wipe: true }).then(() => 'wiped', (error: { code: string }) => error.code)
      })
    }
    await other.page.waitForTimeout(1_000)
    const noted = await other.page.evaluate(() => {
      const writer = window as unknown as Writer
      writer.isWriting = false
      return writer.noted
    })
    const stored = new Set((await cyd.member.storedRows('cyd', 'posts')).map(({ id }) => String(id)))
    const kept = new Set(await other.page.evaluate(() => new Promise<string[]>((resolve, reject) => {
      const request = indexedDB.open('or3-db-cyd-cyd')
      request.onerror = () => reject(request.error!)
      request.onsuccess = () => {
        if (!request.result.objectStoreNames.contains('posts')) return resolve([])
        const keys = request.result.transaction('posts').objectStore('posts').getAllKeys()
        keys.onsuccess = () => resolve(keys.result.map(String))
      }
    })))
    expect(noted.filter(id => !stored.has(id) && !kept.has(id)), `after ${ended}`).toEqual([])
  })
})

interface Writer extends Or3Window {
  isWriting: boolean
  /** What was stored in Cyd's database. */
  noted: string[]
}

/** In the page: writes a row every few milliseconds. */
function writeOn(): void {
  const writer = window as unknown as Writer
  Object.assign(writer, { noted: [], isWriting: true })
  void (async () => {
    for (let n = 0; writer.isWriting; n++) {
      const db = writer.__or3.getDb()
      const { name } = db
      const id = `w${n}`
      await db.table('posts').put({ id, title: id, content: '', color: 'sky', pinned: false, updated_at: n }).then(() => { if (name.includes('cyd')) writer.noted.push(id) }, () => {})
      await new Promise(resolve => setTimeout(resolve, 12))
    }
  })()
}

/** A page fetches what the others need once it is idle, and then registers the service worker. */
async function untilPagesAreAtHand({ page }: MemberPage): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
}

async function choose(page: Page, item: string): Promise<void> {
  await page.getByTestId('user-menu').click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByTestId('sign-in-name').fill(name)
  await page.getByTestId('sign-in-submit').click()
  await page.getByTestId('user-menu').waitFor()
}

function seen(page: Page): Promise<{ database: string, status: string }> {
  return page.evaluate(() => {
    const { getDb, session } = (window as unknown as Or3Window).__or3
    return { database: getDb().name, status: session.status }
  })
}

/** What the gateway says of the browser's cookies. */
function asked(page: Page): Promise<SessionResponse> {
  return page.evaluate(async () => await (await fetch('/api/sync/session')).json() as SessionResponse)
}
