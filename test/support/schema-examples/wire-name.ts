import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'

export default defineSyncSchema({
  version: 2,
  tables: {
    // Was called `todos`.
    tasks: { schema: z.object({ id: z.string(), title: z.string() }), primaryKey: 'id', wireName: 'todos' },
  },
})
