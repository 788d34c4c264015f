import { forceCloseDatabase } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { SimTab } from '../../../src/testing/simulation/sim-tab'
import { History, put, shown } from '../../support/history'

let history: History
beforeEach(() => { history = new History() })
afterEach(() => history.close())

/** After how many steps of the disk something happens to it. */
const MOMENTS = Array.from({ length: 24 }, (_, index) => index * 3)

async function twoTabs(options: { hasLocks?: boolean } = {}): Promise<{ one: SimDevice, tabs: SimTab[], other: SimDevice, b: SimTab }> {
  const [one, other] = [history.world.device({ userId: 'ann', ...options }), history.device('bob')]
  const [tabs, b] = [[one.open(), one.open()], other.open()]
  await history.rest()
  return { one, tabs, other, b }
}

/** Nobody hears of an edit that did not commit; one that did is everywhere. */
async function everywhere(one: SimDevice, other: SimDevice): Promise<void> {
  await history.rest()
  expect(shown(one)).toEqual(shown(other))
}

describe('a database that is closed from under its tabs', () => {
  it('by the browser, at any moment, is opened again, and sync goes on', async () => {
    const { one, tabs, other, b } = await twoTabs()
    for (const moment of MOMENTS) {
      const writing = [...tabs, b].map((tab, index) => tab.edit([put(`${index}`), put(`at${moment}`)]))
      await history.world.pump.drain(moment)
      for (const tab of tabs) if (tab.engine.db.isOpen()) forceCloseDatabase(tab.engine.db.backendDB() as never)
      await history.world.finish(Promise.all(writing))
      await everywhere(one, other)
    }
    for (const tab of tabs) expect(await history.edit(tab, put('afterwards'))).toBe(true)
    await everywhere(one, other)
  })

  it('because somebody raises its version, at any moment, is opened again, and sync goes on', async () => {
    const { one, tabs, other, b } = await twoTabs()
    let version = 1_020
    for (const moment of MOMENTS) {
      const writing = [...tabs, b].map((tab, index) => tab.edit([put(`${index}`), put(`at${moment}`)]))
      await history.world.pump.drain(moment)
      await history.world.finish(raiseVersion(one, ++version))
      await history.world.finish(Promise.all(writing))
      await everywhere(one, other)
    }
    for (const tab of tabs) expect(await history.edit(tab, put('afterwards'))).toBe(true)
    await everywhere(one, other)
  })
})

describe('a full disk', () => {
  it('refuses the app\'s edit, and nothing of it stays', async () => {
    const { one, tabs: [tab] } = await twoTabs()
    one.disk.quotaErrors = 1
    expect(await history.edit(tab!, put('a'))).toBe(false)
    expect([shown(one), one.outbox()]).toEqual([[], []])
    expect(await history.edit(tab!, put('a'))).toBe(true)
    await history.rest()
  })

  it('that shows only when the app\'s edit is committed refuses it by the browser\'s own error', async () => {
    const { one, tabs: [tab] } = await twoTabs()
    const { db } = tab!.engine
    const writing = db.transaction('rw', db.items, async ({ idbtrans }) => {
      await db.items.put({ id: 'a', edit: 'e0', parent: null })
      ;(idbtrans as unknown as { _abort: (name: string) => void })._abort('QuotaExceededError')
    })
    // Dexie tells of a transaction that the browser aborts by an error around the browser's own.
    await expect(history.world.finish(writing)).rejects.toMatchObject({ inner: { name: 'QuotaExceededError' } })
    expect([shown(one), one.outbox()]).toEqual([[], []])
  })

  it('that has no room for an acknowledgement is told of, and the edit is sent again', async () => {
    const { one, tabs, other } = await twoTabs()
    const leader = tabs.find(({ engine }) => engine.status.get().isLeader)!
    const errors: string[] = []
    leader.engine.hooks.addAction('sync.error:action', ({ code, permanent }) => { errors.push(`${code} ${permanent ? 'for good' : 'for now'}`) })
    await history.edit(leader, put('a'))
    one.disk.quotaErrors = 3
    await history.until(() => errors.length > 0)
    expect(leader.engine.status.get()).toMatchObject({ state: 'error', error: { code: 'UNKNOWN' } })
    expect(one.outbox()).toHaveLength(1)
    await everywhere(one, other)
    expect([errors[0], leader.engine.status.get().error]).toEqual(['UNKNOWN for now', null])
    expect(history.world.oracle.applied).toBe(1)
  })
})

describe('an edit whose database is deleted and whose store is then restored from before it', () => {
  const isForgotten = () => [...history.world.journal.edits.values()].map(edit => edit.isForgotten === true)

  it('is gone where nobody had heard of it, and nothing else', async () => {
    const { one, other, b } = await twoTabs()
    await history.edit(b, put('kept'))
    await history.rest()
    const restore = history.world.backUp()!
    other.setOnline(false)
    await history.edit(one.tabs[0]!, put('a'))
    await history.level(one)
    one.wipe()
    await restore()
    other.setOnline(true)
    await everywhere(one, other)
    expect([shown(one), isForgotten()]).toEqual([['items/kept:e1'], [false, true]])
  })

  it('comes back from whoever had heard of it', async () => {
    const { one, other } = await twoTabs()
    const restore = history.world.backUp()!
    await history.edit(one.tabs[0]!, put('a'))
    await history.rest()
    one.wipe()
    await restore()
    await everywhere(one, other)
    expect([shown(one), isForgotten()]).toEqual([['items/a:e1'], [false]])
  })
})

describe('an edit that waits when its database is copied', () => {
  it('is another one once the copy has stamped it anew: what is made upon it as it was may meet it, and both are kept', async () => {
    const { one, other, tabs } = await twoTabs()
    one.setOnline(false)
    one.skew = 3_600_000
    await history.edit(tabs[0]!, put('a'))
    for (const tab of tabs) one.crash(tab)
    const copy = history.world.device({ userId: 'ann', databaseName: one.databaseName })
    copy.browser.disk.copyFrom(one.disk, one.databaseName)
    await history.edit(one.open(), put('a'))
    copy.open()
    await history.level(copy, other)
    one.setOnline(true)
    await everywhere(one, other)
    expect(one.conflicts().map(({ winner, local, remote }) => [winner, local.row?.edit, remote.row?.edit])).toEqual([['local', 'e2', 'e1']])
  })

  /** An edit is held in both. The copy shares what it makes of it, and somebody else makes something of that. */
  async function heldInBoth() {
    const { one, other, tabs, b } = await twoTabs()
    await history.edit(tabs[0]!, put('a', { tableName: 'drafts', hold: true }))
    for (const tab of tabs) one.crash(tab)
    const copy = history.world.device({ userId: 'ann', databaseName: one.databaseName })
    copy.browser.disk.copyFrom(one.disk, one.databaseName)
    await history.edit(copy.open(), put('a', { tableName: 'drafts' }))
    await history.level(copy, other)
    await history.edit(b, put('a', { tableName: 'drafts' }))
    await history.level(copy, other)
    return { one, other }
  }

  it('meets what others make upon the copy\'s edits of it', async () => {
    const { one, other } = await heldInBoth()
    one.open()
    await everywhere(one, other)
    expect(one.conflicts().map(({ winner, local, remote }) => [winner, local.row?.edit, remote.row?.edit])).toEqual([['remote', 'e1', 'e3']])
  })

  it('does not meet what was made upon it by anybody else', async () => {
    const { one, other } = await heldInBoth()
    history.world.journal.edits.get('e2')!.device = other.name
    one.open()
    await expect(everywhere(one, other)).rejects.toThrow('(i) d1 reports a conflict of e1 with e3, which was made upon it')
  })

  it('and what others make upon the copy\'s new stamp of it may meet it as it was', async () => {
    const { one, other, tabs, b } = await twoTabs()
    one.setOnline(false)
    one.skew = 3_600_000
    await history.edit(tabs[0]!, put('a'))
    for (const tab of tabs) one.crash(tab)
    const copy = history.world.device({ userId: 'ann', databaseName: one.databaseName })
    copy.browser.disk.copyFrom(one.disk, one.databaseName)
    copy.open()
    await history.level(copy, other)
    await history.edit(b, put('a'))
    await history.level(copy, other)
    one.open()
    one.setOnline(true)
    await everywhere(one, other)
    expect(one.conflicts().map(({ winner, local, remote }) => [winner, local.row?.edit, remote.row?.edit])).toEqual([['local', 'e1', 'e2']])
  })
})

describe('tabs without Web Locks', () => {
  it('work all the same: nothing is lost, doubled or called a conflict, and one that is closed leaves nothing waiting', async () => {
    const { one, tabs, other, b } = await twoTabs({ hasLocks: false })
    for (let round = 0; round < 5; round++) {
      await history.world.finish(Promise.all([...tabs, b].map((tab, index) => tab.edit([put(`${index}`), put(`round${round}`)]))))
      await history.world.run(20 * round)
      await history.world.finish(one.close(tabs.shift()!))
      tabs.push(one.open())
    }
    await everywhere(one, other)
    // Bob and Ann have edited the same records; Ann's tabs are one device.
    expect(one.conflicts().every(({ remote }) => remote.deviceId !== one.conflicts()[0]!.local.deviceId)).toBe(true)
  })

  it('send what one of them has left when it crashed, though nobody writes, wakes or opens another', async () => {
    const { one, tabs: [tab], other } = await twoTabs({ hasLocks: false })
    history.world.network.refusal = { code: 'SERVER_ERROR', status: 503 }
    await history.edit(tab!, put('a'))
    await history.until(() => history.world.network.counts.refused > 0)
    one.crash(tab!)
    history.world.network.refusal = null
    await history.until(() => shown(other).length === 1, 10_000)
    await everywhere(one, other)
  })
})

describe('the lead', () => {
  const leave: Record<string, (device: SimDevice, tab: SimTab) => unknown> = {
    'crashes': (device, tab) => device.crash(tab),
    'is closed': (device, tab) => history.world.finish(device.close(tab)),
    'freezes': (device, tab) => device.freeze(tab),
    'is stopped': (_, tab) => history.world.finish(tab.engine.stop()),
  }

  it.each(Object.entries(leave))('of a tab that %s in the middle of anything passes on with all that waits', async (_, leaves) => {
    const { one, other } = await twoTabs()
    for (const moment of MOMENTS.filter((_, index) => index % 3 === 0)) {
      const leader = one.tabs.find(({ engine }) => engine.status.get().isLeader)!
      const follower = one.tabs.find(tab => tab !== leader)!
      const writing = [leader, follower].map((tab, index) => tab.edit([put(`${index}`)]))
      await history.world.pump.drain(moment)
      const left = leaves(one, leader)
      if (leader.state === 'running') await left
      await history.until(() => follower.engine.status.get().isLeader)
      await history.until(() => !one.outbox().length)
      expect(follower.engine.status.get().pendingCount).toBe(0)
      one.thaw(leader)
      await history.world.run(10_000)
      if (leader.state !== 'dead') one.crash(leader)
      await history.world.finish(writing[1]!)
      one.open()
      await everywhere(one, other)
    }
  })
})

/** What a page of another version does: opens the database with a higher version, and lets go of it. */
async function raiseVersion({ disk, databaseName }: SimDevice, version: number): Promise<void> {
  const request = disk.connect().factory.open(databaseName, version)
  await new Promise<void>((resolve, reject) => {
    request.onerror = () => reject(request.error as Error)
    request.onsuccess = () => {
      request.result.close()
      resolve()
    }
  })
}
