import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'

const row = z.object({
  id: z.string(),
  list_id: z.string(),
  title: z.string(),
  body: z.string(),
  done: z.boolean(),
  position: z.number(),
  created_at: z.number(),
})

/** One table with these indexes. The floor declares the same by hand. */
export function schemaWith(...indexes: string[]) {
  return defineSyncSchema({ version: 1, tables: { items: { schema: row, primaryKey: 'id', indexes } } })
}

export const schema = schemaWith('list_id')
