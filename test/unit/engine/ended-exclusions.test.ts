import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { asSchema, deviceOf, reloadedWith, started } from '../../support/schema-versions'

interface Note { id: string, body: string, private?: boolean }

const table = { schema: z.object({ id: z.string(), body: z.string(), private: z.boolean().optional() }), primaryKey: 'id' as const }
const asPrivate = { ...table, exclude: (row: Partial<Note>) => row.private === true }
const open = defineSyncSchema({ version: 1, tables: { notes: table } })
const v1 = defineSyncSchema({ version: 1, tables: { notes: asPrivate } })
const dropped = defineSyncSchema({ version: 2, tables: { notes: table } })
const upgraded = defineSyncSchema({ version: 2, tables: { notes: { ...asPrivate, upgradeRow: ({ private: _, ...row }: Record<string, unknown>) => row } } } as never)
const hidden = defineSyncSchema({ version: 2, tables: { notes: { ...asPrivate, upgradeRow: (row: Record<string, unknown>) => ({ ...row, private: true }) } } } as never)

let world: EngineHarness
let ann: TodoEngine
let bob: TodoEngine
/** What a setting of the user keeps here. */
let kept: Set<string>
let roles: Record<string, 'editor' | 'viewer'>
beforeEach(async () => {
  roles = { ann: 'editor' }
  world = await EngineHarness.open({ schema: asSchema(open), roles })
  kept = new Set(['n'])
})
afterEach(() => world.close())

const bySetting = () => defineSyncSchema({ version: 1, tables: { notes: { ...table, exclude: (row: { id: string }) => kept.has(row.id) } } })
const notes = (device: TodoEngine) => device.db.table<Note & { op_id?: string }, string>('notes')
const body = async (device: TodoEngine) => (await notes(device).get('n'))?.body
const losers = async (device: TodoEngine) => (await device.conflicts.list()).map(({ winner, local }) => [winner, local.row?.body])
const setAside = async () => (await ann.db.table('sync_quarantine').toArray() as { pk: string }[]).map(({ pk }) => pk)

async function begin(annSchema: unknown = v1): Promise<void> {
  ann = await started(deviceOf(world, 'ann', annSchema))
  bob = await started(deviceOf(world, 'bob', open))
}

/** Bob's edits, which are set aside where the row is private. */
async function edited(...bodies: string[]): Promise<void> {
  for (const text of bodies) await notes(bob).put({ id: 'n', body: text })
  await bob.whenIdle()
  await ann.rescan()
  await ann.whenIdle()
  expect(await setAside()).toEqual(['n'])
}

/** Both devices hold what bob wrote, and ann's private row is kept as the loser. */
async function expectGivenWay(text: string): Promise<void> {
  await until(() => body(ann), now => now === text)
  expect([await body(bob), await losers(ann), await setAside()]).toEqual([text, [['remote', 'diary']], []])
}

describe('A4: a row that is excluded no more gives way to what others have, and is kept', () => {
  it.each([['exclude is dropped', dropped], ['upgradeRow makes it shared', upgraded]])('the next version: %s', async (_, next) => {
    await begin()
    await notes(ann).put({ id: 'n', body: 'diary', private: true })
    await edited('bob 1', 'bob 2')
    ann = await started(await reloadedWith(world, ann, 'ann', next))
    await expectGivenWay('bob 2')
  })

  it('also below the delete that it sent when it became private, and whatever its own clock says', async () => {
    await begin()
    await notes(ann).put({ id: 'n', body: 'shared' })
    for (let n = 0; n < 9; n++) await notes(ann).put({ id: 'n', body: 'diary', private: true })
    await ann.whenIdle()
    await until(() => notes(bob).count(), count => count === 0)
    await edited('bob 1')
    ann = await started(await reloadedWith(world, ann, 'ann', dropped))
    await expectGivenWay('bob 1')
  })

  it('a setting of the user: with the next start, and when a change comes', async () => {
    await begin(bySetting())
    await notes(ann).put({ id: 'n', body: 'diary' })
    kept.clear()
    await notes(bob).put({ id: 'n', body: 'bob 1' })
    await expectGivenWay('bob 1')
    await ann.conflicts.restore((await ann.conflicts.list())[0]!.id)
    await until(() => body(bob), now => now === 'diary')
  })

  it('the same content is no conflict', async () => {
    await begin(bySetting())
    await notes(ann).put({ id: 'n', body: 'same' })
    await edited('same')
    kept.clear()
    await ann.rescan()
    await until(async () => (await notes(ann).get('n'))?.op_id)
    expect(await losers(ann)).toEqual([])
  })
})

describe('A4: a row that is excluded no more, and that nobody else has, stays until it is written', () => {
  it('through a rescan and a delete of others; then it is sent', async () => {
    await begin(bySetting())
    await notes(ann).put({ id: 'n', body: 'diary' })
    kept.clear()
    await notes(bob).put({ id: 'gone', body: '' })
    await notes(bob).delete('gone')
    await ann.rescan()
    await ann.whenIdle()
    expect([await body(ann), await body(bob)]).toEqual(['diary', undefined])
    await notes(ann).update('n', { body: 'told' })
    await until(() => body(bob), now => now === 'told')
  })

  it('the record is deleted by others', async () => {
    await begin(bySetting())
    await notes(ann).put({ id: 'n', body: 'diary' })
    await edited('bob 1')
    kept.clear()
    await notes(bob).delete('n')
    await until(setAside, pks => !pks.length)
    await ann.rescan()
    await ann.whenIdle()
    expect([await body(ann), await losers(ann), await setAside()]).toEqual(['diary', [], []])
    await notes(ann).update('n', { body: 'told' })
    await until(() => body(bob), now => now === 'told')
  })

  it('the delete that it sent when it became private was refused, and is discarded', async () => {
    await begin(bySetting())
    kept.clear()
    await notes(ann).put({ id: 'n', body: 'shared' })
    await ann.whenIdle()
    kept.add('n')
    roles.ann = 'viewer'
    await notes(ann).put({ id: 'n', body: 'diary' })
    const [refused] = await until(() => ann.queue.failed(), ({ length }) => length === 1)
    kept.clear()
    await ann.queue.discard(refused!.id)
    await expectGivenWay('shared')
  })
})

describe('A4: a row that turned private only when it was to be sent is nobody else\'s, too', () => {
  /** Written while it was shared, and excluded before it could be sent. */
  async function withhold(): Promise<void> {
    world.intercept = async (path, init, send) => {
      if (path === '/push' && !String(init?.body).includes('bob')) throw new TypeError('the network is away')
      return await send()
    }
    await notes(ann).put({ id: 'n', body: 'diary' })
    kept.add('n')
  }

  async function back(): Promise<void> {
    world.intercept = null
    await ann.flush()
    await ann.whenIdle()
  }

  it('never sent: it stays through a rescan when it is excluded no more', async () => {
    kept.clear()
    await begin(bySetting())
    await withhold()
    await back()
    kept.clear()
    await ann.rescan()
    await ann.whenIdle()
    expect([await body(ann), await notes(bob).count()]).toEqual(['diary', 0])
  })

  it('refused, and the edit discarded: it stays through a rescan when it is excluded no more', async () => {
    kept.clear()
    await begin(bySetting())
    roles.ann = 'viewer'
    await notes(ann).put({ id: 'n', body: 'diary' })
    const [refused] = await until(() => ann.queue.failed(), ({ length }) => length === 1)
    kept.add('n')
    await ann.queue.discard(refused!.id)
    roles.ann = 'editor'
    kept.clear()
    await ann.rescan()
    await ann.whenIdle()
    expect([await body(ann), await notes(bob).count()]).toEqual(['diary', 0])
  })

  it.each(['is new', 'was with them before'])('sent, its answer lost: the others have it no more, where it %s', async (how) => {
    kept.clear()
    await begin(bySetting())
    if (how !== 'is new') {
      await notes(ann).put({ id: 'n', body: 'shared' })
      await until(() => body(bob))
    }
    let arrived = false
    world.intercept = async (path, init, send) => {
      if (path !== '/push' || !String(init?.body).includes('diary')) return await send()
      arrived = (await send()).ok
      throw new TypeError('the answer is lost')
    }
    await notes(ann).put({ id: 'n', body: 'diary' })
    await until(() => arrived)
    kept.add('n')
    await back()
    await until(() => notes(bob).count(), count => count === 0)
    expect([await body(ann), await ann.db.table('pending_ops').count(), await losers(bob)]).toEqual(['diary', 0, []])
    kept.clear()
    await notes(bob).put({ id: 'n', body: 'bob 1' })
    await expectGivenWay('bob 1')
  })

  it.each(['its delete is sent', 'its delete loses'])('%s: it gives way to what others have, and is kept', async (how) => {
    kept.clear()
    await begin(bySetting())
    await notes(ann).put({ id: 'n', body: 'shared' })
    await until(() => body(bob))
    await withhold()
    if (how === 'its delete is sent') await back()
    for (const text of ['bob 1', 'bob 2', 'bob 3']) await notes(bob).put({ id: 'n', body: text })
    await bob.whenIdle()
    await back()
    await ann.rescan()
    await ann.whenIdle()
    expect([await body(ann), await body(bob)]).toEqual(['diary', 'bob 3'])
    kept.clear()
    await ann.rescan()
    await until(() => body(ann), now => now === 'bob 3')
    expect((await losers(ann)).filter(([, text]) => text)).toEqual([['remote', 'diary']])
    expect(await setAside()).toEqual([])
  })

  it('held back: it gives way to what others have, and is kept', async () => {
    kept.clear()
    await begin(defineSyncSchema({ version: 1, tables: { notes: { ...table, capture: () => false, exclude: (row: { id: string }) => kept.has(row.id) } } }))
    await notes(ann).put({ id: 'n', body: 'diary' })
    await ann.whenIdle()
    kept.add('n')
    await notes(bob).put({ id: 'n', body: 'bob 1' })
    await until(setAside, pks => pks.length === 1)
    kept.clear()
    await ann.rescan()
    await expectGivenWay('bob 1')
  })

  it('by an upgrade, while theirs waited for the answer to its push: that is set aside for it', async () => {
    await begin()
    await withhold()
    await notes(bob).put({ id: 'n', body: 'bob 1' })
    await until(setAside, pks => pks.length === 1)
    world.intercept = null
    ann = await started(await reloadedWith(world, ann, 'ann', hidden))
    await until(() => ann.db.table('sync_quarantine').toArray() as Promise<{ reason: string }[]>, ([record]) => record?.reason === 'excluded')
    expect([await body(ann), await body(bob), await ann.db.table('pending_ops').count()]).toEqual(['diary', 'bob 1', 0])
  })
})
