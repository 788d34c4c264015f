import { defineSyncSchema } from 'or3-sync/schema'
import { rowSchema } from './rows'

/** One table with one index. The floor declares the same by hand. */
export const schema = defineSyncSchema({
  version: 1,
  tables: { items: { schema: rowSchema, primaryKey: 'id', indexes: ['list_id'] } },
})
