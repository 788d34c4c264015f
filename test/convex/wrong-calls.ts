/**
 * Calls that must not compile; `npm run typecheck` fails where one of them does. Nothing here runs.
 */
import type { FunctionReference, GenericQueryCtx } from 'convex/server'
import { defineSyncFunctions } from 'or3-sync/convex'
import type { DataModel } from './support/deployment/sync'
import { syncSchema } from './support/deployment/sync-schema'
import { api } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'
import { wireOp } from './support/wire-op'

export async function wrongCalls(t: TestDeployment): Promise<void> {
  const op = wireOp()
  // Right.
  const { results } = await t.mutation(api.sync.push, { workspaceId: 'w1', ops: [op] })
  const version: number | undefined = results[0]?.serverVersion
  await t.query(api.sync.pull, { workspaceId: 'w1', cursor: version ?? 0, limit: 10, order: 'desc' })

  // @ts-expect-error -- no workspace
  await t.mutation(api.sync.push, { ops: [op] })
  // @ts-expect-error -- a payload travels as JSON text
  await t.mutation(api.sync.push, { workspaceId: 'w1', ops: [{ ...op, payload: { id: 'a' } }] })
  // @ts-expect-error -- an op needs a stamp
  await t.mutation(api.sync.push, { workspaceId: 'w1', ops: [{ tableName: 'todos', operation: 'put', pk: 'a' }] })
  // @ts-expect-error -- there is no such operation
  await t.mutation(api.sync.push, { workspaceId: 'w1', ops: [{ ...op, operation: 'patch' }] })
  // @ts-expect-error -- a clock is a number
  await t.mutation(api.sync.push, { workspaceId: 'w1', ops: [{ ...op, stamp: { ...op.stamp, clock: '1' } }] })
  // @ts-expect-error -- a user is named by text
  await t.mutation(api.sync.push, { workspaceId: 'w1', ops: [op], userId: 7 })
  // @ts-expect-error -- no cursor
  await t.query(api.sync.pull, { workspaceId: 'w1', limit: 10 })
  // @ts-expect-error -- there is no such order
  await t.query(api.sync.pull, { workspaceId: 'w1', cursor: 0, limit: 10, order: 'random' })
  // @ts-expect-error -- a push is no query
  await t.query(api.sync.push, { workspaceId: 'w1', ops: [op] })
  // @ts-expect-error -- a version is a number
  await t.mutation(api.sync.updateDeviceCursor, { workspaceId: 'w1', deviceId: 'd', version: '1' })
  // @ts-expect-error -- the version and the epoch are all that is watched
  void (await t.query(api.sync.watchChanges, { workspaceId: 'w1' })).changes
  // @ts-expect-error -- results are read by their declared fields
  void results[0]?.rows
  // @ts-expect-error -- the garbage collector is internal
  const gc: FunctionReference<'mutation', 'public'> = api.sync.gc
  void gc
}

export const wrongOptions = [
  // @ts-expect-error -- no authorize
  () => defineSyncFunctions({ schema: syncSchema }),
  // @ts-expect-error -- not a table that is synced
  () => defineSyncFunctions({ schema: syncSchema, authorize: (_ctx: GenericQueryCtx<DataModel>) => null, materialize: { unknown: 'tasks' } }),
  // @ts-expect-error -- not a table of the deployment
  () => defineSyncFunctions({ schema: syncSchema, authorize: (_ctx: GenericQueryCtx<DataModel>) => null, materialize: { tasks: 'unknown' } }),
  // @ts-expect-error -- there is no such role
  () => defineSyncFunctions({ schema: syncSchema, authorize: (_ctx: GenericQueryCtx<DataModel>) => ({ userId: 'ada', role: 'admin' }) }),
  // @ts-expect-error -- not a table of the deployment
  () => defineSyncFunctions({ schema: syncSchema, authorize: async (ctx: GenericQueryCtx<DataModel>) => { await ctx.db.query('unknown').first(); return null } }),
]
