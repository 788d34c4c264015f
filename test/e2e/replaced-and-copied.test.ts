import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { expectConverged } from '../support/expect-converged'
import { launchProfile } from '../support/launch-chromium'
import { makePosts } from '../support/make-posts'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

const at = usePlayground()
const put = async (page: MemberPage, prefix: string, count: number) => {
  await page.run((db, rows) => db.table('posts').bulkPut(rows), makePosts(prefix, count))
}
const count = async (page: MemberPage) => (await page.rows('posts')).length

describe('F2: a database that is deleted under its page', () => {
  it.each(['by another page of the site', 'by the page itself'] as const)('%s is a new device: everything comes again, and both ways go on', async (by) => {
    const { workspaceId, pages: [alice, bob] } = await openSharedWorkspace(at.browser, at.server.origin, ['Alice', 'Bob'])
    await put(alice, 'alice', 30)
    await put(bob, 'bob', 22)
    await expect.poll(() => count(alice)).toBe(52)

    if (by === 'by the page itself') await alice.run(db => db.delete(), null)
    else {
      const stranger = await alice.context.newPage()
      await stranger.goto(`${at.server.origin}/api/sync/health`)
      await deleteDatabase(stranger, await alice.run(db => db.name, null))
    }
    await put(bob, 'later', 3)
    await expect.poll(() => count(alice), { timeout: 30_000 }).toBe(55)
    await put(alice, 'again', 2)
    await expect.poll(() => count(bob)).toBe(57)
    await expectConverged([alice, bob], workspaceId, ['posts'])
    expect(await alice.conflicts()).toEqual([])
  })
})

describe('F12: a profile folder that is copied to another machine', () => {
  const folders: string[] = []
  const windows: BrowserContext[] = []
  afterEach(async () => {
    for (const window of windows.splice(0)) await window.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  it('goes on on both: each sees what the other writes, and who loses is kept', async () => {
    const member = await Member.signIn(at.server.origin, 'Carol')
    const workspaceId = await member.createWorkspace('Copied')
    const folder = newFolder()
    const before = await launchProfile(folder)
    await put(await MemberPage.openIn(before, member, workspaceId), 'before', 5)
    await expect.poll(async () => (await member.storedRows(workspaceId, 'posts')).length).toBe(5)
    await before.close()
    const copy = newFolder()
    cpSync(folder, copy, { recursive: true })

    const [one, other] = [await openAgain(folder, member, workspaceId), await openAgain(copy, member, workspaceId)]
    expect(await deviceOf(one), 'both have the device id of the one database').toBe(await deviceOf(other))
    await put(one, 'one', 3)
    await put(other, 'other', 4)
    await expect.poll(() => count(one)).toBe(12)
    await expectConverged([one, other], workspaceId, ['posts'])

    // Both edit one record, and neither knows the other's edit.
    await one.context.setOffline(true)
    await edit(one, 'of the one')
    await edit(other, 'of the other')
    await expect.poll(() => other.pendingCount()).toBe(0)
    await one.context.setOffline(false)
    await expectConverged([one, other], workspaceId, ['posts'])
    const kept = [...await one.conflicts(), ...await other.conflicts()].flatMap(({ local, remote }) => [local.row?.title, remote.row?.title])
    expect(kept).toEqual(expect.arrayContaining(['of the one', 'of the other']))
  })

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'or3-profile-'))
    folders.push(folder)
    return folder
  }

  async function openAgain(folder: string, member: Member, workspaceId: string): Promise<MemberPage> {
    const window = await launchProfile(folder)
    windows.push(window)
    return await MemberPage.openIn(window, member, workspaceId)
  }
})

async function edit(page: MemberPage, title: string): Promise<void> {
  const [first] = makePosts('before', 1)
  await page.run((db, [id, title]) => db.table('posts').update(id, { title }), [first!.id, title] as const)
}

async function deviceOf(page: MemberPage): Promise<string> {
  return await page.run(async db => (await db.table('sync_state').get('device') as { deviceId: string }).deviceId, null)
}

async function deleteDatabase(page: Page, name: string): Promise<void> {
  await page.evaluate(async (database) => {
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(database)
      request.onsuccess = () => resolve()
      request.onerror = () => reject(request.error!)
    })
  }, name)
}
