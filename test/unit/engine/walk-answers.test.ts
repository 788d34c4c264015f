import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PullRequest, SyncProvider } from 'or3-sync/client'
import { EngineHarness, until } from '../../support/engine-harness'
import { listedProvider, listedTodo } from '../../support/listed-provider'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

const VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9]

interface Store {
  /** Versions looked at for a page. */
  size: number
  /** Whether it tells its latest version. */
  tells: boolean
  /** Versions of the rows that it has: the others are those of other tables, or of tombstones left out. */
  rows: readonly number[]
}

/** A store that heeds `order`, or always answers upward. */
function storeThat(heeds: boolean, { size, tells, rows }: Store): SyncProvider['pull'] {
  return async ({ cursor, order }: PullRequest) => {
    const isDown = heeds && order === 'desc'
    const ahead = isDown ? VERSIONS.toReversed().filter(version => cursor === 0 || version < cursor) : VERSIONS.filter(version => version > cursor)
    const looked = ahead.slice(0, size)
    return {
      changes: looked.filter(version => rows.includes(version)).map(listedTodo),
      nextCursor: looked.at(-1) ?? cursor,
      hasMore: ahead.length > size,
      ...tells ? { latestVersion: 9 } : {},
    }
  }
}

const PAGES: [string, number, number[]][] = [
  ['two rows', 2, VERSIONS], ['one row', 1, VERSIONS], ['nothing on the first', 3, [4, 5, 6]], ['one row on the first', 3, [3, 4, 5, 7]], ['nothing on the last', 3, [1, 2, 3, 8]],
]

describe.each([['heeds `order`', true], ['answers upward whatever it is asked', false]])('a walk over a provider that %s', (_, heeds) => {
  describe.each([['tells its latest version', true], ['does not tell its latest version', false]])('and %s', (_, tells) => {
    it.each(PAGES)('brings everything, by pages of %s', async (_, size, rows) => {
      const { provider } = listedProvider({ pull: storeThat(heeds, { size, tells, rows }) })
      const ann = world.device('ann', { provider })
      await ann.start()
      await ann.whenIdle()
      expect([await ann.db.todos.count(), ann.status.get()]).toMatchObject([rows.length, { state: 'idle', firstSyncDone: true, error: null }])
    })
  })

  it('removes no row that the store has, in a rescan by pages of one row', async () => {
    let size = 9
    const { provider } = listedProvider({ pull: request => storeThat(heeds, { size, tells: false, rows: VERSIONS })(request) })
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.whenIdle()
    size = 1
    const rescanned = new Promise((resolve) => { ann.hooks.addAction('sync.rescan:action:completed', resolve) })
    await ann.rescan()
    await rescanned
    await ann.whenIdle()
    expect(await ann.db.todos.count()).toBe(9)
  })
})

describe('a store that no longer has the history at the place of a walk', () => {
  it('is walked over once more from the start: what was deleted there is removed, and not sent again', async () => {
    let [rows, isForgotten] = [VERSIONS, false]
    const pushed: string[] = []
    const { provider } = listedProvider({ pull: async (request) => {
      if (!isForgotten || !request.bootstrap || request.cursor === 0) return await storeThat(true, { size: isForgotten ? 2 : 9, tells: true, rows })(request)
      isForgotten = false
      return { changes: [], nextCursor: request.cursor, hasMore: false, requiresRescan: true }
    } })
    const { push } = provider
    provider.push = (batch) => {
      pushed.push(...batch.ops.map(({ pk }) => pk))
      return push(batch)
    }
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.whenIdle()
    ;[rows, isForgotten] = [VERSIONS.slice(1), true]
    const reasons: string[] = []
    ann.hooks.addAction('sync.rescan:action:starting', ({ reason }) => { reasons.push(reason) })
    const rescanned = new Promise((resolve) => { ann.hooks.addAction('sync.rescan:action:completed', resolve) })
    await ann.rescan()
    await rescanned
    await ann.whenIdle()
    expect(reasons.at(-1)).toBe('history gap')
    expect([await ann.db.todos.count(), pushed]).toEqual([8, []])
  })
})

describe('a store that asks for a rescan in answer to one', () => {
  it.each([true, false])('is waited for, and removes nothing (hasMore: %s)', async (hasMore) => {
    let [asks, pulls] = [false, 0]
    const { provider, store } = listedProvider()
    const pull = provider.pull
    provider.pull = async (request) => {
      pulls++
      return asks ? { changes: [], nextCursor: request.cursor, hasMore, requiresRescan: true } : await pull(request)
    }
    store.push(...VERSIONS.map(listedTodo))
    const ann = world.device('ann', { provider })
    await ann.start()
    await ann.whenIdle()
    asks = true
    await ann.stop()
    pulls = 0
    await ann.start()
    await until(() => ann.status.get().error?.message, message => message === 'the store asks for a rescan in answer to one')
    await new Promise(resolve => setTimeout(resolve, 500))
    expect([await ann.db.todos.count(), ann.status.get().state, pulls < 10]).toEqual([9, 'error', true])
    asks = false
    await ann.flush()
    await ann.whenIdle()
    expect([await ann.db.todos.count(), ann.status.get().state]).toEqual([9, 'idle'])
  })

  it('does not end a first sync', async () => {
    const { provider } = listedProvider({ pull: async ({ cursor }) => ({ changes: [], nextCursor: cursor, hasMore: false, requiresRescan: true, latestVersion: 9 }) })
    const ann = world.device('ann', { provider })
    await ann.start()
    await until(() => ann.status.get().state, state => state === 'error')
    expect(ann.status.get().firstSyncDone).toBe(false)
  })
})
