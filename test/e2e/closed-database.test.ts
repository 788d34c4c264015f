import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { expectConverged } from '../support/expect-converged'
import { makePosts } from '../support/make-posts'
import type { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { shownStatus } from '../support/shown-status'
import { usePlayground } from '../support/use-playground'

const ROWS = 40

describe('a database that is closed from under its tabs', () => {
  const at = usePlayground()

  it('because somebody raises its version is opened again, and nothing is lost', async () => {
    const { tabs, stranger, workspaceId, pages } = await openWindows()
    const database = await tabs[0]!.run(db => db.name, null)
    await tabs[0]!.context.setOffline(true)
    await write(tabs, 'waiting')
    // While the tabs write: once with edits that wait, once with the way to the store open.
    for (const prefix of ['offline', 'online']) {
      const writing = write(tabs, prefix)
      const { before, after } = await raiseVersion(stranger, database)
      expect(after).toBe(before + 1)
      await writing
      await tabs[0]!.context.setOffline(false)
    }
    await write([pages[1]], 'bob')
    await write(tabs, 'after')
    await expectAll(workspaceId, [...tabs, pages[1]], 4 * tabs.length * ROWS + ROWS)
  })

  it('because the browser drops its connection is opened again, and nothing is lost', async () => {
    const { tabs, workspaceId, pages } = await openWindows()
    for (let round = 0; round < 3; round++) {
      const writing = write(tabs, `round${round}-`)
      await Promise.all(tabs.map(dropConnection))
      await Promise.all([writing, write([pages[1]], `bob${round}-`)])
      expect(await Promise.all(tabs.map(hasNewConnection))).toEqual(tabs.map(() => true))
    }
    await expectAll(workspaceId, [...tabs, pages[1]], 3 * (tabs.length + 1) * ROWS)
  })

  /** Alice with two tabs on `/sync` and a page of the same origin that is not the app, and Bob in a window of his own. */
  async function openWindows() {
    const { workspaceId, pages } = await openSharedWorkspace(at.browser, at.server.origin, ['Alice', 'Bob'])
    const [alice] = pages
    await alice.visit('/sync')
    const tabs = [alice, await alice.openTab('/sync')]
    const stranger = await alice.context.newPage()
    await stranger.goto(`${at.server.origin}/api/sync/health`)
    return { workspaceId, pages, tabs, stranger }
  }
})

/** Opens a database with a higher version, which asks everybody else to close it, and lets go of it. */
async function raiseVersion(page: Page, name: string): Promise<{ before: number, after: number }> {
  return await page.evaluate(async (database) => {
    const open = async (version?: number) => await new Promise<number>((resolve, reject) => {
      const request = indexedDB.open(database, version)
      request.onerror = () => reject(request.error as Error)
      request.onsuccess = () => {
        const reached = request.result.version
        request.result.close()
        resolve(reached)
      }
    })
    const before = await open()
    return { before, after: await open(before + 1) }
  }, name)
}

/** Closes the connection behind the app's back: what Safari does to a tab that was long in the background. */
async function dropConnection(tab: MemberPage): Promise<void> {
  await tab.run((db) => {
    const connection = db.backendDB()
    connection.close()
    Object.assign(window, { __dropped: connection })
  }, null)
}

async function hasNewConnection(tab: MemberPage): Promise<boolean> {
  return await tab.run(db => db.backendDB() !== (window as unknown as { __dropped: IDBDatabase }).__dropped, null)
}

/** `ROWS` puts from each page at the same time, one after the other: every one of them must succeed. */
async function write(pages: MemberPage[], prefix: string): Promise<void> {
  await Promise.all(pages.map((page, index) => page.run(async (db, rows) => {
    for (const row of rows) {
      await db.table('posts').put(row)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }, makePosts(`${prefix}${index}`, ROWS))))
}

async function expectAll(workspaceId: string, pages: MemberPage[], count: number): Promise<void> {
  for (const page of pages) await expect.poll(async () => (await page.rows('posts')).length, { timeout: 30_000 }).toBe(count)
  await expectConverged(pages, workspaceId, ['posts'])
  for (const page of pages.slice(0, -1)) {
    await expect.poll(() => shownStatus(page), { timeout: 30_000 }).toMatchObject({ state: 'idle', pendingCount: 0, failedCount: 0 })
  }
  expect(await pages[0]!.conflicts()).toEqual([])
  expect(pages.flatMap(page => page.errors)).toEqual([])
}
