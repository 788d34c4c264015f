import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'

export default defineSyncSchema({
  version: 1,
  tables: {
    todos: {
      schema: z.object({ id: z.string(), title: z.string(), done: z.boolean(), created_at: z.number() }),
      primaryKey: 'id',
      indexes: ['created_at'],
    },
  },
})
