import { beforeAll, describe, expect, it } from 'vitest'
import { expectConverged } from '../support/expect-converged'
import { makePosts, type PostRow } from '../support/make-posts'
import type { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

describe('two browsers with a user each, in one workspace', () => {
  const at = usePlayground({ keepsWindows: true })
  let alice: MemberPage
  let bob: MemberPage
  let workspaceId: string

  beforeAll(async () => {
    const shared = await openSharedWorkspace(at.browser, at.server.origin, ['Alice', 'Bob'])
    workspaceId = shared.workspaceId;
    [alice, bob] = shared.pages
  })

  const converged = () => expectConverged([alice, bob], workspaceId, ['posts'])
  const titles = async (page: MemberPage) => (await page.rows('posts')).map(row => row.title)

  it('see each other\'s put', async () => {
    const [first, second] = makePosts('put', 2)
    await alice.run((db, row) => db.table('posts').put(row), first)
    await bob.run((db, row) => db.table('posts').put(row), second)
    await expect.poll(() => titles(bob)).toEqual(['put 0', 'put 1'])
    await converged()
    expect(await titles(alice)).toEqual(['put 0', 'put 1'])
  })

  it('see each other\'s update, which keeps the fields it does not name', async () => {
    await bob.run(db => db.table('posts').update('put-0000', { title: 'changed by Bob' }), null)
    await expect.poll(() => alice.rows('posts')).toEqual(expect.arrayContaining([
      expect.objectContaining({ id: 'put-0000', title: 'changed by Bob', content: 'Note 0 of put' }),
    ]))
    await converged()
  })

  it('see each other\'s delete', async () => {
    await alice.run(db => db.table('posts').delete('put-0000'), null)
    await expect.poll(() => titles(bob)).toEqual(['put 1'])
    await converged()
    expect(await titles(alice)).toEqual(['put 1'])
  })

  it('see each other\'s bulkPut of 300', async () => {
    await alice.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('bulk', 300))
    await expect.poll(async () => (await bob.rows('posts')).length, { timeout: 20_000 }).toBe(301)
    await converged()
  })

  it('see each other\'s modify of many rows at once', async () => {
    await bob.run(db => db.table<PostRow>('posts').where('id').startsWith('bulk-').modify((row) => { row.pinned = true }), null)
    await expect.poll(async () => (await alice.rows('posts')).filter(row => row.pinned).length, { timeout: 20_000 }).toBe(300)
    await converged()
  })

  it('see each other\'s edits of the same row at the same time, and agree on one', async () => {
    await Promise.all([
      alice.run(db => db.table('posts').update('put-0001', { title: 'Alice\'s' }), null),
      bob.run(db => db.table('posts').update('put-0001', { title: 'Bob\'s' }), null),
    ])
    await converged()
    expect(['Alice\'s', 'Bob\'s']).toContain((await alice.rows('posts')).find(row => row.id === 'put-0001')?.title)
  })

  it('see each other\'s clear', async () => {
    await alice.run(db => db.table('posts').clear(), null)
    await expect.poll(() => titles(bob), { timeout: 20_000 }).toEqual([])
    await converged()
    expect(await titles(alice)).toEqual([])
  })

  it('keep everything, the workspace too, across a reload', async () => {
    await alice.run((db, rows) => db.table('posts').bulkPut(rows), makePosts('kept', 5))
    await converged()
    const before = await bob.rows('posts')
    await bob.reload()
    expect(await bob.rows('posts')).toEqual(before)
    await converged()
  })

  it('saw no uncaught error in either page', () => {
    expect([...alice.errors, ...bob.errors]).toEqual([])
  })
})
