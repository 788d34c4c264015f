import { expect, it } from 'vitest'
import type { BrowserContext } from 'playwright-core'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { makePosts } from '../support/make-posts'
import { usePlayground } from '../support/use-playground'

const at = usePlayground()

/** What Safari 16.4, Firefox 115 or Chrome 107 lack. */
const asInOldBrowsers = (context: BrowserContext) => context.addInitScript(() => {
  const takeAway = (owner: object, ...names: PropertyKey[]) => { for (const name of names) Reflect.deleteProperty(owner, name) }
  takeAway(AbortSignal, 'any', 'timeout')
  takeAway(URL, 'canParse', 'parse')
  takeAway(Promise, 'withResolvers', 'try')
  takeAway(Object, 'groupBy')
  takeAway(Map, 'groupBy')
  takeAway(Array, 'fromAsync')
  takeAway(Array.prototype, 'toSorted', 'toReversed', 'toSpliced', 'with')
  takeAway(Set.prototype, 'union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom')
  takeAway(Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object, 'map', 'filter', 'take', 'drop', 'flatMap', 'toArray', 'some', 'every', 'find', 'forEach', 'reduce')
  takeAway(ReadableStream.prototype, Symbol.asyncIterator, 'values')
  takeAway(ReadableStream, 'from')
  takeAway(String.prototype, 'isWellFormed', 'toWellFormed')
  takeAway(window, 'requestIdleCallback', 'scheduler')
})

it('F26: a browser that lacks what the oldest ones lack syncs, both ways', async () => {
  const ann = await Member.signIn(at.server.origin, 'OldAnn')
  const workspaceId = await ann.createWorkspace('Old')
  const old = await MemberPage.open(at.browser, ann, workspaceId, asInOldBrowsers)
  expect(await old.page.evaluate(() => 'any' in AbortSignal)).toBe(false)
  const young = await MemberPage.open(at.browser, ann, workspaceId)
  await old.run(async (db, rows) => { await db.table('posts').bulkPut(rows) }, makePosts('old', 3))
  await expect.poll(async () => (await young.rows('posts')).length, { timeout: 20_000 }).toBe(3)
  await young.run(async (db, rows) => { await db.table('posts').bulkPut(rows) }, makePosts('young', 3))
  await expect.poll(async () => (await old.rows('posts')).length, { timeout: 20_000 }).toBe(6)
  expect(old.errors).toEqual([])
})
