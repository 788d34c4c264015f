import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncProvider } from 'or3-sync/client'
import { EngineHarness, until } from '../../support/engine-harness'
import { fastClock } from '../../support/test-clock'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

type Headers = Record<string, string>
type Damage = (body: string | ArrayBuffer, headers: Headers) => { body?: string | ArrayBuffer, headers?: Headers }

const DAMAGES: Record<string, Damage> = {
  'cuts the body off': body => ({ body: body.slice(0, -5) as typeof body }),
  'calls the body plain text': (_, headers) => ({ headers: { ...headers, 'content-type': 'text/plain' } }),
  'unpacks the body and leaves the header': (body, headers) => headers['content-encoding'] ? { body: gunzipSync(Buffer.from(body as ArrayBuffer)).toString() } : {},
  'takes the header of a packed body away': (_, { 'content-encoding': _encoding, ...headers }) => ({ headers }),
  'doubles the marks': (_, headers) => ({ headers: { ...headers, 'x-or3-sync-mark': `${headers['x-or3-sync-mark']}, ${headers['x-or3-sync-mark']}` } }),
  'writes something else for the marks': (_, headers) => ({ headers: { ...headers, 'x-or3-sync-mark': 'none' } }),
  'doubles the user': (_, headers) => ({ headers: { ...headers, 'x-or3-sync-user': `${headers['x-or3-sync-user']}, ${headers['x-or3-sync-user']}` } }),
}

describe('A1: a proxy that damages pushes on their way', () => {
  it.each(Object.keys(DAMAGES))('%s: no edit is refused for it, and all arrive once it is gone', async (name) => {
    const ann = world.device('ann', { environment: { clock: fastClock(20) } })
    await ann.start()
    await ann.db.todos.put({ id: '0', title: 'x' })
    await ann.whenIdle()
    let [damaged, isThere] = [0, true]
    const realFetch = globalThis.fetch
    world.intercept = async (path, init, send) => {
      if (path !== '/push' || !isThere) return await send()
      damaged++
      const { body, headers } = init as { body: string | ArrayBuffer, headers: Headers }
      const sent = { ...headers, 'x-user': 'ann' }
      return await realFetch(`${world.origin}/api/sync/push`, { method: 'POST', body, headers: sent, ...DAMAGES[name]!(body, sent) })
    }
    await ann.db.todos.bulkPut(Array.from({ length: 4 }, (_, n) => ({ id: `e${n}`, title: randomBytes(4_000).toString('hex') })))
    await until(async () => damaged >= 6 || (await ann.queue.pending()).length === 0)
    expect(damaged).toBeGreaterThan(0)
    isThere = false
    await ann.flush()
    await until(async () => (await ann.queue.pending()).length === 0)
    expect(await ann.queue.failed()).toEqual([])
    expect((await world.provider('ann').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 100 })).changes).toHaveLength(5)
  })
})

describe('B4: what a provider calls a mark, and is none', () => {
  it.each(['d41d8cd9-8f00-4204-a980-0998ecf8427e', 'x\ny', 'ü', '1.a, 1.a', 7, {}, ''])('%s is not handed to the next provider: what is written later arrives, and all is read', async (mark) => {
    const inner = world.provider('ann')
    const provider: SyncProvider = {
      id: 'other', mode: 'direct',
      push: async ({ mark: _, ...batch }) => ({ ...await inner.push(batch), mark: mark as string }),
      pull: async ({ mark: _, ...request }) => ({ ...await inner.pull(request), mark: mark as string }),
      subscribe: (...args) => inner.subscribe(...args),
    }
    const before = world.device('ann', { provider })
    await before.start()
    await before.db.todos.put({ id: 'a', title: 'x' })
    await before.whenIdle()
    // As an earlier version has stored it.
    await before.db.table('sync_state').put({ id: 'mark', mark })
    await before.close()
    const ann = world.device('ann', { indexedDB: before.indexedDB })
    await ann.start()
    await ann.db.todos.put({ id: 'b', title: 'x' })
    await until(async () => (await ann.queue.pending()).length === 0)
    await ann.whenIdle()
    expect([await ann.queue.failed(), ann.status.get()]).toMatchObject([[], { state: 'idle', error: null }])
    inner.dispose()
  })

  it('a mark that a proxy has doubled in one answer is not kept', async () => {
    let isDoubled = false
    const sent: unknown[] = []
    world.intercept = async (path, init, send) => {
      if (path === '/push') sent.push((init!.headers as Headers)['x-or3-sync-mark'])
      const answer = await send()
      const mark = answer.headers.get('x-or3-sync-mark')
      if (path !== '/push' || !mark || isDoubled) return answer
      isDoubled = true
      const headers = new Headers(answer.headers)
      headers.append('x-or3-sync-mark', mark)
      headers.delete('content-encoding')
      return new Response(await answer.text(), { status: answer.status, headers })
    }
    const ann = world.device('ann')
    await ann.start()
    for (const id of ['a', 'b', 'c']) {
      await ann.db.todos.put({ id, title: 'x' })
      await ann.whenIdle()
    }
    expect(isDoubled).toBe(true)
    expect(sent.filter(mark => mark !== undefined && !/^\d+\.\w+(?:,\d+\.\w+)*$/.test(String(mark)))).toEqual([])
    expect([await ann.queue.failed(), await ann.queue.pending()]).toEqual([[], []])
  })
})
