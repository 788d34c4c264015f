import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSyncSchema } from 'or3-sync/schema'
import { EngineHarness, until } from '../../support/engine-harness'
import type { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => { await world.close() })

/** As the app was before titles could be long. */
const strictSchema = defineSyncSchema({
  version: 1,
  tables: { todos: { schema: z.object({ id: z.string(), title: z.string().max(5) }), primaryKey: 'id' } },
}) as unknown as typeof todoSchema

/** A device of an old app, with an edit that has lost to a row which that app cannot read. The edit is not sent yet. */
async function lostToUnreadable() {
  const [old, modern] = [world.device('ann', { schema: strictSchema }), world.device('bob')]
  for (const device of [old, modern]) { await device.start(); await device.whenIdle() }
  await modern.db.todos.put({ id: '1', title: 'first' })
  await modern.whenIdle()
  await until(() => old.db.todos.count(), count => count === 1)
  let isOldOffline = true
  world.intercept = async (_, init, send) => {
    if (isOldOffline && (init?.headers as Record<string, string> | undefined) && String(init?.body).includes((await old.db.table('sync_state').get('device') as { deviceId: string }).deviceId)) throw new TypeError('fetch failed')
    return await send()
  }
  await old.db.todos.put({ id: '1', title: 'mine' })
  for (const title of ['long title', 'longer title']) { await modern.db.todos.put({ id: '1', title }); await modern.whenIdle() }
  isOldOffline = false
  world.requests = []
  return old
}

it('an edit that lost to a revision this app cannot read waits for the app\'s next version, without asking again and again', async () => {
  const old = await lostToUnreadable()
  await old.flush()
  await until(() => old.db.table('sync_quarantine').count(), count => count === 1)
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(world.requests.filter(path => path === '/push').length).toBeLessThan(4)
  expect(await old.queue.pending()).toHaveLength(1)
  const upgraded = world.device('ann', { indexedDB: old.indexedDB })
  await old.close()
  await upgraded.start()
  await upgraded.whenIdle()
  expect(await upgraded.db.todos.get('1')).toMatchObject({ title: 'longer title' })
  expect(await upgraded.queue.pending()).toEqual([])
})

it('such an edit waits longer after each try, and does not count as settled', async () => {
  const old = await lostToUnreadable()
  const tries: number[] = []
  old.hooks.addAction('sync.retry:action', ({ op, attempt }) => { if (op.pk === '1') tries.push(attempt) })
  const synced: string[] = []
  void old.whenSynced('todos', '1').then(() => synced.push('stored or beaten'), () => synced.push('given up'))
  await old.flush()
  await until(() => Promise.resolve(tries), ({ length }) => length >= 3)
  expect(tries.slice(-3)).toEqual([tries.at(-3)!, tries.at(-3)! + 1, tries.at(-3)! + 2])
  expect(synced).toEqual([])
})

it('such an edit is beaten for good by what replaced that revision and can be read, although a repeat is answered as the first time', async () => {
  const [old, modern] = [world.device('ann', { schema: strictSchema, environment: { locks: null } }), world.device('bob')]
  for (const device of [old, modern]) { await device.start(); await device.whenIdle() }
  await modern.db.todos.put({ id: '1', title: 'first' })
  await modern.whenIdle()
  await until(() => old.db.todos.count(), count => count === 1)
  const { deviceId } = await old.diagnostics()
  let link: 'cut' | 'loses replies' | 'whole' = 'cut'
  let sent = 0
  world.intercept = async (path, init, send) => {
    if (link === 'whole' || path !== '/push' || !String(init?.body).includes(deviceId)) return await send()
    if (link === 'loses replies') {
      await send()
      sent++
    }
    throw new TypeError('fetch failed')
  }
  await old.db.todos.put({ id: '1', title: 'mine' })
  for (const title of ['long title', 'longer title']) { await modern.db.todos.put({ id: '1', title }); await modern.whenIdle() }
  link = 'loses replies'
  await old.flush()
  await until(() => sent)
  await modern.db.todos.put({ id: '1', title: 'short' })
  await until(() => old.db.table('sync_quarantine').toArray(), ([aside]) => aside?.change.payload.title === 'short')
  link = 'whole'
  await old.flush()
  await until(() => old.db.todos.get('1'), row => row?.title === 'short')
  expect(await old.queue.pending()).toEqual([])
  expect(await old.db.table('sync_conflicts').toArray()).toMatchObject([{ winner: 'remote', local: { row: { title: 'mine' } }, remote: { row: { title: 'short' } } }])
  expect(await old.db.table('sync_quarantine').count()).toBe(0)
})

it('such an edit is beaten by a row that the feed has brought before, although every reply leaves that row out', async () => {
  const [old, modern] = [world.device('ann', { environment: { locks: null } }), world.device('bob')]
  for (const device of [old, modern]) { await device.start(); await device.whenIdle() }
  await modern.db.todos.put({ id: '1', title: 'first' })
  await modern.whenIdle()
  await until(() => old.db.todos.count(), count => count === 1)
  const { deviceId } = await old.diagnostics()
  let isCut = true
  world.intercept = async (path, init, send) => {
    if (path !== '/push' || !String(init?.body).includes(deviceId)) return await send()
    if (isCut) throw new TypeError('fetch failed')
    const answer = await send()
    const { results, ...rest } = await answer.json() as { results: { winner?: { payload?: unknown } }[] }
    const terse = results.map(({ winner: { payload: _, ...winner } = {}, ...result }) => ({ ...result, winner }))
    return new Response(JSON.stringify({ ...rest, results: terse }), { status: 200, headers: answer.headers })
  }
  await old.db.todos.put({ id: '1', title: 'mine' })
  for (const title of ['second', 'third']) { await modern.db.todos.put({ id: '1', title }); await modern.whenIdle() }
  await until(() => old.db.table('sync_quarantine').toArray(), ([aside]) => aside?.change.payload.title === 'third')
  isCut = false
  await old.flush()
  await until(() => old.db.todos.get('1'), row => row?.title === 'third')
  expect(await old.queue.pending()).toEqual([])
  expect(await old.db.table('sync_quarantine').count()).toBe(0)
})
