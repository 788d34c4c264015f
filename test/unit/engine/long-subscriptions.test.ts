import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SyncProvider } from 'or3-sync/client'
import { wireOp } from '../../../src/testing/contract/make-op'
import { EngineHarness, until } from '../../support/engine-harness'
import { ManualClock } from '../../support/test-clock'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let clock: ManualClock
let world: EngineHarness
beforeEach(async () => {
  clock = new ManualClock()
  world = await EngineHarness.open({ now: clock.now })
})
afterEach(() => world.close())

/** The events that are waiting have had their turn. */
const aTurn = () => new Promise(resolve => setTimeout(resolve, 3))

/** A store without rows, whose subscription says nothing until it ends. */
function quietStore(): { provider: SyncProvider, endSubscription: () => void } {
  let end = () => {}
  const provider: SyncProvider = {
    id: 'quiet', mode: 'direct',
    push: async () => ({ results: [], serverVersion: 0 }),
    pull: async () => ({ changes: [], nextCursor: 0, hasMore: false, latestVersion: 0 }),
    subscribe: async (_scope, _tables, _onChanges, options) => {
      end = () => options?.onStatus?.('disconnected')
      return () => {}
    },
  }
  return { provider, endSubscription: () => end() }
}

/** Ann's provider, whose stream keeps every page back until it is let go. */
function heldStream(): { provider: SyncProvider, held: () => number, letGo: () => void } {
  const inner = world.provider('ann')
  const waiting: (() => void)[] = []
  const provider: SyncProvider = {
    id: inner.id, mode: inner.mode,
    push: batch => inner.push(batch),
    pull: request => inner.pull(request),
    subscribe: (scope, tables, onChanges, options) => inner.subscribe(scope, tables, async (changes, page) => {
      await new Promise<void>((resolve) => { waiting.push(resolve) })
      await onChanges(changes, page)
    }, options),
  }
  return { provider, held: () => waiting.length, letGo: () => { for (const resolve of waiting.splice(0)) resolve() } }
}

describe('a subscription that lasts', () => {
  it('pitfall 26: is contact though nothing happens: what comes after it is no rescan', async () => {
    const { provider, endSubscription } = quietStore()
    const ann = world.device('ann', { provider, environment: { clock } })
    const connected: string[] = []
    let rescans = 0
    ann.hooks.addAction('sync.subscription:action:statusChange', ({ status }) => { connected.push(status) })
    ann.hooks.addAction('sync.rescan:action:starting', () => { rescans++ })
    await ann.start()
    await until(() => connected.at(-1) === 'connected')
    // Longer than a cursor lasts without contact, and never so long at a time that the page counts as asleep.
    for (let passed = 0; passed < 8 * DAY; passed += 30 * MINUTE) {
      clock.advance(30 * MINUTE)
      await until(() => ann.status.get().lastSyncAt, at => at === clock.now())
      await aTurn()
    }
    expect(connected.filter(status => status === 'connected'), 'it was one subscription').toHaveLength(1)
    endSubscription()
    for (let turns = 0; turns < 1_000 && connected.filter(status => status === 'connected').length < 2; turns++) {
      clock.advance(MINUTE)
      await aTurn()
    }
    expect([connected.at(-1), rescans]).toEqual(['connected', 0])
  })

  it('longer than tombstones are kept, in a page that slept, ends: what was on its way is not applied', async () => {
    const { provider, held, letGo } = heldStream()
    const ann = world.device('ann', { provider, environment: { clock } })
    const sent = async () => {
      await ann.flush()
      await until(() => ann.queue.pending(), pending => !pending.length)
    }
    let applied = 0
    let isRescanned = false
    ann.hooks.addAction('sync.pull:action:applied', (page) => { applied += page.applied })
    ann.hooks.addAction('sync.rescan:action:completed', () => { isRescanned = true })
    await ann.start()
    await until(() => ann.status.get().state, state => state === 'idle')
    await world.provider('bob').push({ scope: { workspaceId: 'w1' }, ops: [wireOp({ device: 'bob', clock: 5, payload: { id: 'a', title: 'theirs' } })] })
    await until(held)
    // Its delete wins over theirs: the cursor stays where it is.
    await ann.db.transaction('rw', ann.db.todos, async () => {
      for (let times = 0; times < 6; times++) await ann.db.todos.put({ id: 'a', title: 'mine' })
      await ann.db.todos.delete('a')
    })
    await sent()
    clock.sleep(40 * DAY)
    await ann.db.todos.put({ id: 'b', title: 'after the sleep' })
    await sent()
    await until(async () => {
      clock.runNext()
      return await ann.db.table('tombstones').count()
    }, count => count === 0)
    letGo()
    await until(() => applied || isRescanned)
    expect([applied, await ann.db.todos.toCollection().primaryKeys()]).toEqual([0, ['b']])
  })
})
