import { z } from 'zod'
import { defineSyncSchema } from 'or3-sync/schema'

/**
 * The tables of `describeSyncBackend`. Every `write` brings this schema; a store that has a schema of its own must know these tables.
 * `tasks` has fields with other names on the wire, and `labels` were `tags` and had no colour.
 */
export const storeSchema = defineSyncSchema({
  version: 1,
  tables: {
    todos: { schema: z.object({ id: z.string(), title: z.string() }).loose(), primaryKey: 'id', maxBytes: 300_000 },
    notes: { schema: z.object({ id: z.string(), title: z.string() }).loose(), primaryKey: 'id' },
    tasks: {
      schema: z.object({ id: z.string(), title: z.string(), dueAt: z.date().optional(), size: z.bigint().optional(), picture: z.instanceof(Uint8Array).optional() }).loose(),
      primaryKey: 'id',
      fields: { dueAt: 'due_at' },
    },
    labels: {
      schema: z.object({ id: z.string(), name: z.string(), color: z.string() }).loose(),
      primaryKey: 'id',
      wireName: 'tags',
      upgradeRow: row => ({ ...row, color: row.color ?? 'grey' }),
    },
    kv: { schema: z.object({ id: z.string(), name: z.string(), value: z.string() }), primaryKey: 'id' },
  },
})
