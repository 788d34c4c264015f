import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatHlc, hlcNode, UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import type { PushResult } from '#or3-sync/shared/sync/protocol/types'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

interface ForgedEdit { pk: string, title: string, clock: number, hlc: string }

let world: EngineHarness
let ann: TodoEngine
beforeEach(async () => {
  world = await EngineHarness.open()
  ann = world.device('ann')
  await ann.start()
  await ann.db.todos.put({ id: 'a', title: 'first' })
  await ann.whenIdle()
})
afterEach(() => world.close())

/** An editor of the workspace as Ann is, who writes requests by hand. */
async function mallory({ pk, title, clock, hlc }: ForgedEdit): Promise<PushResult['results'][number]> {
  const stamp = { deviceId: 'm', opId: crypto.randomUUID(), hlc, clock }
  const answer = await fetch(`${world.origin}/api/sync/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': 'mallory' },
    body: JSON.stringify({ scope: { workspaceId: 'w1' }, ops: [{ tableName: 'todos', operation: 'put', pk, payload: { id: pk, title }, stamp, base: null }] }),
  })
  const { results } = await answer.json() as PushResult
  return results[0]!
}

const now = (node: string) => formatHlc({ ms: Date.now(), counter: 0, node })
/** The node under which Ann stamps: every change shows it to every member. */
const nodeOfAnn = async () => hlcNode((await ann.db.todos.get('a') as unknown as { hlc: string }).hlc)
const losers = async () => (await ann.conflicts.list()).map(({ local }) => local.row?.title)

describe('F11: what another user can put into a stamp', () => {
  it('is refused where it claims to be a row that an upgrade made, and would beat edits', async () => {
    await ann.stop()
    await ann.db.todos.update('a', { title: 'offline' })
    expect(await mallory({ pk: 'a', title: 'forged', clock: 9, hlc: UPGRADED_HLC })).toMatchObject({ success: false, errorCode: 'VALIDATION_ERROR', error: expect.stringContaining('stamp.clock') as string })
    await ann.start()
    await ann.whenIdle()
    expect((await ann.db.todos.get('a'))?.title).toBe('offline')
  })

  it('hides no edit from a colleague who follows the workspace, nor after a reload', async () => {
    const node = await nodeOfAnn()
    await mallory({ pk: 'b', title: 'forged', clock: 1, hlc: now(node) })
    await mallory({ pk: 'c', title: 'later', clock: 1, hlc: now('mallory0') })
    await until(() => ann.db.todos.get('c'))
    expect((await ann.db.todos.get('b'))?.title).toBe('forged')
    await ann.close()
    ann = world.device('ann', { indexedDB: ann.indexedDB })
    await ann.start()
    await ann.whenIdle()
    expect(await ann.db.todos.toCollection().primaryKeys()).toEqual(['a', 'b', 'c'])
  })

  it.each(['mallory0', 'ann'])('takes no unsent edits from a colleague without a conflict (node of %s)', async (whose) => {
    const node = whose === 'ann' ? await nodeOfAnn() : whose
    world.offline = true
    await ann.db.todos.update('a', { title: 'once' })
    await ann.db.todos.update('a', { title: 'twice' })
    await until(() => ann.status.get(), ({ state }) => state === 'offline')
    await mallory({ pk: 'a', title: 'forged', clock: 9, hlc: now(node) })
    world.offline = false
    await ann.flush()
    await until(() => ann.db.todos.get('a'), row => row?.title === 'forged')
    await ann.whenIdle()
    expect(await losers()).toEqual(['twice'])
  })
})
