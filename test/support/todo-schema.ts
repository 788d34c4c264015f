import { z } from 'zod'
import { defineSyncSchema } from 'or3-sync/schema'

export const todoSchema = defineSyncSchema({
  version: 1,
  tables: {
    todos: {
      schema: z.object({ id: z.string(), title: z.string(), list_id: z.string().optional(), done: z.boolean().optional() }),
      primaryKey: 'id',
      indexes: ['list_id'],
    },
    notes: {
      schema: z.object({ id: z.string(), body: z.unknown().optional(), draft: z.boolean().optional(), private: z.boolean().optional(), createdAt: z.date().optional() }),
      primaryKey: 'id',
      fields: { createdAt: 'created_at' },
      capture: row => !row.draft,
      exclude: row => row.private === true,
    },
  },
})
