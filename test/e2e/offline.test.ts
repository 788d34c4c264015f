import { describe, expect, it } from 'vitest'
import type { Route } from 'playwright-core'
import { expectConverged } from '../support/expect-converged'
import { makePosts, type PostRow } from '../support/make-posts'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

const EDITS = 500
const OUTAGE_MS = 15_000

describe('a browser that is offline for 15 s', () => {
  const at = usePlayground()

  it('takes 500 edits meanwhile, and every one of them arrives', async () => {
    const { workspaceId, pages: [alice, bob] } = await openSharedWorkspace(at.browser, at.server.origin, ['Alice', 'Bob'])
    const existing = makePosts('before', 100)
    await alice.run((db, rows) => db.table('posts').bulkPut(rows), existing)
    await expectConverged([alice, bob], workspaceId, ['posts'])
    const before = await bob.rows('posts')

    await alice.context.setOffline(true)
    // Spread over the outage: 300 new rows, 100 updates and 50 deletes of old ones, 50 updates of new ones.
    await alice.run(async (db, { rows, gap }) => {
      const posts = db.table<PostRow>('posts')
      const edits: (() => PromiseLike<unknown>)[] = [
        ...rows.map(row => () => posts.put(row)),
        ...Array.from({ length: 100 }, (_, index) => () => posts.update(`before-${String(index).padStart(4, '0')}`, { title: 'edited offline' })),
        ...Array.from({ length: 50 }, (_, index) => () => posts.delete(`before-${String(index).padStart(4, '0')}`)),
        ...Array.from({ length: 50 }, (_, index) => () => posts.update(`offline-${String(index).padStart(4, '0')}`, { pinned: true })),
      ]
      for (const edit of edits) {
        await edit()
        await new Promise(resolve => setTimeout(resolve, gap))
      }
    }, { rows: makePosts('offline', 300), gap: OUTAGE_MS / EDITS })

    expect(await bob.rows('posts'), 'nothing has left the device').toEqual(before)
    const local = await alice.rows('posts')
    expect(local).toHaveLength(350)

    await alice.context.setOffline(false)
    await expect.poll(async () => (await bob.rows('posts')).length, { timeout: 60_000 }).toBe(350)
    await expectConverged([alice, bob], workspaceId, ['posts'], 60_000)
    expect(await alice.rows('posts'), 'the rows the user saw offline are the ones that won').toEqual(local)
    expect(local.filter(row => row.title === 'edited offline')).toHaveLength(50)
    expect(local.filter(row => row.pinned)).toHaveLength(50)
  })

  it('merges what two devices did to the same rows while both were offline', async () => {
    const { workspaceId, pages: [carol, dave] } = await openSharedWorkspace(at.browser, at.server.origin, ['Carol', 'Dave'])
    await carol.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('shared', 20))
    await expectConverged([carol, dave], workspaceId, ['posts'])

    await Promise.all([carol, dave].map(page => page.context.setOffline(true)))
    await carol.run(db => db.table<PostRow>('posts').toCollection().modify((row) => { row.title = 'by Carol' }), null)
    await dave.run(db => db.table<PostRow>('posts').toCollection().modify((row) => { row.title = 'by Dave' }), null)
    await dave.run(db => db.table('posts').delete('shared-0003'), null)
    await Promise.all([carol, dave].map(page => page.context.setOffline(false)))

    // The rows agree only once both have pushed: what each of them still holds back is looked at first.
    await expect.poll(() => Promise.all([carol, dave].map(page => page.pendingCount())), { timeout: 60_000 }).toEqual([0, 0])
    await expectConverged([carol, dave], workspaceId, ['posts'], 60_000)
  })
  it('a page that is left while an edit waits for its next try sends it on the way out', async () => {
    const { workspaceId, pages: [erin] } = await openSharedWorkspace(at.browser, at.server.origin, ['Erin'])
    await erin.visit('/sync')
    let refused = 0
    const refuse = (route: Route) => { refused++; return route.fulfill({ status: 503, body: '{}' }) }
    await erin.page.route('**/api/sync/push', refuse)
    await erin.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('last', 3))
    // Refused four times: from here on the edit waits for about 2 s, which nobody has asked for.
    await expect.poll(() => refused, { timeout: 30_000 }).toBe(4)
    await erin.page.unroute('**/api/sync/push', refuse)

    await erin.page.goto('about:blank')
    await expect.poll(async () => (await erin.member.storedRows(workspaceId, 'posts')).length, { timeout: 30_000 }).toBe(3)
  })
})
