import { defineSyncSchema, type SyncSchema } from '../shared/sync/schema/sync-schema'
import { flag, looseRow, number, optional, text } from './loose-row'

const seconds = optional(number)

/**
 * The tables of the OR3 chat app, used when an app has no schema file: `threads, messages, projects, posts, kv, file_meta,
 * notifications`. Rows may have other keys than those named here; they are kept.
 */
export const or3 = defineSyncSchema({
  version: 1,
  tables: {
    threads: {
      schema: looseRow({ id: text, title: optional(text), project_id: optional(text), created_at: seconds, updated_at: seconds, deleted: optional(flag) }),
      primaryKey: 'id',
      indexes: ['project_id', 'updated_at'],
    },
    messages: {
      schema: looseRow({ id: text, thread_id: optional(text), role: optional(text), index: optional(number), order_key: optional(text), pending: optional(flag), created_at: seconds, updated_at: seconds, deleted: optional(flag) }),
      primaryKey: 'id',
      indexes: ['thread_id', '[thread_id+index]', '[thread_id+order_key]'],
      // A message that is still being streamed is held until it is complete.
      capture: row => !row.pending,
    },
    projects: {
      schema: looseRow({ id: text, name: optional(text), created_at: seconds, updated_at: seconds, deleted: optional(flag) }),
      primaryKey: 'id',
      indexes: ['updated_at'],
    },
    posts: {
      schema: looseRow({ id: text, title: optional(text), postType: optional(text), created_at: seconds, updated_at: seconds, deleted: optional(flag) }),
      primaryKey: 'id',
      indexes: ['postType', 'updated_at'],
      fields: { postType: 'post_type' },
    },
    kv: {
      // Rows whose name is on the blocklist (filter `sync.kv:blocklist`) stay on the device.
      schema: looseRow({ id: text, name: text, created_at: seconds, updated_at: seconds, deleted: optional(flag) }),
      primaryKey: 'id',
      indexes: ['name'],
    },
    file_meta: {
      schema: looseRow({ hash: text, name: optional(text), mime_type: optional(text), size_bytes: optional(number), created_at: seconds, updated_at: seconds, deleted: optional(flag) }),
      primaryKey: 'hash',
    },
    notifications: {
      schema: looseRow({ id: text, type: optional(text), title: optional(text), created_at: seconds, deleted: optional(flag) }),
      primaryKey: 'id',
      indexes: ['created_at'],
    },
  },
}) satisfies SyncSchema
