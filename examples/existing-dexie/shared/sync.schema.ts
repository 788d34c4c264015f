import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'

export default defineSyncSchema({
  version: 1,
  tables: {
    items: {
      // As the rows were, but for the key: those that several devices share are text.
      schema: z.object({ id: z.string(), list: z.string(), name: z.string(), bought: z.boolean(), added: z.date() }),
      primaryKey: 'id',
      indexes: ['list', 'added'],
    },
  },
})
