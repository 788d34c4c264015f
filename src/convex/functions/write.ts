import type { GenericDataModel } from 'convex/server'
import { v } from 'convex/values'
import type { Infer } from 'convex/values'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { WirePayload } from '#or3-sync/shared/sync/protocol/types'
import type { ServerEdit } from '#or3-sync/shared/sync/store/server-edit'
import { refuse } from '../refuse'
import { writeRows } from '../store/write-rows'
import type { SyncFunctionOptions } from '../sync-options'
import { internalSyncMutation } from './builders'
import { toWireChange } from './to-wire-change'
import { wireChange, wirePrevious } from './wire'

/** A `ServerEdit`, its payload as JSON text. */
const wireEdit = v.object({
  tableName: v.string(),
  pk: v.string(),
  opId: v.string(),
  kind: v.union(v.literal('put'), v.literal('update'), v.literal('delete')),
  payload: v.optional(v.string()),
  removed: v.optional(v.array(v.string())),
  expect: v.optional(v.union(v.null(), v.object({ clock: v.number(), hlc: v.string() }))),
})

const writeReturns = v.union(
  v.object({
    ok: v.literal(true),
    /** The record of each edit as it is now. Null: a record to be deleted that does not exist. */
    rows: v.array(v.union(wireChange, v.null())),
    /** False: nothing was to be written, or it was written by an earlier call. */
    isWritten: v.boolean(),
    /** The revision that each written row has replaced. */
    previous: v.array(wirePrevious),
    version: v.number(),
  }),
  v.object({
    ok: v.literal(false),
    code: v.union(v.literal('CONFLICT'), v.literal('NOT_FOUND'), v.literal('OVERSIZED'), v.literal('VALIDATION_ERROR')),
    message: v.string(),
    /** The place of the edit that is refused. */
    index: v.number(),
    field: v.optional(v.string()),
  }),
)

/**
 * Writes rows for the server itself: all of them in one transaction, or none. For whoever holds the deployment's key: nobody's membership is
 * checked. Calling it again with the same op ids writes nothing and gives the same rows.
 */
export function defineWrite<DataModel extends GenericDataModel, Tables extends Record<string, StandardSchemaV1>>(options: SyncFunctionOptions<DataModel, Tables>) {
  return internalSyncMutation({
    args: { workspaceId: v.string(), edits: v.array(wireEdit) },
    returns: writeReturns,
    handler: async (ctx, { workspaceId, edits }) => {
      const plan = await writeRows(ctx.db, options, { workspaceId, edits: edits.map(readEdit), now: Date.now() })
      if (!plan.ok) return plan
      const { rows, writes, previous, version } = plan
      return { ok: true as const, rows: rows.map(row => row && toWireChange(row)), isWritten: writes.length > 0, previous, version }
    },
  })
}

/** @throws ConvexError `VALIDATION_ERROR` for a payload that is no JSON */
function readEdit({ payload, ...edit }: Infer<typeof wireEdit>, index: number): ServerEdit {
  if (payload === undefined) return edit
  try { return { ...edit, payload: JSON.parse(payload) as WirePayload } }
  catch { throw refuse('VALIDATION_ERROR', `edits[${index}].payload: must be JSON`, { index: String(index) }) }
}
