import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PullRequest } from 'or3-sync/client'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness, until } from '../../support/engine-harness'
import type { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => { await world.close() })

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `k${String(index).padStart(5, '0')}`, title: `row ${index}` }))

async function filledBy(count: number) {
  const a = world.device('ann')
  await a.start()
  await a.db.todos.bulkPut(rows(count))
  await a.whenIdle()
  return a
}

describe('bootstrap', () => {
  it('brings everything, newest first, and tells how far it is', async () => {
    await filledBy(1_500)
    const b = world.device('bob')
    const progress: number[] = []
    const first: string[] = []
    b.hooks.addAction('sync.bootstrap:action:progress', async ({ pulledCount }) => { progress.push(pulledCount) })
    b.hooks.addAction('sync.pull:action:applied', async () => { if (!first.length) first.push(...await b.db.todos.orderBy('id').primaryKeys()) })
    let complete: { totalPulled: number, cursor: number } | undefined
    b.hooks.addAction('sync.bootstrap:action:complete', (payload) => { complete = payload })
    await b.start()
    await b.whenIdle()
    expect(await b.db.todos.count()).toBe(1_500)
    expect(complete).toMatchObject({ totalPulled: 1_500, cursor: 1_500 })
    expect(progress[0]).toBe(100)
    expect(progress.at(-1)).toBe(1_500)
  })

  it('tells the store where it stands before it asks for its second page: garbage collection waits for it from then on', async () => {
    await filledBy(250)
    const paths: string[] = []
    world.intercept = async (path, _, send) => {
      if (path !== '/subscribe') paths.push(path)
      return await send()
    }
    const b = world.device('bob')
    await b.start()
    await b.whenIdle()
    expect(paths.filter(path => path === '/pull' || path === '/cursor').slice(0, 3)).toEqual(['/pull', '/cursor', '/pull'])
  })

  it('pitfall 23: goes on after a reload where it stopped, and fetches no page twice', async () => {
    await filledBy(1_200)
    const pulled: PullRequest[] = []
    let allowed = 2
    world.intercept = async (path, init, send) => {
      if (path === '/pull') {
        const request = JSON.parse(String(init?.body)) as PullRequest
        if (request.bootstrap) {
          if (allowed-- <= 0) throw new TypeError('gone')
          pulled.push(request)
        }
      }
      return await send()
    }
    const b = world.device('bob')
    await b.start()
    await until(() => b.status.get().state, state => state === 'offline')
    const { indexedDB } = b
    const before = await b.db.todos.count()
    await b.close()
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(1_200)
    allowed = Infinity
    const again = world.device('bob', { indexedDB })
    await again.start()
    await again.whenIdle()
    expect(await again.db.todos.count()).toBe(1_200)
    const cursors = pulled.map(request => request.cursor)
    expect(new Set(cursors).size).toBe(cursors.length)
  })

  it('pitfall 22: an empty workspace is complete at once', async () => {
    const a = world.device('ann')
    let completed = 0
    a.hooks.addAction('sync.bootstrap:action:complete', () => { completed++ })
    await a.start()
    await a.whenIdle()
    expect([completed, a.status.get().firstSyncDone]).toEqual([1, true])
  })

  it('edits made meanwhile are kept', async () => {
    await filledBy(600)
    const b = world.device('bob')
    await b.db.todos.put({ id: 'k00001', title: 'bob was faster' })
    await b.db.todos.put({ id: 'new', title: 'bob made this' })
    await b.start()
    await b.whenIdle()
    expect(await b.db.todos.count()).toBe(601)
    const c = world.device('cyd')
    await c.start()
    await c.whenIdle()
    expect(await c.db.todos.get('new')).toEqual(await b.db.todos.get('new'))
    expect(await c.db.todos.get('k00001')).toEqual(await b.db.todos.get('k00001'))
  })
})

describe('live changes', () => {
  it('pitfall 25: an echo is no conflict and is not applied again', async () => {
    const a = await filledBy(1)
    let conflicts = 0
    let applied = 0
    a.hooks.addAction('sync.conflict:action:detected', () => { conflicts++ })
    a.hooks.addAction('sync.pull:action:applied', (payload) => { applied += payload.applied })
    for (let index = 0; index < 5; index++) await a.db.todos.put({ id: '1', title: `${index}` })
    await a.whenIdle()
    expect([conflicts, applied]).toEqual([0, 0])
  })

  it('polls where no event stream can be had', async () => {
    const a = await filledBy(1)
    const b = world.device('bob')
    world.intercept = async (path, _, send) => path === '/subscribe' ? new Response('proxied away', { status: 200, headers: { 'content-type': 'text/html' } }) : await send()
    await b.start()
    await b.whenIdle()
    await a.db.todos.put({ id: 'live', title: 'x' })
    await until(() => b.db.todos.get('live'))
  })

  it('a change that fails the schema waits in quarantine; the cursor goes on', async () => {
    const a = await filledBy(1)
    const b = world.device('bob')
    const stricter = defineSyncSchema({
      version: 1,
      tables: { todos: { schema: z.object({ id: z.string(), title: z.string().max(3) }), primaryKey: 'id' } },
    })
    await b.close()
    const c = world.device('cyd', { schema: stricter as unknown as typeof todoSchema })
    await c.start()
    await a.db.todos.put({ id: 'long', title: 'far too long' })
    await a.db.todos.put({ id: 'ok', title: 'ok' })
    await until(() => c.db.todos.get('ok'))
    expect(await c.db.todos.get('long')).toBeUndefined()
    expect((await c.diagnostics()).quarantined).toBeGreaterThan(0)
  })

  it('a stream that breaks is opened again from the cursor, and nothing is missed', async () => {
    const a = await filledBy(1)
    const b = world.device('bob')
    await b.start()
    await b.whenIdle()
    world.offline = true
    await a.db.todos.bulkPut(rows(20))
    await a.db.todos.delete('k00000')
    world.offline = false
    await Promise.all([a.flush(), b.flush()])
    await until(() => b.db.todos.count(), count => count === 19)
  })
})

describe('a rescan', () => {
  it('after a change of epoch keeps local edits', async () => {
    const a = await filledBy(5)
    const b = world.device('bob')
    await b.start()
    await b.whenIdle()
    await b.stop()
    await a.db.todos.bulkDelete(['k00000', 'k00001'])
    await a.whenIdle()
    await a.stop()
    await b.db.todos.put({ id: 'mine', title: 'not sent yet' })
    await world.gateway.newEpoch()
    await world.gateway.gc()
    await b.start()
    await b.whenIdle()
    expect(await b.db.todos.get('mine')).toMatchObject({ title: 'not sent yet' })
  })

  it('fetches everything again when it is asked for', async () => {
    const a = await filledBy(5)
    await a.db.transaction('rw', a.db.table('sync_state'), async () => {})
    const seen: string[] = []
    a.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { seen.push(`starting: ${reason}`) })
    a.hooks.addAction('sync.rescan:action:completed', () => { seen.push('completed') })
    await a.rescan()
    await until(() => seen, list => list.includes('completed'))
    expect(seen).toEqual(['starting: asked for', 'completed'])
    expect(await a.db.todos.count()).toBe(5)
  })
})
