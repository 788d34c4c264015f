import { defineTable } from 'convex/server'
import { v } from 'convex/values'

/** The revision of a record, without its payload. About 350 bytes. */
const changeLog = defineTable({
  workspace_id: v.string(),
  table_name: v.string(),
  pk: v.string(),
  server_version: v.number(),
  op: v.union(v.literal('put'), v.literal('delete')),
  clock: v.number(),
  hlc: v.string(),
  op_id: v.string(),
  device_id: v.string(),
  /** Epoch milliseconds. */
  written_at: v.number(),
  /** A tombstone that left the feed. Its revision still beats older puts. */
  collected: v.boolean(),
  /** Absent for a delete. */
  payload_id: v.optional(v.id('sync_payloads')),
  /** UTF-8 bytes of the payload, so that its cost is known before it is read. */
  payload_bytes: v.number(),
})
  .index('by_record', ['workspace_id', 'table_name', 'pk'])
  .index('by_version', ['workspace_id', 'collected', 'server_version'])
  .index('by_tombstone', ['op', 'collected', 'workspace_id', 'server_version'])
  .index('by_written', ['op', 'collected', 'written_at'])

const deviceCursors = defineTable({
  workspace_id: v.string(),
  user_id: v.string(),
  device_id: v.string(),
  /** Absent in documents of versions that also noted here what a device was answered. */
  cursor: v.optional(v.number()),
  /** Epoch milliseconds. */
  seen_at: v.number(),
  /** Of versions before `sync_writers`: goes with its document. */
  results_id: v.optional(v.id('sync_results')),
  results_bytes: v.optional(v.number()),
})
  .index('by_device', ['workspace_id', 'user_id', 'device_id'])
  .index('by_cursor', ['workspace_id', 'cursor'])
  .index('by_seen', ['seen_at'])

/** Who has pushed: an HLC node of a user, and where its last answers are. */
const syncWriters = defineTable({
  workspace_id: v.string(),
  user_id: v.string(),
  node: v.string(),
  /** Epoch milliseconds of the last push. */
  seen_at: v.number(),
  results_id: v.id('sync_results'),
  /** UTF-8 bytes of the answers. */
  results_bytes: v.number(),
})
  .index('by_writer', ['workspace_id', 'user_id', 'node'])
  .index('by_user', ['workspace_id', 'user_id', 'seen_at'])
  .index('by_seen', ['seen_at'])

/** One a workspace, read and written once a batch. That of an erased workspace stays, under a name that tells nothing. */
const syncCounters = defineTable({
  workspace_id: v.string(),
  /** The version of the latest change. */
  value: v.number(),
  gc_floor: v.number(),
  /** Epoch milliseconds: deletions before have been purged. Absent: none were. */
  purged_before: v.optional(v.number()),
  /** A `CommitHistory` as text. Absent: nobody has written since histories are kept. */
  commits: v.optional(v.string()),
  /** The HLC node of the server's own writes, and its highest HLC. Absent: the server has not written here. */
  hand: v.optional(v.object({ node: v.string(), hlc: v.string() })),
}).index('by_workspace', ['workspace_id'])

/**
 * The tables of the sync functions. The app spreads them into its own schema: `defineSchema({ ...syncTables, … })`.
 *
 * `change_log` is the feed AND the state: one slim row per record, replaced in place. Payloads are JSON text in `sync_payloads`, so
 * that comparing a hundred revisions reads no payload. Nothing but the sync functions should write here.
 */
export const syncTables = {
  change_log: changeLog,
  sync_payloads: defineTable({ json: v.string() }),
  sync_counters: syncCounters,
  /** One document: the name of this incarnation of the store. */
  sync_deployment: defineTable({ epoch: v.string() }),
  device_cursors: deviceCursors,
  sync_writers: syncWriters,
  /** The last answers of writers, apart from them because they may be large. */
  sync_results: defineTable({ json: v.string() }),
}
