import { z } from 'zod'
import { defineSyncSchema } from '../shared/sync/schema/sync-schema'

const seconds = z.number()
const flag = z.union([z.boolean(), z.number()])

/**
 * The tables of the OR3 chat app, used where an app declares none: `threads, messages, projects, posts, kv, file_meta,
 * notifications`. Keys beyond those named here are kept as they are.
 */
export const or3 = defineSyncSchema({
  version: 1,
  tables: {
    threads: {
      schema: z.looseObject({ id: z.string(), title: z.string().nullish(), project_id: z.string().nullish(), created_at: seconds.nullish(), updated_at: seconds.nullish(), deleted: flag.nullish() }),
      primaryKey: 'id',
      indexes: ['project_id', 'updated_at'],
    },
    messages: {
      schema: z.looseObject({ id: z.string(), thread_id: z.string().nullish(), role: z.string().nullish(), index: z.number().nullish(), order_key: z.string().nullish(), pending: flag.nullish(), created_at: seconds.nullish(), updated_at: seconds.nullish(), deleted: flag.nullish() }),
      primaryKey: 'id',
      indexes: ['thread_id', '[thread_id+index]', '[thread_id+order_key]'],
      // A message that is still streaming waits until it is whole.
      capture: row => !row.pending,
    },
    projects: {
      schema: z.looseObject({ id: z.string(), name: z.string().nullish(), created_at: seconds.nullish(), updated_at: seconds.nullish(), deleted: flag.nullish() }),
      primaryKey: 'id',
      indexes: ['updated_at'],
    },
    posts: {
      schema: z.looseObject({ id: z.string(), title: z.string().nullish(), postType: z.string().nullish(), created_at: seconds.nullish(), updated_at: seconds.nullish(), deleted: flag.nullish() }),
      primaryKey: 'id',
      indexes: ['postType', 'updated_at'],
      fields: { postType: 'post_type' },
    },
    kv: {
      // Names on the blocklist (`sync.kv:blocklist`) stay on the device.
      schema: z.looseObject({ id: z.string(), name: z.string(), created_at: seconds.nullish(), updated_at: seconds.nullish(), deleted: flag.nullish() }),
      primaryKey: 'id',
      indexes: ['name'],
    },
    file_meta: {
      schema: z.looseObject({ hash: z.string(), name: z.string().nullish(), mime_type: z.string().nullish(), size_bytes: z.number().nullish(), created_at: seconds.nullish(), updated_at: seconds.nullish(), deleted: flag.nullish() }),
      primaryKey: 'hash',
    },
    notifications: {
      schema: z.looseObject({ id: z.string(), type: z.string().nullish(), title: z.string().nullish(), created_at: seconds.nullish(), deleted: flag.nullish() }),
      primaryKey: 'id',
      indexes: ['created_at'],
    },
  },
})
