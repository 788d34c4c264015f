import { expect, it } from 'vitest'
import type { PullRequest, PullResponse } from 'or3-sync/client'
import { PolledFeed } from '#or3-sync/core/sync/transport/gateway/feed/polled-feed'
import { listedTodo } from '../../support/listed-provider'

/** What the polls of a feed bring, if the server answers so. */
async function itemsOf(answers: Partial<PullResponse>[]) {
  const calls = { pull: async ({ cursor }: PullRequest): Promise<PullResponse> => ({ changes: [], nextCursor: cursor, hasMore: false, ...answers.shift() }) }
  const feed = await new PolledFeed({ calls, pollMs: 1 }).open({
    scope: { workspaceId: 'w1' }, tables: ['todos'], cursor: () => 0, isLevel: false, signal: new AbortController().signal,
  })
  const items: unknown[] = []
  for (let count = answers.length; count > 0; count--) {
    const { value } = await feed.items.next()
    items.push(value.kind === 'page' ? [value.from, value.page.nextCursor, value.page.hasMore] : value.kind)
  }
  feed.close()
  return items
}

it('hands on the empty page that ends pages of which more was said to follow, and no other empty page', async () => {
  expect(await itemsOf([{ changes: [listedTodo(1)], nextCursor: 1, hasMore: true }, {}, {}])).toEqual([[0, 1, true], [1, 1, false], 'quiet'])
})
