import { beforeEach, describe, expect, it } from 'vitest'
import { defineSyncFunctions } from 'or3-sync/convex'
import { encodeRow } from '#or3-sync/shared/sync/rows/encode-row'
import type { OpOptions } from '../../src/testing/contract/make-op'
import { syncSchema } from './support/deployment/sync-schema'
import { api, openDeployment } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'
import { wireOp } from './support/wire-op'

describe('a table of the app\'s own that follows a synced one', () => {
  let deployment: TestDeployment
  beforeEach(async () => { deployment = await openDeployment() })

  const push = (ops: OpOptions[], who = 'ada', workspaceId = 'w1') =>
    deployment.withIdentity({ subject: who }).mutation(api.sync.push, { workspaceId, ops: ops.map(op => wireOp({ table: 'tasks', ...op })) })
  const tasks = () => deployment.run(async ({ db }) => (await db.query('tasks').collect()).map(({ _id, _creationTime, ...fields }) => fields))

  it('has the row\'s decoded fields under their local names, and its workspace', async () => {
    const due = new Date(1_760_000_000_000)
    const { payload } = encodeRow({ id: 'a', title: 'short', due_at: due, size: 2n ** 40n, picture: Uint8Array.of(1, 2, 255) })
    await push([{ pk: 'a', payload }])
    expect(await tasks()).toEqual([{ workspace_id: 'w1', id: 'a', title: 'short', dueAt: due.getTime(), size: 2n ** 40n, picture: Uint8Array.of(1, 2, 255).buffer }])
  })

  it('is replaced by a newer put, left by an older one, and deleted by a delete', async () => {
    await push([{ pk: 'a', payload: { id: 'a', title: 'short', due_at: { $date: 5 } } }, { pk: 'b', payload: { id: 'b', title: 'short' } }])
    await push([{ pk: 'a', clock: 3, payload: { id: 'a', title: 'shorter' } }, { pk: 'b', op: 'delete', clock: 2 }])
    await push([{ pk: 'a', clock: 2, payload: { id: 'a', title: 'short' } }, { pk: 'b', clock: 1, payload: { id: 'b', title: 'short' } }], 'bob')
    expect(await tasks()).toEqual([{ workspace_id: 'w1', id: 'a', title: 'shorter' }])
  })

  it('keeps workspaces apart: another one\'s row of the same key is another row', async () => {
    await push([{ pk: 'a', payload: { id: 'a', title: 'short' } }])
    await push([{ pk: 'a', clock: 9, payload: { id: 'a', title: 'shorter', workspace_id: 'w1' } }], 'eve', 'w3')
    await push([{ pk: 'a', op: 'delete', clock: 10 }], 'eve', 'w3')
    expect(await tasks()).toEqual([{ workspace_id: 'w1', id: 'a', title: 'short' }])
  })

  it('pitfall 28: a row it does not take is refused alone, with a reason, and its neighbours go through', async () => {
    await push([{ pk: 'b', payload: { id: 'b', title: 'short' } }])
    const { results, serverVersion } = await push([
      { pk: 'a', payload: { id: 'a', title: 'short' } },
      { pk: 'b', clock: 2, payload: { id: 'b', title: 'much too long' } },
      { pk: 'c', payload: { id: 'c', title: 'short', unknown: true } },
      { pk: 'd', payload: { id: 'd', title: 'shorter' } },
    ])
    expect(results).toMatchObject([
      { success: true, applied: true, serverVersion: 2 },
      { success: false, errorCode: 'VALIDATION_ERROR', error: 'payload: the Convex table "tasks" does not take this row', current: { serverVersion: 1, payload: '{"id":"b","title":"short"}' } },
      { success: false, errorCode: 'VALIDATION_ERROR' },
      { success: true, applied: true, serverVersion: 3 },
    ])
    expect(serverVersion).toBe(3)
    expect(await tasks()).toEqual([{ workspace_id: 'w1', id: 'b', title: 'short' }, { workspace_id: 'w1', id: 'a', title: 'short' }, { workspace_id: 'w1', id: 'd', title: 'shorter' }])
    const { changes } = await deployment.withIdentity({ subject: 'ada' }).query(api.sync.pull, { workspaceId: 'w1', cursor: 0, limit: 10 })
    expect(changes.map(({ pk, payload }) => [pk, payload])).toEqual([['b', '{"id":"b","title":"short"}'], ['a', '{"id":"a","title":"short"}'], ['d', '{"id":"d","title":"shorter"}']])
  })

  it('stays as it is when the batch is sent again', async () => {
    const ops = [wireOp({ table: 'tasks', pk: 'a', payload: { id: 'a', title: 'short' } })]
    const ada = deployment.withIdentity({ subject: 'ada' })
    await ada.mutation(api.sync.push, { workspaceId: 'w1', ops })
    await ada.mutation(api.sync.push, { workspaceId: 'w1', ops })
    expect(await tasks()).toHaveLength(1)
  })

  it('does not take the later of two edits of a row: the earlier one goes through', async () => {
    const { results, serverVersion } = await push([
      { pk: 'a', payload: { id: 'a', title: 'short' } },
      { pk: 'a', clock: 2, payload: { id: 'a', title: 'much too long' } },
      { pk: 'b', payload: { id: 'b', title: 'too long as well' } },
      { pk: 'b', clock: 2, payload: { id: 'b', title: 'much too long' } },
      { pk: 'b', clock: 3, payload: { id: 'b', title: 'far too long' } },
    ])
    expect(results).toMatchObject([
      { success: true, applied: true },
      { success: false, errorCode: 'VALIDATION_ERROR', current: { payload: '{"id":"a","title":"short"}' } },
      { success: false }, { success: false }, { success: false },
    ])
    expect([serverVersion, await tasks()]).toEqual([1, [{ workspace_id: 'w1', id: 'a', title: 'short' }]])
  })

  it('that holds a key twice refuses edits of that row alone, and lets it be deleted', async () => {
    await push([{ pk: 'twice', payload: { id: 'twice', title: 'short' } }])
    await deployment.run(({ db }) => db.insert('tasks', { workspace_id: 'w1', id: 'twice', title: 'short' }))
    const { results } = await push([{ pk: 'other', payload: { id: 'other', title: 'short' } }, { pk: 'twice', clock: 2, payload: { id: 'twice', title: 'shorter' } }])
    expect(results).toMatchObject([{ success: true }, { success: false, errorCode: 'VALIDATION_ERROR', error: 'payload: the Convex table "tasks" holds this key more than once; it must hold it once' }])
    expect((await push([{ pk: 'twice', op: 'delete', clock: 3 }])).results).toMatchObject([{ success: true }])
    expect((await tasks()).map(({ id }) => id)).toEqual(['other'])
  })

  it('must follow a table that is synced', () => {
    const materialize = { missing: 'tasks' } as Record<string, string>
    expect(() => defineSyncFunctions({ schema: syncSchema, authorize: () => null, materialize: materialize as never })).toThrow('materialize names "missing", which is no table of the schema')
  })
})
