import { z } from 'zod'
import { defineSyncSchema } from 'or3-sync/schema'

/** Every row says which edit wrote it and which edit that one had before its eyes. */
const row = z.object({ id: z.string(), edit: z.string(), parent: z.string().nullable(), hold: z.boolean().optional(), secret: z.boolean().optional() })

/** The tables that simulated devices edit: a plain one, and one whose rows may be held back or kept private. */
export const simSchema = defineSyncSchema({
  version: 1,
  tables: {
    items: { schema: row, primaryKey: 'id', indexes: ['edit'] },
    drafts: { schema: row, primaryKey: 'id', fields: { parent: 'parent_edit' }, capture: value => !value.hold, exclude: value => value.secret === true },
  },
})

export type SimTable = keyof typeof simSchema.tables

export interface SimRow {
  id: string
  edit: string
  parent: string | null
  hold?: boolean
  secret?: boolean
  clock?: number
  hlc?: string
  op_id?: string
}
