import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseHlc } from '#or3-sync/shared/sync/protocol/hlc'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** Two edits and a delete: the tombstone is at clock 3, above any new create. */
async function writeAndDelete(device: TodoEngine, id: string): Promise<void> {
  await device.db.notes.put({ id })
  await device.db.notes.put({ id, body: 'first' })
  await device.db.notes.delete(id)
}

/** Resolves once the wall clock has passed the delete: whatever is written then is later than it. */
async function passed(device: TodoEngine, id: string): Promise<void> {
  const tombstone = await device.db.table<{ hlc: string }, [string, string]>('tombstones').get(['notes', id])
  const deletedAt = parseHlc(tombstone!.hlc)!.ms
  await until(() => Date.now() > deletedAt)
}

async function expectSent(from: TodoEngine, to: TodoEngine, id: string): Promise<void> {
  await from.db.notes.update(id, { draft: false })
  await from.whenIdle()
  expect(await until(() => to.db.notes.get(id))).toMatchObject({ body: 'mine' })
  expect(await from.db.notes.get(id)).toMatchObject({ body: 'mine' })
}

describe('a held create under a key that was deleted before', () => {
  it('stays, and is sent when released, where the delete came before the first sync', async () => {
    const bob = world.device('bob')
    await bob.start()
    await writeAndDelete(bob, 'n')
    await bob.whenIdle()
    await passed(bob, 'n')
    const ann = world.device('ann')
    await ann.db.notes.put({ id: 'n', draft: true, body: 'mine' })
    await ann.start()
    await ann.whenIdle()
    await ann.db.todos.put({ id: 'z', title: 'z' })
    await ann.whenIdle()
    expect(await ann.db.notes.get('n')).toMatchObject({ body: 'mine' })
    await expectSent(ann, bob, 'n')
  })

  it('stays, and is sent when released, where the delete arrives live', async () => {
    const ann = world.device('ann')
    const bob = world.device('bob')
    for (const device of [ann, bob]) {
      await device.start()
      await device.whenIdle()
    }
    await bob.stop()
    await writeAndDelete(bob, 'n')
    await passed(bob, 'n')
    await ann.db.notes.put({ id: 'n', draft: true, body: 'mine' })
    await ann.whenIdle()
    await bob.start()
    await bob.whenIdle()
    await until(() => ann.status.get().cursor, cursor => cursor >= 1)
    await ann.whenIdle()
    expect(await ann.db.notes.get('n')).toMatchObject({ body: 'mine' })
    await expectSent(ann, bob, 'n')
  })
})
