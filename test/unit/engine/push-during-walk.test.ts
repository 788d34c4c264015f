import { afterEach, beforeEach, expect, describe, it } from 'vitest'
import type { PendingOp } from 'or3-sync/client'
import { wireOp } from '../../../src/testing/contract/make-op'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** Another member writes, without a device. */
async function bobWrites(op: PendingOp): Promise<void> {
  const bob = world.provider('bob')
  await bob.push({ scope: { workspaceId: 'w1' }, ops: [op] })
}

/** Resolves once the last page of a walk is applied, and whatever could follow without a further answer has followed. */
async function lastPageApplied(device: TodoEngine, hook: 'sync.bootstrap:action:progress' | 'sync.rescan:action:progress'): Promise<void> {
  await new Promise<void>((resolve) => { device.hooks.addAction(hook, () => resolve()) })
  for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
}

describe('a push that is under way during a walk over everything', () => {
  it('is waited for: what it brought may have been deleted before the walk began', async () => {
    const ann = world.device('ann')
    await ann.db.todos.put({ id: 'x', title: 'mine' })
    const row = await ann.db.todos.get('x') as unknown as { clock: number, hlc: string }
    let isSent = false
    let isDeleted = false
    const walked = lastPageApplied(ann, 'sync.bootstrap:action:progress')
    world.intercept = async (path, _, send) => {
      if (path === '/push' && !isSent) {
        isSent = true
        const answer = await send()
        await bobWrites(wireOp({ pk: 'x', op: 'delete', clock: row.clock + 1, device: 'bob', base: { clock: row.clock, hlc: row.hlc } }))
        isDeleted = true
        await walked
        return answer
      }
      if (path === '/pull') await until(() => isDeleted)
      return await send()
    }
    await ann.start()
    await ann.whenIdle()
    expect(await until(async () => await ann.db.todos.get('x') ?? null, found => found === null)).toBeNull()
  })

  it.each([
    // Theirs is shown with the level step that reaches it. Until then the edit that lost to it keeps the row.
    { answer: 'another row has won', isBeaten: true, title: 'theirs', kept: [{ winner: 'remote', local: { row: { title: 'mine' } } }] },
    { answer: 'the edit is stored', isBeaten: false, title: 'mine', kept: [] },
  ])('is answered that $answer: a rescan does not take the row for missing', async ({ isBeaten, title, kept }) => {
    const ann = world.device('ann')
    await ann.start()
    await ann.whenIdle()
    let isRescanned = false
    let seen: string | undefined
    ann.hooks.addAction('sync.rescan:action:completed', () => { isRescanned = true })
    const walked = lastPageApplied(ann, 'sync.rescan:action:progress')
    let pulls = 0
    world.intercept = async (path, init, send) => {
      const isAnns = path === '/push' && String(init?.body).includes('mine')
      if (isAnns && !isRescanned) {
        ann.rescan()
        await walked
        if (isBeaten) await bobWrites(wireOp({ pk: 'x', clock: 5, device: 'bob', payload: { id: 'x', title: 'theirs' } }))
      }
      // What comes after the walk is not to mend anything before it was looked at.
      if (path === '/pull' && ++pulls > 1) {
        await until(() => isRescanned)
        seen ??= (await ann.db.todos.get('x'))?.title ?? 'nothing'
      }
      return await send()
    }
    await ann.db.todos.put({ id: 'x', title: 'mine' })
    await until(() => seen)
    expect(seen).toBe('mine')
    await ann.whenIdle()
    expect((await ann.db.todos.get('x'))?.title).toBe(title)
    expect(await ann.conflicts.list()).toMatchObject(kept)
  })
})
