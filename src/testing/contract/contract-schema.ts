import { z } from 'zod'
import { defineSyncSchema } from 'or3-sync/schema'

/** The tables that a store must know for `describeSyncProvider`. */
export const contractSchema = defineSyncSchema({
  version: 1,
  tables: {
    todos: { schema: z.object({ id: z.string(), title: z.string() }), primaryKey: 'id' },
  },
})
