import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'

/** `group` names the transaction that wrote the row: `<device>-<number>`. `number` is its number on that device. */
const row = z.object({ id: z.string(), group: z.string(), number: z.number(), text: z.string() })

/** `threads` and `messages` are shared by all devices. Records of `notes` are written by one device only. */
export const soakSchema = defineSyncSchema({
  version: 1,
  tables: {
    threads: { schema: row, primaryKey: 'id' },
    messages: { schema: row, primaryKey: 'id' },
    notes: { schema: row, primaryKey: 'id' },
  },
})
