import type { Transaction } from 'dexie'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { SyncSchema } from 'or3-sync/schema'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import { nextSchema } from '../../../src/testing/simulation/sim-schema'
import { appVersion, History, put, remove, shown } from '../../support/history'

let history: History
beforeEach(() => { history = new History() })
afterEach(() => history.close())

const draft = { tableName: 'drafts' } as const
const both = (version: number) => appVersion(version, ['items', 'drafts'])
const itemsOnly = (version: number) => appVersion(version, ['items'])

describe('a table added, dropped and added again', () => {
  it('has what others wrote and deleted in between', async () => {
    const [one, two] = [history.device('ann'), history.device('bob')]
    const a = one.open()
    two.open({ schema: itemsOnly(1) })
    await history.edit(a, put('a', draft), put('b', draft), put('c'))
    await history.rest()
    expect(shown(two)).toEqual(['items/c:e3'])
    await history.reopen(two, both(2))
    await history.rest()
    expect(shown(two)).toEqual(shown(one))
    await history.reopen(two, itemsOnly(3))
    await history.edit(a, put('a', draft), remove('b', draft), put('d', draft), put('c'))
    await history.rest()
    await history.reopen(two, both(4))
    await history.rest()
    expect(shown(two)).toEqual(['drafts/a:e4', 'drafts/d:e6', 'items/c:e7'])
  })

  it.each([['under another epoch', true], ['as it seems from its version alone', false]])('is not swept when the store was restored in between, %s: what the store has lost goes there again', async (_, announced) => {
    const [one] = [history.device('ann')]
    const restore = history.world.backUp()!
    await history.edit(one.open({ schema: both(1) }), put('a', draft), put('c'))
    await history.rest()
    await history.reopen(one, itemsOnly(2))
    await history.level(one)
    await history.world.finish(restore(announced))
    await history.until(() => history.world.oracle.applied === 3)
    await history.reopen(one, both(3))
    await history.rest()
    expect(shown(one)).toEqual(['drafts/a:e1', 'items/c:e2'])
    expect(history.world.oracle.applied).toBe(4)
  })

  it('loses none of the edits that were waiting in it, and meets what others did meanwhile', async () => {
    const [one, two] = [history.device('ann'), history.device('bob')]
    const [a, b] = [one.open({ schema: both(1) }), two.open()]
    await history.edit(a, put('old', draft), put('gone', draft), put('met', draft))
    await history.rest()
    one.setOnline(false)
    await history.edit(a, put('old', draft), put('new', draft), remove('gone', draft), put('met', draft), put('kept', { ...draft, hold: true }))
    await history.reopen(one, itemsOnly(2))
    one.setOnline(true)
    await history.edit(b, put('met', draft), put('met', draft))
    await history.until(() => history.world.oracle.applied === 4 && one.position() === history.world.oracle.version('w1'))
    expect(one.outbox().flatMap(({ ops }) => ops.map(({ pk }) => pk)).sort()).toEqual(['gone', 'kept', 'met', 'new', 'old'])
    await history.reopen(one, both(3))
    await history.rest()
    expect(shown(one)).toEqual(['drafts/kept:e8', 'drafts/met:e10', 'drafts/new:e5', 'drafts/old:e4'])
    expect(shown(two)).toEqual(['drafts/met:e10', 'drafts/new:e5', 'drafts/old:e4'])
    expect(one.conflicts().map(({ pk, winner }) => `${pk} ${winner}`)).toEqual(['met remote'])
  })

  it('keeps the refused edits of it, to be retried when it is back', async () => {
    const [one] = [history.device('ann')]
    const a = one.open({ schema: appVersion(1, ['items', 'drafts'], { drafts: { maxBytes: 1 } }) })
    await history.edit(a, put('a', draft))
    await history.until(() => one.outbox()[0]?.status === 'failed')
    await history.reopen(one, itemsOnly(2))
    await history.level(one)
    const again = await history.reopen(one, both(3))
    await history.level(one)
    expect(shown(one)).toEqual(['drafts/a:e1'])
    await history.world.finish(again.engine.queue.retry())
    await history.rest()
    expect(history.world.oracle.applied).toBe(1)
  })
})

describe('a table that is gone for good', () => {
  it('can be cleared by a step of the version that drops it', async () => {
    const [one] = [history.device('ann')]
    await history.edit(one.open(), put('a', draft), put('b'))
    await history.rest()
    const upgrade = (tx: unknown) => (tx as Transaction).table('drafts').clear()
    await history.reopen(one, { ...itemsOnly(2), steps: [{ version: 2, upgrade }] })
    await history.level(one)
    expect(shown(one)).toEqual(['items/b:e2'])
  })
})

describe('a stricter schema', () => {
  it('sets aside what it refuses; a laxer one later shows it, whatever was edited meanwhile', async () => {
    const [one, two] = [history.device('ann'), history.device('bob')]
    const a = one.open()
    const row = z.object({ id: z.string(), edit: z.string().regex(/^e[12]$/), parent: z.string().nullable() })
    two.open({ schema: appVersion(1, ['items', 'drafts'], { items: { schema: row as never } }) })
    await history.edit(a, put('a'), put('b'))
    await history.rest()
    await history.edit(a, put('a'), put('c'))
    await history.level(one, two)
    await history.edit(a, remove('b'), put('a'))
    await history.level(one, two)
    expect(shown(two)).toEqual(['items/a:e1'])
    expect(two.quarantine().map(({ pk, change }) => `${pk}:${String(change.payload?.edit)}`).sort()).toEqual(['a:e6', 'c:e4'])
    await history.reopen(two, both(2))
    await history.rest()
    expect(shown(two)).toEqual(['items/a:e6', 'items/c:e4'])
    expect(two.quarantine()).toEqual([])
  })
})

describe('rows that a step made', () => {
  it('go to a restored store that has lost them once their user may write, though a viewer met the loss', async () => {
    const { world } = history
    const [one] = [history.device('ann')]
    const restore = world.backUp()!
    one.open()
    await history.rest()
    await history.reopen(one, nextSchema as unknown as SyncSchema)
    await history.rest()
    world.members.set('ann', 'w1', 'viewer')
    one.hearRole('viewer')
    await world.finish(restore())
    await world.run(120_000)
    expect([world.oracle.applied, one.unsentTables()]).toEqual([2, ['extras']])
    world.members.set('ann', 'w1', 'editor')
    one.hearRole('editor')
    await history.rest()
    expect([world.oracle.applied, one.unsentTables()]).toEqual([4, []])
  })
})

describe('an old tab', () => {
  it('beside one with a newer schema gives the lead to it, so that the tables it does not know are synced', async () => {
    const [one, two] = [history.device('ann'), history.device('bob')]
    const [old] = [one.open({ schema: itemsOnly(1) }), two.open()]
    await history.rest()
    const newer = one.open({ schema: both(2) })
    await history.edit(newer, put('a', draft))
    await history.edit(old, put('b'))
    await history.rest()
    expect([old, newer].map(tab => tab.engine.status.get().isLeader)).toEqual([false, true])
    expect(shown(two)).toEqual(['drafts/a:e1', 'items/b:e2'])
    await history.world.finish(one.close(newer))
    await history.edit(old, put('b'))
    await history.until(() => shown(two).includes('items/b:e3'))
  })
})

describe('without Web Locks, a table that only a newer tab has', () => {
  it('goes to a restored store again, where the older tab met the loss, and the newer one had not fetched it yet', async () => {
    const one = history.world.device({ userId: 'ann', hasLocks: false })
    one.open({ schema: itemsOnly(1) })
    await history.rest()
    const restore = history.world.backUp()!
    const newer = one.open({ schema: both(2) })
    newer.provider.pull = () => Promise.reject(new Error('no pull yet'))
    await history.edit(newer, put('a', draft))
    await history.until(() => history.world.oracle.applied === 1 && one.outbox().length === 0)
    one.crash(newer)
    await history.world.finish(restore())
    await history.until(() => history.world.lines.some(line => line.endsWith('d1.1 rescans: epoch')) && !one.bootstrap())
    await history.reopen(one, both(2))
    await history.rest()
    expect([shown(one), history.world.oracle.applied]).toEqual([['drafts/a:e1'], 2])
  })
})

describe('without Web Locks, a tab that closes while it fetches a table which an older tab beside it lacks', () => {
  it('misses nothing that the older one has passed meanwhile, when it is opened again', async () => {
    const [one, two] = [history.world.device({ userId: 'ann', hasLocks: false }), history.device('bob')]
    const [, b] = [one.open({ schema: itemsOnly(1) }), two.open()]
    await history.edit(b, ...Array.from({ length: 150 }, (_, index) => put(`old${index}`, draft)))
    await history.rest()
    const newer = one.open({ schema: both(2) })
    await history.until(() => one.bootstrap()?.pulled === 100)
    one.crash(newer)
    await history.edit(b, put('new', draft), put('b'))
    await history.until(() => shown(one).includes('items/b:e152'))
    one.open({ schema: both(2) })
    await history.rest()
    expect(shown(one)).toContain('drafts/new:e151')
  })
})

describe('a newer engine beside an old tab', () => {
  it('finds nothing written by it any more, and gets the lead; the old tab says that it has to be reloaded', async () => {
    const [one, two] = [history.device('ann'), history.device('bob')]
    const [a, b] = [one.open(), two.open()]
    await history.edit(a, put('a'))
    await history.rest()
    one.setOnline(false)
    await history.edit(a, put('b'))
    const before = { records: one.records(), outbox: one.outbox(), cursor: one.cursor() }
    await history.world.finish(raiseFormat(one))
    one.setOnline(true)
    await history.edit(b, put('a'))
    await history.world.run(60_000)
    expect(a.engine.status.get()).toMatchObject({ state: 'error', isLeader: false, error: { code: 'NEWER_DATABASE', message: expect.stringMatching(/reload/) } })
    expect(a.engine.isRunning()).toBe(false)
    expect(await history.edit(a, put('c'))).toBe(false)
    await expect(history.world.finish(a.engine.queue.discard('whatever'))).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
    expect({ records: one.records(), outbox: one.outbox(), cursor: one.cursor() }).toEqual(before)
    expect(history.world.oracle.applied).toBe(2)
    await history.world.finish(leadIsFree(one))
  })
})

/** What a newer version of the package does: it raises the database's version, and notes its format. */
async function raiseFormat({ disk, databaseName }: SimDevice): Promise<void> {
  const { factory } = disk.connect()
  await new Promise<void>((resolve, reject) => {
    const request = factory.open(databaseName, 1_990)
    request.onerror = () => reject(request.error as Error)
    request.onupgradeneeded = () => {
      const state = request.transaction!.objectStore('sync_state')
      state.get('device').onsuccess = ({ target }) => state.put({ ...(target as IDBRequest<object>).result, format: 99 })
    }
    request.onsuccess = () => {
      request.result.close()
      resolve()
    }
  })
}

async function leadIsFree(device: SimDevice): Promise<void> {
  const { deviceId } = device.disk.read<{ id: string, deviceId: string }>(device.databaseName, 'sync_state').find(({ id }) => id === 'device')!
  await device.locks.for({ name: 'newer', state: 'running' }).request(`or3-sync:${device.databaseName}:${deviceId}`, {}, async () => {})
}
