import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wireOp } from '../../../src/testing/contract/make-op'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

/** An edit in the dead letter, with a remote one beside it that is higher than whatever mends it. */
async function refusedAndOvertaken(): Promise<TodoEngine> {
  const ann = world.device('ann')
  await ann.start()
  await ann.whenIdle()
  await ann.db.todos.put({ id: 'x', title: 5 as unknown as string })
  await until(async () => (await ann.queue.failed()).length)
  await world.provider('bob').push({ scope: { workspaceId: 'w1' }, ops: [wireOp({ pk: 'x', clock: 9, device: 'bob', payload: { id: 'x', title: 'theirs' } })] })
  await until(async () => (await ann.queue.exportFailed())[0]?.remote)
  return ann
}

describe('an edit that mends a refused one which a remote edit has overtaken', () => {
  it('loses to the remote edit, once, and is kept as a conflict', async () => {
    const ann = await refusedAndOvertaken()
    world.requests = []
    await ann.db.todos.put({ id: 'x', title: 'mended' })
    await until(async () => (await ann.db.todos.get('x'))?.title, title => title === 'theirs')
    await ann.whenIdle()
    expect(world.requests.filter(path => path === '/push')).toHaveLength(1)
    expect([await ann.queue.failed(), await ann.queue.pending()]).toEqual([[], []])
    expect(await ann.conflicts.list()).toMatchObject([{ winner: 'remote', local: { row: { title: 'mended' } }, remote: { row: { title: 'theirs' } } }])
  })

  it('and so does a delete', async () => {
    const ann = await refusedAndOvertaken()
    await ann.db.todos.delete('x')
    expect(await until(async () => (await ann.db.todos.get('x'))?.title, title => title === 'theirs')).toBe('theirs')
    await ann.whenIdle()
    expect([await ann.queue.failed(), await ann.queue.pending()]).toEqual([[], []])
  })
})
