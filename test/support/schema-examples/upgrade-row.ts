import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'

export default defineSyncSchema({
  version: 2,
  tables: {
    todos: {
      schema: z.object({ id: z.string(), title: z.string(), done: z.boolean(), dueAt: z.date().optional() }),
      primaryKey: 'id',
      // `done` is new and required; `due` was a number of milliseconds.
      upgradeRow: ({ due, ...row }) => ({
        ...row,
        done: row.done ?? false,
        ...(typeof due === 'number' ? { dueAt: new Date(due) } : {}),
      }),
    },
  },
})
