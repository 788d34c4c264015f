import { readFile } from 'node:fs/promises'
import type { Route } from 'playwright-core'
import { expect, it } from 'vitest'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { usePlayground } from '../support/use-playground'

const at = usePlayground()

it('the page of sync exports refused edits, sends them again, discards them, and brings back the other side of a conflict', async () => {
  const ann = await MemberPage.open(at.browser, await Member.signIn(at.server.origin, 'Ann'))
  const { page } = ann
  await ann.visit('/sync')
  await ann.run(db => db.table('posts').put({ id: 'note', title: 'Stands', updated_at: 1 }), null)
  await expect.poll(() => ann.pendingCount()).toBe(0)
  await page.route('**/api/sync/push', refuse)
  await ann.run(async (db) => {
    await db.table('threads').bulkPut(['a', 'b'].map(id => ({ id, title: `Thread ${id}`, updated_at: 1 })))
    const side = (title: string) => ({ op: 'put', row: { id: 'note', title }, clock: 2, hlc: '0', opId: title })
    await db.table('sync_conflicts').put({ id: 'c', tableName: 'posts', pk: 'note', winner: 'remote', local: side('Lost'), remote: side('Stands'), detectedAt: Date.now() })
  }, null)
  const refused = page.getByTestId('failed-op')
  await expect.poll(() => refused.count(), { timeout: 20_000 }).toBe(2)

  const download = page.waitForEvent('download')
  await page.getByTestId('queue-export').click()
  const file = await download
  expect(file.suggestedFilename()).toBe('or3-sync-failed.json')
  expect(JSON.parse(await readFile(await file.path(), 'utf8'))).toMatchObject([{ row: { id: 'a' } }, { row: { id: 'b' } }])

  await refused.first().getByTestId('queue-discard').click()
  await expect.poll(() => refused.count()).toBe(1)
  await page.unroute('**/api/sync/push', refuse)
  await page.getByTestId('queue-retry').click()
  await page.getByText('Everything has been sent.').waitFor()
  expect(await page.getByTestId('queue-retry-all').isDisabled()).toBe(true)
  expect((await ann.member.storedRows('ann', 'threads')).map(({ id }) => id)).toEqual(['b'])

  await page.getByTestId('conflict-keep-mine').click()
  await page.getByText('No two edits have met.').waitFor()
  expect((await ann.rows('posts')).map(({ title }) => title)).toEqual(['Lost'])
  expect(ann.errors).toEqual([])
})

/** Answers a push as the server does if this user may not write. The server sees a push of nothing. */
async function refuse(route: Route): Promise<void> {
  const batch = route.request().postDataJSON() as { ops: { stamp: { opId: string } }[] }
  const response = await route.fetch({ postData: { ...batch, ops: [] } })
  const results = batch.ops.map(({ stamp: { opId } }) => ({ opId, success: false, errorCode: 'READ_ONLY', error: 'may not write' }))
  await route.fulfill({ response, json: { ...await response.json() as object, results } })
}
