import type { Transaction } from 'dexie'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryBackend } from 'or3-sync/server'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import { EngineHarness, until, type TodoEngine } from '../../../support/engine-harness'
import { asSchema, deviceOf, reloadedWith, started } from '../../../support/schema-versions'

const row = z.object({ id: z.string(), text: z.string(), draft: z.boolean().optional(), private: z.boolean().optional() })
const table = { schema: row, primaryKey: 'id' as const }
const kept = { ...table, capture: (row: { draft?: boolean }) => !row.draft, exclude: (row: { private?: boolean }) => row.private === true }
const v1 = defineSyncSchema({ version: 1, tables: { old: table, notes: kept } })
type Step = (tx: Transaction) => unknown
const v2with = (step: Step) => defineSyncSchema({ version: 2, tables: { old: table, notes: kept }, steps: [{ version: 2, upgrade: tx => step(tx as Transaction) as PromiseLike<unknown> }] })
/** Copies whole rows, engine columns and all: what people write. */
const copyAll: Step = async tx => tx.table('notes').bulkPut(await tx.table('old').toArray())

let world: EngineHarness
let backend: ReturnType<typeof memoryBackend>
beforeEach(async () => {
  backend = memoryBackend()
  world = await EngineHarness.open({ schema: asSchema(v1), backend, roles: { eve: 'viewer' } })
})
afterEach(() => world.close())

const notesOf = (device: TodoEngine) => device.db.table('notes').toArray()
const withOldRows = async (user: string, ...ids: string[]) => {
  const device = await started(deviceOf(world, user, v1))
  await device.db.table('old').bulkPut(ids.map(id => ({ id, text: `of ${id}` })))
  await device.whenIdle()
  return device
}

describe('F4: rows that a step creates', () => {
  it('in another table are sent, and stay', async () => {
    const device = await started(await reloadedWith(world, await withOldRows('ann', 'a', 'b'), 'ann', v2with(copyAll)))
    await device.rescan()
    await device.whenIdle()
    const other = await started(deviceOf(world, 'bob', v1))
    expect((await notesOf(device)).map(({ id, text }) => [id, text])).toEqual([['a', 'of a'], ['b', 'of b']])
    expect(await notesOf(other)).toEqual(await notesOf(device))
  })

  it('in a new table are sent, and stay when that is fetched for the first time', async () => {
    const old = await withOldRows('ann', 'a', 'b')
    await world.close()
    const v2 = defineSyncSchema({ version: 2, tables: { old: table, notes: kept, copies: table }, steps: [{ version: 2, upgrade: async (tx) => {
      const step = tx as Transaction
      await step.table('copies').bulkPut(await step.table('old').toArray())
    } }] })
    world = await EngineHarness.open({ schema: asSchema(v2), backend })
    const device = await started(deviceOf(world, 'ann', v2, { indexedDB: old.indexedDB }))
    const other = await started(deviceOf(world, 'bob', v2))
    expect((await device.db.table('copies').toArray()).map(({ text }) => text as string)).toEqual(['of a', 'of b'])
    expect(await other.db.table('copies').toArray()).toEqual(await device.db.table('copies').toArray())
  })

  it('in their own table are sent, and stay', async () => {
    const copy: Step = async tx => tx.table('old').bulkPut((await tx.table('old').toArray()).map(row => ({ ...row, id: `copy of ${row.id}` })))
    const device = await started(await reloadedWith(world, await withOldRows('ann', 'a'), 'ann', v2with(copy)))
    await device.rescan()
    await device.whenIdle()
    const other = await started(deviceOf(world, 'bob', v1))
    expect((await other.db.table('old').toArray()).map(({ id }) => id)).toEqual(['a', 'copy of a'])
    expect(await device.db.table('old').count()).toBe(2)
  })

  it('are one revision, however many devices make them', async () => {
    const ann = await withOldRows('ann', 'a', 'b')
    const bob = await started(deviceOf(world, 'bob', v1))
    // The same row, its fields in another order.
    await bob.stop()
    const reversed: Step = async tx => tx.table('notes').bulkPut((await tx.table('old').toArray()).map(({ text, id }) => ({ text, id })))
    const devices = [await reloadedWith(world, ann, 'ann', v2with(copyAll)), await reloadedWith(world, bob, 'bob', v2with(reversed))]
    const before = await backend.latestVersion('w1')
    for (const device of devices) await started(device)
    expect(await backend.latestVersion('w1')).toBe(before + 2)
    expect(await notesOf(devices[0]!)).toEqual(await notesOf(devices[1]!))
    expect((await notesOf(devices[0]!)).map(({ clock, hlc }) => [clock, hlc])).toEqual([[1, UPGRADED_HLC], [1, UPGRADED_HLC]])
    for (const device of devices) expect([await device.queue.pending(), await device.queue.failed(), await device.conflicts.list()]).toEqual([[], [], []])
  })

  it.each(['edit', 'delete'] as const)('give way to an %s of anybody, without a conflict', async (what) => {
    const bob = await started(deviceOf(world, 'bob', v1))
    await bob.db.table('notes').put({ id: 'a', text: 'written' })
    await bob.whenIdle()
    if (what === 'delete') await bob.db.table('notes').delete('a')
    await bob.whenIdle()
    const old = deviceOf(world, 'ann', v1)
    await old.db.table('old').put({ id: 'a', text: 'of a' })
    const device = await started(await reloadedWith(world, old, 'ann', v2with(copyAll)))
    expect((await notesOf(device)).map(({ text }) => text)).toEqual(what === 'edit' ? ['written'] : [])
    expect([await device.conflicts.list(), await bob.conflicts.list(), await device.queue.pending()]).toEqual([[], [], []])
    expect((await notesOf(bob)).map(({ text }) => text)).toEqual(what === 'edit' ? ['written'] : [])
  })

  it('give way although they were refused', async () => {
    const old = deviceOf(world, 'ann', v1)
    await old.db.table('old').put({ id: 'a', text: 'of a' })
    const device = await started(await reloadedWith(world, old, 'ann', v2with(tx => tx.table('notes').put({ id: 'a' }))))
    expect(await device.queue.failed()).toMatchObject([{ tableName: 'notes', pk: 'a' }])
    const bob = await started(deviceOf(world, 'bob', v1))
    await bob.db.table('notes').put({ id: 'a', text: 'written' })
    await bob.whenIdle()
    await device.rescan()
    await device.whenIdle()
    expect([await notesOf(device), await device.queue.failed()]).toMatchObject([[{ text: 'written' }], []])
  })

  it('do not bring back what was deleted here', async () => {
    const old = await withOldRows('ann', 'a', 'b')
    await old.db.table('notes').put({ id: 'a', text: 'x' })
    await old.db.table('notes').delete('a')
    await old.whenIdle()
    // Before the store has said a word.
    const device = await reloadedWith(world, old, 'ann', v2with(copyAll))
    expect((await notesOf(device)).map(({ id }) => id)).toEqual(['b'])
    expect((await device.queue.pending()).map(({ pk }) => pk)).toEqual(['b'])
  })

  it('are known rows where they stand in the place of such: these keep the revision that they had, and nothing is sent', async () => {
    const old = await withOldRows('ann', 'a', 'b')
    await old.db.table('notes').bulkPut([{ id: 'a', text: 'note' }, { id: 'b', text: 'note', private: true }])
    await old.whenIdle()
    const before = await notesOf(old)
    const version = await backend.latestVersion('w1')
    const device = await started(await reloadedWith(world, old, 'ann', v2with(copyAll)))
    const columns = ({ clock, hlc, op_id }: Record<string, unknown>) => [clock, hlc, op_id]
    expect((await notesOf(device)).map(columns)).toEqual(before.map(columns))
    expect(await backend.latestVersion('w1')).toBe(version)
  })

  it('keep the revision of rows that the step took out and put back', async () => {
    const old = await withOldRows('ann', 'a')
    const [before] = await old.db.table('old').toArray()
    const rewrite: Step = async (tx) => {
      const rows = await tx.table('old').toArray()
      await tx.table('old').clear()
      await tx.table('old').bulkPut(rows.map(({ id, text }) => ({ id, text })))
    }
    const device = await started(await reloadedWith(world, old, 'ann', v2with(rewrite)))
    expect(await device.db.table('old').toArray()).toEqual([before])
  })

  it('are held or kept here where the table says so', async () => {
    const old = deviceOf(world, 'ann', v1)
    await old.db.open()
    const make: Step = tx => tx.table('notes').bulkPut([{ id: 'draft', text: 'x', draft: true }, { id: 'private', text: 'x', private: true }, { id: 'plain', text: 'x' }])
    const device = await reloadedWith(world, old, 'ann', v2with(make))
    expect((await device.db.table('pending_ops').toArray()).map(({ status, ops }) => [status, ops[0].pk])).toEqual([['pending', 'plain'], ['held', 'draft']])
    await started(device)
    const other = await started(deviceOf(world, 'bob', v1))
    expect((await notesOf(other)).map(({ id }) => id)).toEqual(['plain'])
  })

  it('are not queued by a viewer, and stay with them through a rescan', async () => {
    const old = await started(deviceOf(world, 'eve', v1))
    const device = await reloadedWith(world, old, 'eve', v2with(tx => tx.table('notes').put({ id: 'a', text: 'x' })))
    device.setRole('viewer')
    await started(device)
    await device.rescan()
    await device.whenIdle()
    expect([await device.queue.pending(), await device.queue.failed()]).toEqual([[], []])
    expect(await notesOf(device)).toMatchObject([{ id: 'a', clock: 1, hlc: UPGRADED_HLC }])
  })

  it('are sent once a viewer may write', async () => {
    const old = await started(deviceOf(world, 'ann', v1))
    const device = await reloadedWith(world, old, 'ann', v2with(tx => tx.table('notes').put({ id: 'a', text: 'x' })))
    device.setRole('viewer')
    await started(device)
    expect(await backend.latestVersion('w1')).toBe(0)
    device.setRole('editor')
    await until(() => backend.latestVersion('w1'), version => version === 1)
    const other = await started(deviceOf(world, 'bob', v1))
    expect(await notesOf(other)).toEqual(await notesOf(device))
  })

  it('go to the store again at a rescan where the store lacks them, and go when it knows that they were deleted', async () => {
    const device = await started(await reloadedWith(world, await withOldRows('ann', 'a'), 'ann', v2with(copyAll)))
    const bob = await started(deviceOf(world, 'bob', v1))
    await device.stop()
    await bob.db.table('notes').delete('a')
    await bob.whenIdle()
    // Away for so long that the tombstone has left the feed.
    await backend.gc({ now: Date.now() + 90 * 86_400_000, retentionMs: 1, cursorExpiryMs: 1 })
    await started(device)
    await device.whenIdle()
    expect([await notesOf(device), await device.queue.pending(), await device.queue.failed()]).toEqual([[], [], []])
  })

  it('keep their stamp when the store says that the clock is wrong', async () => {
    const old = deviceOf(world, 'ann', v1)
    await old.db.open()
    let refusals = 0
    world.intercept = async (path, init, send) => {
      const answer = await send()
      if (path !== '/push' || refusals++ > 0) return answer
      const { results, ...reply } = await answer.json() as { results: { opId: string }[] }
      return new Response(JSON.stringify({ ...reply, results: results.map(({ opId }) => ({ opId, success: false, errorCode: 'CLOCK_SKEW', error: 'no' })) }), { status: 200, headers: answer.headers })
    }
    const device = await started(await reloadedWith(world, old, 'ann', v2with(tx => tx.table('notes').put({ id: 'a', text: 'x' }))))
    expect(refusals).toBeGreaterThan(0)
    expect(await notesOf(device)).toMatchObject([{ clock: 1, hlc: UPGRADED_HLC }])
  })

  it.each(['queued', 'queued again for a restored store'])('do not let the clock go back, nor does an old revision that is %s: what was issued before still counts', async (how) => {
    const old = deviceOf(world, 'ann', v1)
    await old.db.table('old').put({ id: 'a', text: 'x' })
    const [{ hlc }] = await old.db.table('old').toArray() as [{ hlc: string }]
    if (how !== 'queued') {
      const lost = { pk: 'z', op: 'put', clock: 1, hlc: '000000001:0000:node0000', opId: '00000000-0000-4000-8000-000000000000', requeued: true }
      await old.db.table('pending_ops').add({ tableName: 'old', status: 'pending', createdAt: 1, ops: [lost] })
    }
    const clock = { now: () => 1_000, setTimeout: () => 0, clearTimeout: () => {} }
    const device = await reloadedWith(world, old, 'ann', how === 'queued' ? v2with(copyAll) : v1, { environment: { clock } })
    await device.db.table('old').put({ id: 'b', text: 'x' })
    const later = await device.db.table('old').get('b') as { hlc: string }
    expect(later.hlc > hlc).toBe(true)
  })

  it('stay here, reported, where they cannot be anybody else\'s', async () => {
    const old = deviceOf(world, 'ann', v1)
    await old.db.open()
    const device = await reloadedWith(world, old, 'ann', v2with(tx => tx.table('notes').put({ id: 'a', text: new Map() })))
    const reports: string[] = []
    device.hooks.addAction('sync.error:action', ({ error }) => { reports.push(error.message) })
    await started(device)
    expect(reports).toEqual(['1 row of table "notes" could not be upgraded, the first is "a": a step has created it, and it cannot be synced: notes.text is a Map; rows may hold JSON values, Date, bigint, Uint8Array and ArrayBuffer'])
    expect(await device.queue.pending()).toEqual([])
  })
})
