import { describe, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'
import type { PullResponse } from '#or3-sync/shared/sync/protocol/types'
import { crashTab } from '../support/crash-tab'
import { expectConverged } from '../support/expect-converged'
import { freezeTab } from '../support/freeze-tab'
import { holdRequests } from '../support/hold-requests'
import { makePosts, type PostRow } from '../support/make-posts'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { shownStatus } from '../support/shown-status'
import { usePlayground } from '../support/use-playground'

const ROWS = 15
/** A tab that does not answer is given up after 5 + 3 s. */
const TAKEOVER = { timeout: 30_000 }

interface Tabs {
  workspaceId: string
  leader: MemberPage
  followers: [MemberPage, MemberPage]
  all: MemberPage[]
}

describe('three tabs of one browser', () => {
  const at = usePlayground()

  it('go on when the one that leads is closed', async () => {
    const { workspaceId, leader, followers, all } = await openTabs(at.browser, at.server.origin, 'Closed')
    await writeInEach(all, 'before')
    const writing = all.map((tab, index) => writeSlowly(tab, makePosts(`during${index}`, ROWS)))
    await expect.poll(() => stored(leader, workspaceId)).toBeGreaterThan(3 * ROWS)
    await leader.page.close()
    await Promise.allSettled(writing)
    await expectOneLeader(followers)
    await writeInEach(followers, 'after')
    await expectNothingLost(followers, workspaceId, [
      ...keysOf('before', 3), ...keysOf('after', 2), ...await committedKeys(followers[0], 'during'),
    ])
  })

  it('go on when the one that leads is killed', async () => {
    const { workspaceId, leader, followers, all } = await openTabs(at.browser, at.server.origin, 'Killed')
    await writeInEach(all, 'before')
    // Its last edits are on their way and never get an answer.
    const pushes = await holdRequests(leader.page, '/api/sync/push')
    const writing = all.map((tab, index) => writeSlowly(tab, makePosts(`during${index}`, ROWS)))
    await expect.poll(() => pushes.count()).toBeGreaterThan(0)
    await expect.poll(async () => (await committedKeys(followers[0], 'during0')).length).toBeGreaterThan(3)
    await crashTab(leader.page)
    await Promise.allSettled(writing)
    await expectOneLeader(followers)
    await writeInEach(followers, 'after')
    await expectNothingLost(followers, workspaceId, [
      ...keysOf('before', 3), ...keysOf('after', 2), ...await committedKeys(followers[0], 'during'),
    ])
  })

  it('go on when the one that leads is frozen with a push under way, and let it follow when it thaws', async () => {
    const { workspaceId, leader, followers, all } = await openTabs(at.browser, at.server.origin, 'Frozen')
    await writeInEach(all, 'before')
    const pushes = await holdRequests(leader.page, '/api/sync/push')
    await writeInEach(all, 'during')
    await expect.poll(() => pushes.count()).toBe(1)
    const thaw = await freezeTab(leader.page)

    await expectOneLeader(followers)
    await writeInEach(followers, 'meanwhile')
    await expectNothingLost(followers, workspaceId, [...keysOf('before', 3), ...keysOf('during', 3), ...keysOf('meanwhile', 2)])

    // The push that everybody has long gone past arrives now.
    await pushes.release()
    await thaw()
    await expectOneLeader(all)
    expect((await shownStatus(leader)).isLeader, 'whoever was replaced stands in line again').toBe(false)
    await writeInEach(all, 'after')
    await expectNothingLost(all, workspaceId, [...keysOf('before', 3), ...keysOf('during', 3), ...keysOf('meanwhile', 2), ...keysOf('after', 3)])
  })

  it('hand the lead on twice: to the last one left', async () => {
    const { workspaceId, leader, followers, all } = await openTabs(at.browser, at.server.origin, 'Twice')
    await writeInEach(all, 'before')
    await leader.page.close()
    await expectOneLeader(followers)
    const second = followers[(await shownStatus(followers[0])).isLeader ? 0 : 1]
    const last = followers[second === followers[0] ? 1 : 0]
    await writeInEach(followers, 'during')
    await crashTab(second.page)
    await expectOneLeader([last])
    await writeInEach([last], 'after')
    await expectNothingLost([last], workspaceId, [...keysOf('before', 3), ...keysOf('during', 2), ...keysOf('after', 1)])
  })

  it('all say offline and how much waits, whoever wrote it, and all say when it has arrived', async () => {
    const { workspaceId, leader, all } = await openTabs(at.browser, at.server.origin, 'Offline')
    await leader.context.setOffline(true)
    await writeInEach(all, 'before')
    for (const tab of all) {
      await expect.poll(() => shownStatus(tab)).toMatchObject({ state: 'offline', pendingCount: 3 * ROWS, failedCount: 0 })
    }
    await leader.context.setOffline(false)
    await expectOneLeader(all)
    await expectNothingLost(all, workspaceId, keysOf('before', 3))
  })

  it('all lead where there are no Web Locks, and still nothing arrives twice or goes missing', async () => {
    const member = await Member.signIn(at.server.origin, 'Lockless')
    const workspaceId = await member.createWorkspace('Without locks')
    const first = await MemberPage.open(at.browser, member, workspaceId, context => context.addInitScript(() => {
      Reflect.deleteProperty(Navigator.prototype, 'locks')
    }))
    await first.visit('/sync')
    const all = [first, await first.openTab('/sync'), await first.openTab('/sync')]
    const leading = { state: 'idle', pendingCount: 0, failedCount: 0, isLeader: true }
    for (const tab of all) await expect.poll(() => shownStatus(tab), TAKEOVER).toEqual(leading)
    await writeInEach(all, 'before')
    await all[1]!.page.close()
    const left = [first, all[2]!]
    await writeInEach(left, 'after')
    for (const tab of left) await expect.poll(() => shownStatus(tab), TAKEOVER).toEqual(leading)
    await expectOnce(left, workspaceId, [...keysOf('before', 3), ...keysOf('after', 2)])
  })
})

/** One window with three tabs on `/sync`, all at rest. Which of them leads is for them to say. */
async function openTabs(browser: Browser, origin: string, name: string): Promise<Tabs> {
  const member = await Member.signIn(origin, name)
  const workspaceId = await member.createWorkspace(`Workspace of ${name}`)
  const first = await MemberPage.open(browser, member, workspaceId)
  await first.visit('/sync')
  // At once, so that both find the leader gone at the same moment.
  const all = [first, ...await Promise.all([first.openTab('/sync'), first.openTab('/sync')])]
  await expectOneLeader(all)
  const leads = await Promise.all(all.map(async tab => (await shownStatus(tab)).isLeader))
  const leader = all[leads.indexOf(true)]!
  const followers = all.filter(tab => tab !== leader) as [MemberPage, MemberPage]
  return { workspaceId, leader, followers, all: [leader, ...followers] }
}

/** All of them at rest, nothing waiting, nothing refused, and exactly one leads. */
async function expectOneLeader(tabs: MemberPage[]): Promise<void> {
  const rest = { state: 'idle', pendingCount: 0, failedCount: 0 }
  await expect.poll(async () => (await Promise.all(tabs.map(shownStatus))).sort((a, b) => Number(b.isLeader) - Number(a.isLeader)), TAKEOVER)
    .toEqual(tabs.map((_, index) => ({ ...rest, isLeader: index === 0 })))
}

/** What `expectOnce` says, and all tabs at rest with one that leads. */
async function expectNothingLost(tabs: MemberPage[], workspaceId: string, keys: string[]): Promise<void> {
  await expectOnce(tabs, workspaceId, keys)
  await expectOneLeader(tabs)
}

/** Exactly these rows, once each, on the device and in the store, and no conflict or error about any of it. */
async function expectOnce(tabs: MemberPage[], workspaceId: string, keys: string[]): Promise<void> {
  await expect.poll(async () => (await tabs[0]!.rows('posts')).map(row => row.id), TAKEOVER).toEqual([...keys].sort())
  await expectConverged(tabs, workspaceId, ['posts'])
  expect((await tabs[0]!.rows('posts')).filter(row => row.clock !== 1), 'each row is its first revision').toEqual([])
  expect(await latestVersion(tabs[0]!, workspaceId), 'every edit was applied once: a version for each').toBe(keys.length)
  expect(await tabs[0]!.conflicts()).toEqual([])
  expect(tabs.flatMap(tab => tab.errors)).toEqual([])
}

/** `ROWS` rows from each tab, all tabs at once. */
async function writeInEach(tabs: MemberPage[], prefix: string): Promise<void> {
  await Promise.all(tabs.map((tab, index) => tab.run(async (db, rows) => {
    for (const row of rows) await db.table('posts').put(row)
  }, makePosts(`${prefix}${index}`, ROWS))))
}

/** The keys that `writeInEach` wrote from this many tabs. */
function keysOf(prefix: string, tabs: number): string[] {
  return Array.from({ length: tabs }, (_, index) => makePosts(`${prefix}${index}`, ROWS).map(({ id }) => id)).flat()
}

/** One put after the other with a breath between; ends early with the tab. */
async function writeSlowly(tab: MemberPage, rows: PostRow[]): Promise<void> {
  await tab.run(async (db, all) => {
    for (const row of all) {
      await db.table('posts').put(row)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }, rows)
}

/** What the tabs' database took, a tab that is gone by now included. */
async function committedKeys(tab: MemberPage, prefix: string): Promise<string[]> {
  return (await tab.rows('posts')).map(row => String(row.id)).filter(id => id.startsWith(prefix))
}

async function stored(tab: MemberPage, workspaceId: string): Promise<number> {
  return (await tab.member.storedRows(workspaceId, 'posts')).length
}

async function latestVersion(tab: MemberPage, workspaceId: string): Promise<number> {
  const page = await tab.member.post<PullResponse>('/api/sync/pull', { scope: { workspaceId }, cursor: 0, limit: 1 })
  return page.latestVersion ?? 0
}
