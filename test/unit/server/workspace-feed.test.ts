import { describe, expect, it } from 'vitest'
import type { PullResponse } from '#or3-sync/shared/sync/protocol/types'
import { BackendUnavailableError, memoryBackend } from 'or3-sync/server'
import type { BackendPull, SyncBackend } from 'or3-sync/server'
import { GatewayError } from '../../../server/lib/errors/gateway-error'
import type { FeedMessage } from '../../../server/lib/stream/feed-message'
import { OwnEdits } from '../../../server/lib/stream/own-edits'
import { EncodedEvent } from '../../../server/lib/stream/server-sent/encoded-event'
import { WorkspaceFeed } from '../../../server/lib/stream/workspace-feed'
import type { FeedPlace } from '../../../server/lib/stream/workspace-feed'
import { passOn } from '../../../src/testing/pass-on'
import { acceptedOp, nodeOf, NOW } from './support/make-op'
import type { OpOptions } from './support/make-op'
import { startTestGateway } from './support/test-gateway'

/** A store that checks who reads: `refuse` says no to Bob. */
function checkingBackend(refuse: () => Error): SyncBackend & { readers: (string | undefined)[] } {
  const memory = memoryBackend()
  const read = memory.pull.bind(memory)
  const readers: (string | undefined)[] = []
  const pull = async (request: BackendPull) => {
    readers.push(request.userId)
    if (request.userId === 'bob') throw refuse()
    return await read(request)
  }
  return Object.assign(memory, { pull, readers })
}

const forbidden = () => new GatewayError(403, 'UNAUTHORIZED', 'you are not a member of this workspace')

it('reads a page once for all streams, on behalf of the first that asks', async () => {
  const backend = checkingBackend(forbidden)
  const feed = new WorkspaceFeed('w1', backend, () => NOW)
  await Promise.all([feed.page({ cursor: 0 }, { userId: 'ada' }), feed.page({ cursor: 0 }, { userId: 'eve' }), feed.page({ cursor: 0 }, { userId: 'ada' })])
  expect(backend.readers).toEqual(['ada'])
  feed.close()
})

it('F37: a page is encoded once, and packed once, for all streams at the same place', async () => {
  const backend = memoryBackend()
  await backend.push({ workspaceId: 'w1', userId: 'ada', items: Array.from({ length: 50 }, (_, index) => acceptedOp({ pk: String(index) })), now: NOW })
  const feed = new WorkspaceFeed('w1', backend, () => NOW)
  const [first, second] = [await feed.page({ cursor: 0 }, { userId: 'ada' }), await feed.page({ cursor: 0 }, { userId: 'eve' })]
  expect(second.message()).toBe(first.message())
  const encode = (message: FeedMessage) => message.as(EncodedEvent.of)
  expect(encode(first.message())).toBe(encode(second.message()))
  expect(encode(first.message()).packed()).toBe(encode(second.message()).packed())
  expect(first.message().data.buffer, 'and kept once').toBe(encode(first.message()).bytes.buffer)
  feed.close()
})

it('F37: what a reader wrote itself is left out of the bytes that are there, of any place in the page', async () => {
  const backend = memoryBackend()
  const items = ['mine', 'ключ', 'mine too', 'theirs', 'mine at last'].map(pk => acceptedOp({ pk, device: pk.startsWith('mine') ? 'device-1' : 'device-2', payload: { id: pk, title: '🗝 "[,]"' } }))
  await backend.push({ workspaceId: 'w1', userId: 'ada', items, now: NOW })
  const feed = new WorkspaceFeed('w1', backend, () => NOW)
  const page = await feed.page({ cursor: 0 }, { userId: 'ada' })
  const read = (own?: OwnEdits) => {
    const { changes, ...rest } = JSON.parse(page.message(own).data.toString()) as { changes: { pk: string }[] }
    return { pks: changes.map(({ pk }) => pk), rest }
  }
  const all = read()
  expect(all.pks).toEqual(items.map(({ pk }) => pk))
  const pushedBy = (userId: string, device: string) => {
    const own = new OwnEdits('ada', nodeOf(device))
    own.note(userId, items)
    return own
  }
  expect(read(pushedBy('ada', 'device-1'))).toEqual({ pks: ['ключ', 'theirs'], rest: all.rest })
  expect(read(pushedBy('ada', 'device-2'))).toEqual({ pks: ['mine', 'mine too', 'mine at last'], rest: all.rest })
  expect(page.message(pushedBy('ada', 'device-3'))).toBe(page.message())
  expect(page.message(pushedBy('eve', 'device-1')), 'pushed by another user under the same node').toBe(page.message())
  feed.close()
})

it('reads again for a member when the store has refused the first reader, and not when it is away', async () => {
  const refusing = checkingBackend(forbidden)
  const feed = new WorkspaceFeed('w1', refusing, () => NOW)
  const [first, second] = await Promise.allSettled([feed.page({ cursor: 0 }, { userId: 'bob' }), feed.page({ cursor: 0 }, { userId: 'ada' })])
  expect([first.status, second.status, refusing.readers]).toEqual(['rejected', 'fulfilled', ['bob', 'ada']])
  feed.close()

  const away = checkingBackend(() => new BackendUnavailableError('away'))
  const other = new WorkspaceFeed('w1', away, () => NOW)
  const answers = await Promise.allSettled([other.page({ cursor: 0 }, { userId: 'bob' }), other.page({ cursor: 0 }, { userId: 'ada' })])
  expect([answers.map(({ status }) => status), away.readers]).toEqual([['rejected', 'rejected'], ['bob']])
  other.close()
})

it('passes a refusal of the store on as the gateway\'s own, not as a store that is away', async () => {
  const backend = checkingBackend(forbidden)
  await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp()], now: NOW })
  const gateway = await startTestGateway({ backend })
  const pull = (user: string) => gateway.post<{ data?: { code: string } }>('/pull', { scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 }, user)
  expect((await pull('ada')).status).toBe(200)
  const refused = await pull('bob')
  expect([refused.status, refused.body.data?.code]).toEqual([403, 'UNAUTHORIZED'])
  await gateway.stop()
})

describe('a kept page is older than what its reader has seen', () => {
  /** A store that says nothing of its commits, as one that hears late of those of another process. `reads` counts the pages that were read. */
  async function openUnaware() {
    const memory = memoryBackend()
    const counts = { reads: 0 }
    const backend: SyncBackend = {
      ...passOn(memory),
      watch: () => () => {},
      pull: async (request) => {
        counts.reads++
        const { mark: _, ...page } = await memory.pull({ ...request, mark: undefined })
        return page
      },
    }
    const push = (...ops: OpOptions[]) => backend.push({ workspaceId: 'w1', userId: 'bob', items: ops.map(acceptedOp), now: NOW })
    await push({ pk: 'a' }, { pk: 'b' })
    await push({ pk: 'c' })
    const feed = new WorkspaceFeed('w1', backend, () => NOW)
    const read = async (place: FeedPlace, userId: string) => {
      const { changes, hasMore, nextCursor } = JSON.parse((await feed.page(place, { userId })).message().data.toString()) as PullResponse
      return [changes.map(({ pk, serverVersion }) => `${pk}${serverVersion}`), hasMore, nextCursor]
    }
    return { feed, push, read, counts }
  }

  it.each([['the first of a stream', {}], ['a later one', { seen: 5 }]])('and is read again as %s: a record that moved meanwhile would be in no page', async (_, place) => {
    const { feed, push, read, counts } = await openUnaware()
    expect(await read({ cursor: 2 }, 'ada')).toEqual([['c3'], false, 3])
    await push({ pk: 'a', clock: 2 }, { pk: 'c', clock: 2 })
    // Eve has read the feed up to 2 just now, and found nothing but b: a has moved to 4.
    expect(await read({ cursor: 2, ...place }, 'eve')).toEqual([['a4', 'c5'], false, 5])
    expect(await read({ cursor: 2, ...place }, 'zoe'), 'which is kept for the others').toEqual([['a4', 'c5'], false, 5])
    expect(counts.reads).toBe(2)
    feed.close()
  })

  it('and is read once for all who find that out at the same time', async () => {
    const { feed, push, read, counts } = await openUnaware()
    await read({ cursor: 2 }, 'ada')
    await push({ pk: 'a', clock: 2 })
    const pages = await Promise.all(['eve', 'zoe', 'kim'].map(userId => read({ cursor: 2 }, userId)))
    expect(pages).toEqual(Array.from({ length: 3 }, () => [['c3', 'a4'], false, 4]))
    expect(counts.reads).toBe(2)
    feed.close()
  })
})
