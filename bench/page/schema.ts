import { defineSyncSchema } from 'or3-sync/schema'
import { rowSchema } from './rows'

/** One table, one index: what the floor declares by hand. */
export const schema = defineSyncSchema({
  version: 1,
  tables: { items: { schema: rowSchema, primaryKey: 'id', indexes: ['list_id'] } },
})
