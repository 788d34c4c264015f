import Dexie from 'dexie'
import { IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncEngine, type PullRequest, type SyncEnvironment, type SyncProvider } from 'or3-sync/client'
import { CaughtUpCalls } from '#or3-sync/core/sync/tabs/caught-up-calls'
import type { TabMessage } from '#or3-sync/core/sync/tabs/tab-channel'
import { LEADER_CHECK_MS } from '#or3-sync/shared/sync/protocol/limits'
import { wireOp } from '../../../src/testing/contract/make-op'
import { EngineHarness, until } from '../../support/engine-harness'
import { openBrowser } from '../../support/open-browser'
import { outcomeOf } from '../../support/outcome-of'
import { started } from '../../support/schema-versions'
import { ManualClock, shortWaits } from '../../support/test-clock'
import { todoSchema } from '../../support/todo-schema'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** Long enough for what is not to happen. */
const aWhile = () => new Promise(resolve => setTimeout(resolve, 60))
/** Another member writes, without a device. */
const bobWrites = (...ids: string[]) => world.provider('bob').push({ scope: { workspaceId: 'w1' }, ops: ids.map(pk => wireOp({ device: 'bob', pk, payload: { id: pk, title: 'by Bob' } })) })

/** A provider whose stream brings nothing, so that only pulls do; a page has `limit` changes at most. */
function silentStream(limit = 100, onPull: (request: PullRequest) => Promise<void> = async () => {}): SyncProvider {
  const inner = world.provider('ann')
  return {
    id: 'silent', mode: 'gateway',
    push: batch => inner.push(batch),
    pull: async (request) => {
      await onPull(request)
      return await inner.pull({ ...request, limit: Math.min(limit, request.limit) })
    },
    subscribe: async () => () => {},
  }
}

describe('whenCaughtUp', () => {
  it('resolves once everything that the store had is here, over several pages', async () => {
    const ann = await started(world.device('ann', { provider: silentStream(2) }))
    await bobWrites('1', '2', '3', '4', '5')
    await ann.whenCaughtUp()
    expect(await ann.db.todos.count()).toBe(5)
  })

  it('does not count a pull that began before the call', async () => {
    let holds = false
    const held: (() => void)[] = []
    const ann = await started(world.device('ann', { provider: silentStream(100, async () => {
      if (holds) await new Promise<void>((resolve) => { held.push(resolve) })
    }) }))
    holds = true
    const first = outcomeOf(ann.whenCaughtUp())
    await until(() => held.length)
    const second = outcomeOf(ann.whenCaughtUp())
    await aWhile()
    held.shift()!()
    await until(first.get, outcome => outcome === 'resolved')
    await until(() => held.length)
    expect(second.get()).toBe('waits')
    held.shift()!()
    await until(second.get, outcome => outcome === 'resolved')
  })

  it('waits while the store cannot be reached, and resolves with the next pull that gets through', async () => {
    const ann = await started(world.device('ann', { provider: silentStream() }))
    world.offline = true
    const caughtUp = outcomeOf(ann.whenCaughtUp())
    await until(() => ann.status.get().state, state => state === 'offline')
    expect(caughtUp.get()).toBe('waits')
    await bobWrites('1').catch(() => {})
    world.offline = false
    await bobWrites('1')
    await ann.flush()
    await until(caughtUp.get, outcome => outcome === 'resolved')
    expect(await ann.db.todos.count()).toBe(1)
  })

  it('resolves during the first sync when that is over', async () => {
    await bobWrites('1', '2', '3')
    const ann = world.device('ann', { provider: silentStream(1) })
    void ann.start()
    await ann.whenCaughtUp()
    expect(ann.status.get().firstSyncDone).toBe(true)
    expect(await ann.db.todos.count()).toBe(3)
  })
})

describe('whenCaughtUp, when sync ends or does not run', () => {
  it.each(['stop', 'close'] as const)('rejects on %s', async (end) => {
    const ann = await started(world.device('ann'))
    world.offline = true
    const caughtUp = outcomeOf(ann.whenCaughtUp())
    await aWhile()
    await ann[end]()
    await until(caughtUp.get, outcome => outcome === 'STOPPED')
  })

  it('rejects when the database is deleted under it', async () => {
    const ann = await started(world.device('ann'))
    world.offline = true
    const caughtUp = outcomeOf(ann.whenCaughtUp())
    await aWhile()
    await new Dexie(ann.db.name, { indexedDB: ann.indexedDB, IDBKeyRange }).delete()
    await until(caughtUp.get, outcome => outcome === 'DATABASE_REPLACED')
  })

  it('rejects with the reason why sync does not run', async () => {
    const ann = world.device('ann')
    await expect(ann.whenCaughtUp()).rejects.toMatchObject({ code: 'STOPPED' })
    await ann.db.open()
    const device = await ann.db.table('sync_state').get('device') as object
    await ann.db.table('sync_state').put({ ...device, format: 1_000 })
    await ann.close()
    await expect(ann.whenCaughtUp()).rejects.toMatchObject({ code: 'SYNC_DISABLED' })
    const older = world.device('ann', { indexedDB: ann.indexedDB })
    await expect(older.start()).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
    await expect(older.whenCaughtUp()).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
    const nobody = createSyncEngine({ schema: todoSchema, session: null, provider: world.provider('ann'), indexedDB: ann.indexedDB, IDBKeyRange })
    await expect(nobody.whenCaughtUp()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    await nobody.close()
  })
})

describe('whenCaughtUp in several tabs', () => {
  async function twoTabs(overrides: Partial<SyncEnvironment> = {}) {
    const { openTab } = openBrowser(world)
    const tabs = [openTab(overrides), openTab(overrides)]
    for (const tab of tabs) await tab.start()
    await until(() => tabs.some(tab => tab.status.get().isLeader && tab.status.get().state === 'idle'))
    const leader = tabs.find(tab => tab.status.get().isLeader)!
    return { leader, follower: tabs.find(tab => tab !== leader)! }
  }
  /** From now on no stream brings anything. */
  const cutStreams = () => {
    world.intercept = async (path, _, send) => {
      if (path === '/subscribe') throw new TypeError('fetch failed')
      return await send()
    }
    world.gateway.endStreams()
  }

  it.each([{ locks: 'with Web Locks', overrides: {} }, { locks: 'without Web Locks', overrides: { locks: null } }])('resolves in a tab that does not lead ($locks)', async ({ overrides }) => {
    const { follower } = await twoTabs(overrides)
    cutStreams()
    await bobWrites('1')
    await follower.whenCaughtUp()
    expect(await follower.db.todos.get('1')).toMatchObject({ title: 'by Bob' })
  })

  const { setTimeout: inShort, ...clock } = shortWaits(50)
  /** Nothing is looked at from time to time. */
  const withoutChecks: Partial<SyncEnvironment> = { clock: { ...clock, setTimeout: (run, ms) => ms === LEADER_CHECK_MS ? 0 : inShort(run, ms) } }

  it.each([
    ['is closed', withoutChecks, async (leader: { close: () => Promise<void> }) => { await leader.close() }],
    ['is frozen', {}, async (leader: { tab: { frozen: boolean } }) => { leader.tab.frozen = true }],
  ])('resolves when the leading tab %s before it has answered', async (_, overrides, end) => {
    const { leader, follower } = await twoTabs(overrides)
    let holds = true
    let pulls = 0
    world.intercept = async (path, __, send) => {
      if (path === '/pull') {
        pulls++
        await until(() => !holds)
      }
      return await send()
    }
    const caughtUp = outcomeOf(follower.whenCaughtUp())
    await until(() => pulls)
    await end(leader as never)
    holds = false
    await until(() => follower.status.get().isLeader)
    await until(caughtUp.get, outcome => outcome === 'resolved')
  })
})

describe('a call for the leading tab', () => {
  function openCalls({ isLeader, whenLevel = async () => {} }: { isLeader: () => boolean, whenLevel?: () => Promise<void> }) {
    const clock = new ManualClock()
    const told: TabMessage[] = []
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    return { clock, told, calls: new CaughtUpCalls({ env: { clock, uuid: () => 'a', log }, isLeader, whenLevel, tell: message => told.push(message) }) }
  }
  const turn = () => new Promise(resolve => setTimeout(resolve))
  const ASK = { type: 'catch-up', id: 'a' }

  it('is made again while there is no answer, and ends with the answer', async () => {
    const { clock, told, calls } = openCalls({ isLeader: () => false })
    const outcome = outcomeOf(calls.wait(new AbortController().signal))
    expect(told).toEqual([ASK])
    clock.advance(LEADER_CHECK_MS)
    await turn()
    expect(told).toEqual([ASK, ASK])
    calls.answered('b')
    await turn()
    expect(outcome.get()).toBe('waits')
    calls.answered('a')
    await turn()
    expect(outcome.get()).toBe('resolved')
  })

  it('is done by this tab once it leads', async () => {
    let leads = false
    const { told, calls } = openCalls({ isLeader: () => leads })
    const outcome = outcomeOf(calls.wait(new AbortController().signal))
    leads = true
    calls.leadChanged()
    await turn()
    expect([outcome.get(), told]).toEqual(['resolved', [ASK]])
  })

  it('goes to another tab when this one loses the lead, and rejects only when sync ends here', async () => {
    let leads = true
    const { told, calls } = openCalls({ isLeader: () => leads, whenLevel: async () => {
      leads = false
      throw new Error('no longer')
    } })
    const end = new AbortController()
    const outcome = outcomeOf(calls.wait(end.signal))
    await turn()
    expect([outcome.get(), told]).toEqual(['waits', [ASK]])
    end.abort(new Error('the end'))
    await turn()
    expect(outcome.get()).toBe('the end')
  })

  it('makes the leading tab pull once, however often it is made, and gets no answer from a tab that loses the lead', async () => {
    const ends: { resolve: () => void, reject: (error: Error) => void }[] = []
    const { told, calls } = openCalls({ isLeader: () => true, whenLevel: () => new Promise((resolve, reject) => { ends.push({ resolve, reject }) }) })
    for (const id of ['x', 'x', 'y']) calls.asked(id)
    expect(ends).toHaveLength(2)
    ends[0]!.resolve()
    ends[1]!.reject(new Error('no longer'))
    await turn()
    expect(told).toEqual([{ type: 'caught-up', id: 'x' }])
    calls.asked('y')
    expect(ends).toHaveLength(3)
  })

  it('is left to the tab that leads', async () => {
    const { told, calls } = openCalls({ isLeader: () => false })
    calls.asked('x')
    await turn()
    expect(told).toEqual([])
  })
})
