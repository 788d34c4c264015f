import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { createSyncEngine } from 'or3-sync/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EngineHarness, until } from '../../support/engine-harness'
import { followRow as follow } from '../../support/follow-row'
import { holdPushes, refuseNextPush } from '../../support/hold-pushes'
import { openBrowser } from '../../support/open-browser'
import { started } from '../../support/schema-versions'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** Long enough for what is not to happen. */
const aWhile = () => new Promise(resolve => setTimeout(resolve, 60))

describe('rowState', () => {
  it('goes from absent over pending and sending to synced, and the same way for a delete', async () => {
    const ann = await started(world.device('ann'))
    const state = follow(ann, 'todos', '1')
    await aWhile()
    expect(state.get()).toBe('absent')
    for (const write of [() => ann.db.todos.put({ id: '1', title: 'a' }), () => ann.db.todos.delete('1')]) {
      state.seen.length = 0
      world.offline = true
      await write()
      await state.is('pending')
      const pushes = holdPushes(world)
      world.offline = false
      void ann.flush()
      await state.is('sending')
      pushes.release()
      await state.is('synced')
      await aWhile()
      // The attempt without a network may have been seen as well.
      expect(state.seen.at(-1)).toBe('synced')
      expect(state.seen.slice(-3)).toEqual(['pending', 'sending', 'synced'])
    }
  })

  it('never goes back to pending between the push and its answer', async () => {
    const ann = await started(world.device('ann'))
    const state = follow(ann, 'todos', '1')
    await ann.db.todos.put({ id: '1', title: 'a' })
    const pushes = holdPushes(world)
    await ann.whenIdle()
    for (let round = 0; round < 20; round++) {
      state.seen.length = 0
      const before = pushes.count()
      await ann.db.todos.put({ id: '1', title: `${round}` })
      await until(() => pushes.count() > before)
      await state.is('sending')
      pushes.releaseOne()
      await state.is('synced')
      expect(state.seen.slice(state.seen.indexOf('sending'))).toEqual(['sending', 'synced'])
    }
    pushes.release()
  })

  it('is failed with the refusal, and synced after the retry', async () => {
    const ann = await started(world.device('ann'))
    const state = follow(ann, 'todos', '1')
    refuseNextPush(world, 'VALIDATION_ERROR')
    await ann.db.todos.put({ id: '1', title: 'a' })
    await state.is('failed')
    expect(state.error()).toMatchObject({ name: 'SyncError', code: 'VALIDATION_ERROR', message: 'as the test wants it', retryable: false })
    await ann.queue.retry()
    await state.is('synced')
    expect(state.error()).toBeNull()
  })

  it('is absent when a refused create is discarded', async () => {
    const ann = await started(world.device('ann'))
    const state = follow(ann, 'todos', '1')
    refuseNextPush(world, 'VALIDATION_ERROR')
    await ann.db.todos.put({ id: '1', title: 'a' })
    await state.is('failed')
    await ann.queue.discard((await ann.queue.failed())[0]!.id)
    await state.is('absent')
  })

  it('is held for a draft, local for a private row and a table that the app lacks', async () => {
    const ann = await started(world.device('ann'))
    const [draft, own] = [follow(ann, 'notes', 'draft'), follow(ann, 'notes', 'own')]
    await ann.db.notes.bulkPut([{ id: 'draft', draft: true }, { id: 'own', private: true }])
    await Promise.all([draft.is('held'), own.is('local')])
    await ann.db.notes.bulkPut([{ id: 'draft' }, { id: 'own' }])
    await Promise.all([draft.is('synced'), own.is('synced')])
    // A shared row that becomes private: the others get a delete, then it is this device's alone.
    world.offline = true
    await ann.db.notes.update('own', { private: true })
    await own.is('pending')
    world.offline = false
    await ann.flush()
    await own.is('local')
    expect(ann.rowState('no such table', '1').get()).toEqual({ name: 'local', error: null })
  })

  it('is synced for what other devices wrote and deleted', async () => {
    const [ann, bob] = [await started(world.device('ann')), await started(world.device('bob'))]
    const state = follow(ann, 'todos', '1')
    await bob.db.todos.put({ id: '1', title: 'b' })
    await state.is('synced')
    await bob.db.todos.delete('1')
    await until(() => ann.db.todos.get('1'), row => row === undefined)
    await aWhile()
    expect(state.get()).toBe('synced')
  })

  it('is local where nobody is signed in', async () => {
    const nobody = createSyncEngine({ schema: todoSchema, session: null, provider: world.provider('ann'), indexedDB: new IDBFactory(), IDBKeyRange })
    const state = follow(nobody, 'todos', '1')
    await nobody.db.todos.put({ id: '1', title: 'a' })
    await state.is('local')
    await nobody.close()
  })

  it('is known after a reload, before sync has started', async () => {
    const ann = await started(world.device('ann'))
    await ann.db.todos.put({ id: '1', title: 'a' })
    await ann.whenIdle()
    world.offline = true
    await ann.db.todos.put({ id: '2', title: 'b' })
    await ann.close()
    const again = world.device('ann', { indexedDB: ann.indexedDB })
    await Promise.all([follow(again, 'todos', '1').is('synced'), follow(again, 'todos', '2').is('pending')])
  })

  it('is not followed once nobody listens, and is again when somebody does', async () => {
    const ann = await started(world.device('ann'))
    const state = follow(ann, 'todos', '1')
    await ann.db.todos.put({ id: '1', title: 'a' })
    await state.is('synced')
    state.stop()
    world.offline = true
    await ann.db.todos.put({ id: '1', title: 'b' })
    await aWhile()
    expect(state.get()).toBe('synced')
    await follow(ann, 'todos', '1').is('pending')
  })

  it('is told to each listener, although another one throws', async () => {
    const ann = await started(world.device('ann'))
    const state = ann.rowState('todos', '1')
    state.subscribe(() => { throw new Error('a listener') })
    const seen: string[] = []
    state.subscribe(({ name }) => seen.push(name))
    await ann.db.todos.put({ id: '1', title: 'a' })
    await until(() => seen.at(-1), name => name === 'synced')
  })

  it('reads many rows on a screen by their keys, in one transaction', async () => {
    const ann = await started(world.device('ann'))
    await ann.db.todos.bulkPut(Array.from({ length: 200 }, (_, index) => ({ id: `${index}`, title: 'x' })))
    await ann.whenIdle()
    const reads: string[] = []
    ann.db.use({ stack: 'dbcore', name: 'count', level: -1, create: core => ({
      ...core,
      transaction: (...args) => {
        reads.push('transaction')
        return core.transaction(...args)
      },
      table: (name) => {
        const table = core.table(name)
        const noting = <T extends unknown[], R>(kind: string, read: (...args: T) => R) => (...args: T) => {
          reads.push(`${kind} ${name}`)
          return read(...args)
        }
        return { ...table, query: noting('query', table.query), getMany: noting('getMany', table.getMany) }
      },
    }) })
    await ann.stop()
    ann.db.close({ disableAutoOpen: false })
    await ann.db.open()
    reads.length = 0
    const states = Array.from({ length: 50 }, (_, index) => follow(ann, 'todos', `${index}`))
    await Promise.all(states.map(state => state.is('synced')))
    expect(reads.filter(read => read === 'transaction')).toHaveLength(1)
    expect(reads.filter(read => read.endsWith('todos') || read.endsWith('tombstones')).sort()).toEqual(['getMany todos', 'getMany tombstones'])
  })
})

describe('rowState in several tabs', () => {
  it.each([{ locks: 'with Web Locks', overrides: {} }, { locks: 'without Web Locks', overrides: { locks: null } }])('is the same in each, whichever wrote and whichever sends ($locks)', async ({ overrides }) => {
    const { openTab } = openBrowser(world)
    const tabs = [openTab(overrides), openTab(overrides)]
    for (const tab of tabs) await tab.start()
    await tabs[0]!.whenIdle()
    for (const [index, writer] of tabs.entries()) {
      const states = tabs.map(tab => follow(tab, 'todos', `${index}`))
      const pushes = holdPushes(world)
      await writer.db.todos.put({ id: `${index}`, title: 'x' })
      await Promise.all(states.map(state => state.is('sending')))
      pushes.release()
      await Promise.all(states.map(state => state.is('synced')))
      for (const state of states) state.stop()
    }
  })

  it('is not sending for ever when the tab that sent is gone', async () => {
    const { openTab } = openBrowser(world)
    const tabs = [openTab(), openTab()]
    for (const tab of tabs) await tab.start()
    await until(() => tabs.some(tab => tab.status.get().isLeader && tab.status.get().state === 'idle'))
    const leader = tabs.find(tab => tab.status.get().isLeader)!
    const follower = tabs.find(tab => tab !== leader)!
    const state = follow(follower, 'todos', '1')
    await aWhile()
    let holds = true
    world.intercept = async (path, _, send) => {
      if (path !== '/push') return await send()
      if (holds) await new Promise(() => {})
      throw new TypeError('fetch failed')
    }
    await leader.db.todos.put({ id: '1', title: 'a' })
    await state.is('sending')
    holds = false
    leader.tab.frozen = true
    await until(() => follower.status.get().isLeader)
    await state.is('pending')
  })
})
