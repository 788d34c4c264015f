import { v } from 'convex/values'
import type { Infer, VString } from 'convex/values'
import type { SyncOperation } from '#or3-sync/shared/sync/protocol/types'

/** The user whose database a call is made for: refused with `USER_CHANGED` when somebody else is signed in. Absent: not checked. */
export const namedUser = v.optional(v.string())

const operation = v.union(v.literal('put'), v.literal('delete'))
const stamp = v.object({ deviceId: v.string(), opId: v.string(), hlc: v.string(), clock: v.number() })

/** An op as it is sent: of a `PendingOp` what the store reads, the payload as JSON text. */
export const wireOp = v.object({
  tableName: v.string(),
  // Any text: what no version of the store knows is refused by `readOp`, alone. An argument out of form would fail the whole call.
  operation: v.string() as VString<SyncOperation>,
  pk: v.string(),
  /** JSON text; a put carries one. */
  payload: v.optional(v.string()),
  stamp,
  base: v.optional(v.union(v.null(), v.object({ clock: v.number(), hlc: v.string() }))),
  unheard: v.optional(v.array(v.string())),
})
export type WireOp = Infer<typeof wireOp>

/** The place of an op that the gateway has refused itself: it only wants to know what the store holds for the record. */
export const wireLook = v.object({ look: v.object({ tableName: v.string(), pk: v.string() }) })

const revision = { serverVersion: v.number(), op: operation, payload: v.optional(v.string()), stamp }

/** A `StoredRevision`, its payload as JSON text. */
const wireRevision = v.object(revision)
export type WireRevision = Infer<typeof wireRevision>

/** A `SyncChange`, its payload as JSON text. */
export const wireChange = v.object({ ...revision, tableName: v.string(), pk: v.string() })

/** The revision of the row that stood there before. Null: there was none, or it was deleted. */
export const wirePrevious = v.union(v.null(), v.object({ clock: v.number(), hlc: v.string(), opId: v.string() }))

export const wireResult = v.object({
  opId: v.union(v.string(), v.null()),
  success: v.boolean(),
  applied: v.optional(v.boolean()),
  replayed: v.optional(v.boolean()),
  serverVersion: v.optional(v.number()),
  /** Of the last applied op of each record. */
  previous: v.optional(wirePrevious),
  errorCode: v.optional(v.union(v.literal('VALIDATION_ERROR'), v.literal('OVERSIZED'), v.literal('CLOCK_SKEW'), v.literal('CONFLICT'))),
  error: v.optional(v.string()),
  winner: v.optional(wireRevision),
  overwrote: v.optional(wireRevision),
  overwroteEarlier: v.optional(v.array(wireRevision)),
  current: v.optional(wireRevision),
})
export type WireResult = Infer<typeof wireResult>
