import type { Transaction } from 'dexie'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'

const todos = z.object({ id: z.string(), title: z.string(), tag: z.string().optional() })
const tags = z.object({ id: z.string(), name: z.string() })

export default defineSyncSchema({
  version: 2,
  tables: {
    todos: { schema: todos, primaryKey: 'id' },
    tags: { schema: tags, primaryKey: 'id' },
  },
  steps: [{
    version: 2,
    // Each tag that a todo names becomes a row, under a key that is the same on every device.
    async upgrade(transaction) {
      const tx = transaction as Transaction
      const names = new Set((await tx.table('todos').toArray()).flatMap(({ tag }) => tag ? [tag as string] : []))
      const known = new Set(await tx.table('tags').toCollection().primaryKeys())
      await tx.table('tags').bulkAdd([...names].filter(name => !known.has(name)).map(name => ({ id: name, name })))
    },
  }],
})
