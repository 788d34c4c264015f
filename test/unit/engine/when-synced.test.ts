import Dexie from 'dexie'
import { IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { holdPushes, refuseNextPush } from '../../support/hold-pushes'
import { openBrowser } from '../../support/open-browser'
import { outcomeOf } from '../../support/outcome-of'
import { jsonReply } from '../../support/pushed-ops'
import { started } from '../../support/schema-versions'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const device = () => started(world.device('ann'))
const put = (ann: TodoEngine, title: unknown, id = '1') => ann.db.todos.put({ id, title: title as string })
/** Long enough for what is not to happen. */
const aWhile = () => new Promise(resolve => setTimeout(resolve, 60))
const stored = async () => (await world.provider('bob').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 100 })).changes.map(({ pk, payload }) => [pk, payload?.title])

describe('whenSynced', () => {
  it('resolves when the store has the edit, and not before', async () => {
    const ann = await device()
    const pushes = holdPushes(world)
    await put(ann, 'a')
    const synced = ann.whenSynced('todos', '1')
    const outcome = outcomeOf(synced)
    await until(pushes.count)
    await aWhile()
    expect(outcome.get()).toBe('waits')
    pushes.release()
    await synced
    expect(await stored()).toEqual([['1', 'a']])
  })

  it('resolves for a delete, and at once for a row of which no edit waits', async () => {
    const ann = await device()
    await ann.whenSynced('todos', 'nobody')
    await put(ann, 'a')
    await ann.whenSynced('todos', '1')
    await ann.db.todos.delete('1')
    await ann.whenSynced('todos', '1')
    expect(ann.status.get().error).toBeNull()
    expect(await stored()).toEqual([['1', undefined]])
  })

  it('does not wait for an edit that is made after the call, and is sent after it', async () => {
    const ann = await device()
    const pushes = holdPushes(world)
    await put(ann, 'a')
    const first = ann.whenSynced('todos', '1')
    await until(pushes.count)
    await aWhile()
    await put(ann, 'b')
    const second = outcomeOf(ann.whenSynced('todos', '1'))
    await aWhile()
    pushes.releaseOne()
    await first
    await until(pushes.count, count => count === 2)
    await aWhile()
    expect(second.get()).toBe('waits')
    pushes.release()
    await until(second.get, outcome => outcome === 'resolved')
  })

  it('waits for the edit that was sent in the place of the one it waits for', async () => {
    const ann = await device()
    world.offline = true
    await put(ann, 'a')
    const synced = ann.whenSynced('todos', '1')
    await put(ann, 'b')
    const pushes = holdPushes(world)
    world.offline = false
    void ann.flush()
    const outcome = outcomeOf(synced)
    await until(pushes.count)
    await aWhile()
    expect(outcome.get()).toBe('waits')
    pushes.release()
    await synced
    expect(await stored()).toEqual([['1', 'b']])
  })

  it('resolves for an edit that a higher one has beaten', async () => {
    const [ann, bob] = [await device(), await started(world.device('bob'))]
    let isLimited = true
    world.intercept = async (path, init, send) => isLimited && path === '/push' && String(init?.body).includes('"by Ann"')
      ? jsonReply({ data: { code: 'RATE_LIMITED', message: 'later' } }, 429)
      : await send()
    await put(ann, 'by Ann')
    const synced = ann.whenSynced('todos', '1')
    for (const title of ['by Bob', 'by Bob again']) await put(bob, title)
    await bob.whenIdle()
    isLimited = false
    await ann.flush()
    await synced
    expect(await stored()).toEqual([['1', 'by Bob again']])
  })

  it('follows an edit that gets another revision because its clock was ahead', async () => {
    const ann = await device()
    refuseNextPush(world, 'CLOCK_SKEW')
    await put(ann, 'a')
    const { op_id: before } = await ann.db.todos.get('1') as { op_id?: string }
    await ann.whenSynced('todos', '1')
    expect((await ann.db.todos.get('1') as { op_id?: string }).op_id).not.toBe(before)
    expect(await stored()).toEqual([['1', 'a']])
  })

  it('waits for an edit that waits aside', async () => {
    const ann = await device()
    world.intercept = async (path, init, send) => path === '/push' && String(init?.body).includes('barred') ? jsonReply({ reason: 'a firewall' }, 403) : await send()
    await put(ann, 'barred')
    const synced = outcomeOf(ann.whenSynced('todos', '1'))
    await until(async () => (await ann.queue.pending())[0]?.errorCode, Boolean)
    expect(synced.get()).toBe('waits')
    world.intercept = null
    await ann.flush()
    await until(synced.get, outcome => outcome === 'resolved')
  })

  it('rejects with the refusal, when it comes and afterwards; a retry is waited for again', async () => {
    const ann = await device()
    refuseNextPush(world, 'VALIDATION_ERROR')
    await put(ann, 'a')
    await expect(ann.whenSynced('todos', '1')).rejects.toMatchObject({ name: 'SyncError', code: 'VALIDATION_ERROR', retryable: false, message: 'as the test wants it' })
    await expect(ann.whenSynced('todos', '1')).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    await ann.queue.retry()
    await ann.whenSynced('todos', '1')
    expect(await stored()).toEqual([['1', 'a']])
  })

  it('rejects when the edit that has replaced the one it waits for is refused', async () => {
    const ann = await device()
    world.offline = true
    await put(ann, 'a')
    const synced = outcomeOf(ann.whenSynced('todos', '1'))
    await aWhile()
    await put(ann, 5)
    world.offline = false
    await ann.flush()
    await until(synced.get, outcome => outcome === 'VALIDATION_ERROR')
  })

  it('rejects for an edit that `capture` keeps back, at once or when it is asked again, and waits once it lets it go', async () => {
    const ann = await device()
    await ann.db.notes.put({ id: '1', draft: true })
    await expect(ann.whenSynced('notes', '1')).rejects.toMatchObject({ code: 'HELD', retryable: false })
    await ann.db.notes.update('1', { draft: false })
    await ann.whenSynced('notes', '1')
    world.offline = true
    await ann.db.notes.put({ id: '2' })
    const synced = outcomeOf(ann.whenSynced('notes', '2'))
    await aWhile()
    await ann.db.notes.update('2', { draft: true })
    world.offline = false
    await ann.flush()
    await until(synced.get, outcome => outcome === 'HELD')
  })

  it('names the tables when there is no such table', async () => {
    const ann = await device()
    await expect(ann.whenSynced('todo', '1')).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('todos, notes') })
  })

  it('rejects inside a transaction, where it would wait without end', async () => {
    const ann = await device()
    const inside = await ann.db.transaction('rw', ann.db.todos, async () => {
      await put(ann, 'a')
      return await Dexie.Promise.all([ann.whenSynced('todos', '1'), ann.whenCaughtUp()].map(call => call.catch((error: Error) => error.message)))
    })
    expect(inside).toEqual([expect.stringMatching(/^whenSynced\(\) .* transaction/), expect.stringMatching(/^whenCaughtUp\(\) .* transaction/)])
    await ann.whenSynced('todos', '1')
  })
})

describe('whenSynced, when sync ends', () => {
  it.each(['stop', 'close'] as const)('rejects on %s', async (end) => {
    const ann = await device()
    world.offline = true
    await put(ann, 'a')
    const synced = outcomeOf(ann.whenSynced('todos', '1'))
    await aWhile()
    await ann[end]()
    await until(synced.get, outcome => outcome === 'STOPPED')
  })

  it('rejects while sync does not run, unless nothing waits, and waits for a start that is under way', async () => {
    const ann = world.device('ann')
    await ann.whenSynced('todos', '1')
    await put(ann, 'a')
    await expect(ann.whenSynced('todos', '1')).rejects.toMatchObject({ code: 'STOPPED' })
    void ann.start()
    await ann.whenSynced('todos', '1')
    expect(await stored()).toEqual([['1', 'a']])
    await ann.close()
    await expect(ann.whenSynced('todos', '1')).rejects.toMatchObject({ code: 'SYNC_DISABLED' })
  })

  it('waits for a stop and a start that are under way', async () => {
    const ann = await device()
    world.offline = true
    await put(ann, 'a')
    void ann.stop()
    void ann.start()
    const synced = outcomeOf(ann.whenSynced('todos', '1'))
    await aWhile()
    expect(synced.get()).toBe('waits')
    world.offline = false
    await ann.flush()
    await until(synced.get, outcome => outcome === 'resolved')
  })

  it('rejects when the database is deleted under it', async () => {
    const ann = await device()
    const pushes = holdPushes(world)
    await put(ann, 'a')
    const synced = outcomeOf(ann.whenSynced('todos', '1'))
    await until(pushes.count)
    await new Dexie(ann.db.name, { indexedDB: ann.indexedDB, IDBKeyRange }).delete()
    await until(synced.get, outcome => outcome === 'DATABASE_REPLACED')
    pushes.release()
  })

  it('goes on with the same edit after a reload', async () => {
    const ann = await device()
    world.offline = true
    await put(ann, 'a')
    await ann.close()
    const again = world.device('ann', { indexedDB: ann.indexedDB })
    await again.start()
    const synced = outcomeOf(again.whenSynced('todos', '1'))
    await aWhile()
    expect(synced.get()).toBe('waits')
    world.offline = false
    await again.flush()
    await until(synced.get, outcome => outcome === 'resolved')
  })
})

describe('whenSynced in several tabs', () => {
  it.each([{ locks: 'with Web Locks', overrides: {} }, { locks: 'without Web Locks', overrides: { locks: null } }])('resolves in each of them, whichever tab wrote and whichever sends ($locks)', async ({ overrides }) => {
    const { openTab } = openBrowser(world)
    const tabs = [openTab(overrides), openTab(overrides)]
    for (const tab of tabs) await tab.start()
    await tabs[0]!.whenIdle()
    for (const [index, writer] of tabs.entries()) {
      const pushes = holdPushes(world)
      await writer.db.todos.put({ id: `${index}`, title: 'x' })
      const waits = tabs.map(tab => tab.whenSynced('todos', `${index}`))
      const outcomes = waits.map(outcomeOf)
      await until(pushes.count)
      await aWhile()
      expect(outcomes.map(outcome => outcome.get())).toEqual(['waits', 'waits'])
      pushes.release()
      await Promise.all(waits)
      expect((await stored()).map(([pk]) => pk)).toContain(`${index}`)
    }
  })
})
