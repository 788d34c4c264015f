import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncProvider } from 'or3-sync/client'
import { wireOp } from '../../../src/testing/contract/make-op'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { pushedOps } from '../../support/pushed-ops'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const openTab = (indexedDB?: IDBFactory) => world.device('ann', { environment: { locks: null }, indexedDB })

async function online(tab: TodoEngine): Promise<TodoEngine> {
  await tab.start()
  await tab.whenIdle()
  return tab
}

/** Another member writes, without a device. */
async function bobWrites(...ops: Parameters<typeof wireOp>[0][]): Promise<void> {
  await world.provider('bob').push({ scope: { workspaceId: 'w1' }, ops: ops.map(op => wireOp({ device: 'bob', ...op })) })
}

function withoutFirstPage(inner: SyncProvider): SyncProvider {
  let isFirst = true
  return {
    id: inner.id, mode: inner.mode,
    push: batch => inner.push(batch),
    pull: request => inner.pull(request),
    subscribe: (scope, tables, onChanges, options) => inner.subscribe(scope, tables, (changes, page) => {
      if (!isFirst || !changes.length) return onChanges(changes, page)
      isFirst = false
    }, options),
  }
}

/** Answers that are read at once and given when they are let go. */
function holdAnswers(isHeld: (path: string, init?: RequestInit) => boolean) {
  const held: (() => void)[] = []
  world.intercept = async (path, init, send) => {
    const answer = await send()
    if (isHeld(path, init)) await new Promise<void>((resolve) => { held.push(resolve) })
    return answer
  }
  return held
}

describe('tabs that all work for themselves', () => {
  it('do not take what one saw of the store together with what another saw later', async () => {
    const first = await online(openTab())
    // More than one page of a walk: neither tab is at the end of it after its first.
    await bobWrites(...Array.from({ length: 150 }, (_, index) => ({ pk: `a${index}`, payload: { id: `a${index}`, title: 'theirs' } })), { pk: 'x', payload: { id: 'x', title: 'theirs' } })
    await until(() => first.db.todos.get('x'))
    const held = holdAnswers((path, init) => path === '/pull' && String(init?.body).includes('"bootstrap":true'))
    await first.rescan()
    await until(() => held.length === 1)
    await bobWrites({ pk: 'x', op: 'delete', clock: 2 })
    const second = openTab(first.indexedDB)
    await second.start()
    await until(() => held.length === 2)
    // The page of before the delete is applied, then the one of after it, by the tab that comes to the end first.
    held[0]!()
    await until(() => held.length === 3)
    held[1]!()
    await Promise.race([until(() => held.length === 4).then(() => held[3]!()), new Promise((resolve) => { second.hooks.addAction('sync.pull:action:error', resolve) })])
    await until(() => second.status.get().state, state => state === 'idle' || state === 'error')
    for (const letGo of held) letGo()
    world.intercept = null
    await Promise.all([first.whenIdle(), second.whenIdle()])
    expect(await first.db.todos.get('x')).toBeUndefined()
  })

  it('do not call it a conflict when an old push of one hears of what was made upon the other\'s', async () => {
    const first = await online(openTab())
    let letGo: (() => void) | undefined
    let [isLosing, isLost] = [true, false]
    world.intercept = async (path, init, send) => {
      const title = path === '/push' ? pushedOps(init)[0]?.payload?.title : undefined
      if (title === 'first' && !letGo) await new Promise<void>((resolve) => { letGo = resolve })
      const answer = await send()
      if (title !== 'second' || !isLosing) return answer
      isLost = true
      throw new TypeError('fetch failed')
    }
    await first.db.todos.put({ id: 'x', title: 'first' })
    await until(() => letGo)
    const second = await online(openTab(first.indexedDB))
    await until(() => first.queue.pending(), pending => !pending.length)
    // So many that the store forgets what it answered to the first edit: the push of it is answered anew.
    for (const count of [100, 1]) {
      await first.db.todos.bulkPut(Array.from({ length: count }, (_, index) => ({ id: `other${index}`, title: 'other' })))
      await second.flush()
    }
    await second.db.todos.put({ id: 'x', title: 'second' })
    await until(() => isLost)
    const { clock, hlc } = await first.db.todos.get('x') as unknown as { clock: number, hlc: string }
    const uponIt = wireOp({ device: 'bob', pk: 'x', clock: clock + 1, at: 1, base: { clock, hlc }, payload: { id: 'x', title: 'upon it' } })
    // The second one knows the first, which does not say what that knew.
    const uponThat = wireOp({ device: 'bob', pk: 'x', clock: clock + 2, at: 2, base: { clock: clock + 1, hlc: uponIt.stamp.hlc }, payload: { id: 'x', title: 'upon that' } })
    for (const op of [uponIt, uponThat]) await world.provider('bob').push({ scope: { workspaceId: 'w1' }, ops: [op] })
    const settled = new Promise((resolve) => { first.hooks.addAction('sync.push:action:after', resolve) })
    letGo!()
    await settled
    isLosing = false
    await until(() => first.db.todos.get('x'), row => row?.title === 'upon that')
    expect(await first.conflicts.list()).toEqual([])
  })

  it('ask what became of an edit that another had on its way, before they judge what was made upon it', async () => {
    const first = await online(openTab())
    // Its stream loses the page with the edit itself.
    const second = await online(world.device('ann', { environment: { locks: null }, indexedDB: first.indexedDB, provider: withoutFirstPage(world.provider('ann')) }))
    let isLost = false
    world.intercept = async (path, _, send) => {
      const answer = await send()
      if (path !== '/push' || isLost) return answer
      isLost = true
      throw new TypeError('fetch failed')
    }
    await first.db.todos.put({ id: 'x', title: 'mine' })
    await until(() => isLost)
    await first.stop()
    const { clock, hlc } = await first.db.todos.get('x') as unknown as { clock: number, hlc: string }
    await bobWrites({ pk: 'x', clock: clock + 1, at: 1, base: { clock, hlc }, payload: { id: 'x', title: 'upon it' } })
    await until(() => second.db.todos.get('x'), row => row?.title === 'upon it')
    expect(await second.conflicts.list()).toEqual([])
  })
})
