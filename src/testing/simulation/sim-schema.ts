import type { Transaction } from 'dexie'
import { z } from 'zod'
import { defineSyncSchema } from 'or3-sync/schema'

/** Every row names the edit that wrote it (`edit`) and the edit that this one was made upon (`parent`). */
const row = z.object({ id: z.string(), edit: z.string(), parent: z.string().nullable(), hold: z.boolean().optional(), secret: z.boolean().optional() })

const items = { schema: row, primaryKey: 'id' as const, indexes: ['edit'] }
const drafts = {
  schema: row, primaryKey: 'id' as const, fields: { parent: 'parent_edit' },
  capture: (value: { hold?: boolean }) => !value.hold, exclude: (value: { secret?: boolean }) => value.secret === true,
}

/** The tables that simulated devices edit: a plain one, and one whose rows may be held or private. */
export const simSchema = defineSyncSchema({ version: 1, tables: { items, drafts } })

/** The `edit` of rows that an upgrade step made and no user. */
const MADE_BY_STEP = 'made by a step'

/**
 * The app's next version. It adds a table, whose rows an upgrade step makes, and a field to `items`. The store knows it from the start, as a
 * server is deployed before its apps.
 */
export const nextSchema = defineSyncSchema({
  version: 2,
  tables: {
    items: { ...items, schema: row.extend({ length: z.number().optional() }), upgradeRow: value => ({ ...value, length: value.length ?? String(value.edit).length }) },
    drafts,
    extras: { schema: row, primaryKey: 'id' },
  },
  steps: [{ version: 2, upgrade: tx => (tx as Transaction).table('extras').bulkAdd(['a', 'b'].map(id => ({ id, edit: MADE_BY_STEP, parent: null }))) }],
})

export type SimTable = keyof typeof nextSchema.tables

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

/** Primary keys of the records that everybody edits. */
export const SIM_KEYS: readonly string[] = ['a', 'b', 'c', 'd']
