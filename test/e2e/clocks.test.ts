import { describe, expect, it } from 'vitest'
import type { PushResult } from '#or3-sync/shared/sync/protocol/types'
import { parseHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { expectConverged } from '../support/expect-converged'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { setClock, withOwnClock } from '../support/own-clock'
import { shownStatus } from '../support/shown-status'
import { usePlayground } from '../support/use-playground'

const HOUR = 3_600_000
/** More than the store lets a stamp run ahead. */
const SKEW = 5 * 60_000

describe('devices whose clocks are wrong', () => {
  const at = usePlayground()

  it.each([
    ['an hour ahead', HOUR],
    ['an hour behind', -HOUR],
  ])('a clock %s from the start: edits of both arrive, and the later one wins, whoever makes it', async (_, offset) => {
    const { workspaceId, pages } = await openDevices([offset, 0])
    const [wrong, right] = pages
    await edit(wrong, 'a', 'first by wrong')
    await edit(right, 'b', 'first by right')
    await expectAgreed(pages, workspaceId, { a: 'first by wrong', b: 'first by right' })
    for (const [by, title] of [[right, 'second'], [wrong, 'third'], [right, 'fourth'], [wrong, 'fifth']] as const) {
      await edit(by, 'a', title)
      await expectAgreed(pages, workspaceId, { a: title, b: 'first by right' })
    }
    await expectNothingStuck(pages)
  })

  it('one an hour ahead and one an hour behind, both offline: they agree, and afterwards neither wins for ever', async () => {
    const { workspaceId, pages } = await openDevices([HOUR, -HOUR])
    const [ahead, behind] = pages
    await edit(ahead, 'a', 'before')
    await expectAgreed(pages, workspaceId, { a: 'before' })
    for (const page of pages) await page.context.setOffline(true)
    await edit(ahead, 'a', 'offline ahead')
    await edit(ahead, 'b', 'only ahead')
    await edit(behind, 'a', 'offline behind')
    await edit(behind, 'c', 'only behind')
    for (const page of pages) await page.context.setOffline(false)
    await expectSent(pages)
    await expectConverged(pages, workspaceId, ['posts'], 60_000)
    expect(['offline ahead', 'offline behind']).toContain((await titles(ahead)).a)
    for (const [by, title] of [[behind, 'later'], [ahead, 'still later'], [behind, 'last']] as const) {
      await edit(by, 'a', title)
      await expectAgreed(pages, workspaceId, { a: title, b: 'only ahead', c: 'only behind' })
    }
    await expectNothingStuck(pages)
  })

  it('a clock set an hour ahead while edits wait: the store refuses their stamps, they are stamped again and arrive', async () => {
    const { workspaceId, pages } = await openDevices([0, 0])
    const [alice, bob] = pages
    await edit(alice, 'a', 'before')
    await expectAgreed(pages, workspaceId, { a: 'before' })
    const second = await alice.openTab('/sync')
    const refused = collectRefusals(alice)
    await alice.context.setOffline(true)
    for (const tab of [alice, second]) await setClock(tab.page, HOUR)
    await edit(second, 'd', 'an hour ahead')
    await edit(alice, 'a', 'an hour ahead')
    await edit(alice, 'b', 'an hour ahead')
    await alice.run(db => db.table('posts').delete('b'), null)
    await edit(alice, 'c', 'an hour ahead')
    await alice.context.setOffline(false)
    await expectAgreed(pages, workspaceId, { a: 'an hour ahead', c: 'an hour ahead', d: 'an hour ahead' })
    expect(new Set(refused), 'this is the case that is meant').toEqual(new Set(['CLOCK_SKEW']))

    const before = refused.length
    await edit(bob, 'a', 'later by Bob')
    await expectAgreed(pages, workspaceId, { a: 'later by Bob', c: 'an hour ahead', d: 'an hour ahead' })
    await edit(alice, 'c', 'later by Alice')
    await edit(second, 'd', 'later by Alice')
    await expectAgreed(pages, workspaceId, { a: 'later by Bob', c: 'later by Alice', d: 'later by Alice' })
    await expectNothingStuck([...pages, second])
    expect(refused, 'every tab knows the time by now').toHaveLength(before)
  })

  it('a clock set an hour ahead and back again in the middle of edits: all arrive in their order', async () => {
    const { workspaceId, pages } = await openDevices([0, 0])
    const [alice, bob] = pages
    for (const [index, offset] of [HOUR, -HOUR, 0, -HOUR, HOUR, 0].entries()) {
      await setClock(alice.page, offset)
      await edit(alice, 'a', `step ${index}`)
      await edit(alice, `row-${index}`, 'kept')
    }
    const rows = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`row-${index}`, 'kept']))
    await expectAgreed(pages, workspaceId, { a: 'step 5', ...rows })
    await edit(bob, 'a', 'by Bob')
    await expectAgreed(pages, workspaceId, { a: 'by Bob', ...rows })
    await edit(alice, 'a', 'by Alice')
    await expectAgreed(pages, workspaceId, { a: 'by Alice', ...rows })
    await expectNothingStuck(pages)
  })

  /** A window for each clock, all in one new workspace. */
  async function openDevices(offsets: [number, number]): Promise<{ workspaceId: string, pages: [MemberPage, MemberPage] }> {
    const members = [await Member.signIn(at.server.origin, 'Alice'), await Member.signIn(at.server.origin, 'Bob')] as const
    const workspaceId = await members[0].createWorkspace('Clocks')
    await members[0].addMember(workspaceId, members[1].name)
    const open = async (index: 0 | 1) => {
      const page = await MemberPage.open(at.browser, members[index], workspaceId, context => withOwnClock(context, offsets[index]))
      await page.visit('/sync')
      const shown = await page.page.evaluate(() => [Date.now(), new Date().getTime()])
      for (const ms of shown) expect(Math.abs(ms - Date.now() - offsets[index]), 'the window has the clock it was given').toBeLessThan(60_000)
      return page
    }
    return { workspaceId, pages: [await open(0), await open(1)] }
  }
})

async function edit(page: MemberPage, id: string, title: string): Promise<void> {
  await page.run((db, row) => db.table('posts').put(row), { id, title })
}

async function titles(page: MemberPage): Promise<Record<string, string>> {
  return Object.fromEntries((await page.rows('posts')).map(row => [row.id, row.title]))
}

/** Both devices and the store hold exactly these titles, under stamps that are not ahead of time. */
async function expectAgreed(pages: MemberPage[], workspaceId: string, expected: Record<string, string>): Promise<void> {
  for (const page of pages) await expect.poll(() => titles(page), { timeout: 30_000 }).toEqual(expected)
  await expectSent(pages)
  await expectConverged(pages, workspaceId, ['posts'])
  for (const row of await pages[0]!.rows('posts')) {
    expect(parseHlc(String(row.hlc))!.ms, `the stamp of ${row.id}`).toBeLessThan(Date.now() + SKEW)
  }
}

async function expectSent(pages: MemberPage[]): Promise<void> {
  await expect.poll(() => Promise.all(pages.map(page => page.pendingCount())), { timeout: 30_000 }).toEqual(pages.map(() => 0))
}

/** At rest, nothing refused, no error anywhere. */
async function expectNothingStuck(pages: MemberPage[]): Promise<void> {
  for (const page of pages) {
    await expect.poll(() => shownStatus(page), { timeout: 30_000 }).toMatchObject({ state: 'idle', pendingCount: 0, failedCount: 0 })
    expect(page.errors).toEqual([])
  }
}

/** The codes of refused edits in the replies that the page gets. */
function collectRefusals({ page }: MemberPage): string[] {
  const codes: string[] = []
  page.on('response', async (response) => {
    if (!response.url().endsWith('/api/sync/push') || !response.ok()) return
    const { results } = await response.json() as PushResult
    codes.push(...results.flatMap(({ errorCode }) => errorCode ?? []))
  })
  return codes
}
