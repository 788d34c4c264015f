import type { Transaction } from 'dexie'
import { z } from 'zod'
import { defineSyncSchema, type SyncSchema } from 'or3-sync/schema'

/** The fields of rows with which an app gets into trouble (`OddFields`), in the words of the schemas. */
const scope = z.enum(['v1', 'v2', 'turns', 'fails']).optional()
const mood = <Mood extends string>(...moods: [Mood, ...Mood[]]) => z.enum(moods).optional()

/** Every row names the edit that wrote it (`edit`) and the edit that this one was made upon (`parent`). */
const row = z.object({ id: z.string(), edit: z.string(), parent: z.string().nullable(), hold: z.boolean().optional(), secret: z.boolean().optional() })

const itemRow = row.extend({ text: z.string().optional() })
const items = { schema: itemRow.extend({ mood: mood('old') }), primaryKey: 'id' as const, indexes: ['edit'] }

type Draft = Pick<SimRow, 'hold' | 'secret' | 'scope'>

/** `isPrivate`: which rows this version of the app keeps on their device, besides secret ones. */
const draftsOf = (isPrivate: (value: Draft) => boolean) => ({
  schema: row.extend({ scope }), primaryKey: 'id' as const, fields: { parent: 'parent_edit' },
  capture: (value: Draft) => !value.hold, exclude: (value: Draft) => value.secret === true || isPrivate(value),
})

/** The tables that simulated devices edit: a plain one, and one whose rows may be held or private. */
export const simSchema = defineSyncSchema({ version: 1, tables: { items, drafts: draftsOf(({ scope }) => scope === 'v1') } })

/** The `edit` of rows that an upgrade step made and no user. */
const MADE_BY_STEP = 'made by a step'

/** How many bytes of JSON a row of `items` may have from the next version on. */
const NEXT_MAX_BYTES = 400

/** A text that is too long for them. */
export const LONG_TEXT = 'x'.repeat(NEXT_MAX_BYTES)

/** In the next version, `exclude` has an error: it throws for some rows. */
function isPrivateNext({ scope }: Draft): boolean {
  if (scope === 'fails') throw new Error('exclude has an error')
  return scope === 'v2'
}

/**
 * The app's next version. It adds a table, whose rows an upgrade step makes, and a field to `items`. It takes other moods and only short texts
 * there, and keeps other drafts on their device. The store knows it from the start, as a server is deployed before its apps.
 */
export const nextSchema = defineSyncSchema({
  version: 2,
  tables: {
    items: {
      ...items, schema: itemRow.extend({ mood: mood('new'), length: z.number().optional() }), maxBytes: NEXT_MAX_BYTES,
      upgradeRow: value => ({ ...value, length: value.length ?? String(value.edit).length }),
    },
    drafts: { ...draftsOf(isPrivateNext), upgradeRow: value => value.scope === 'turns' ? { ...value, scope: 'v2' } : value },
    extras: { schema: row, primaryKey: 'id' },
  },
  steps: [{ version: 2, upgrade: tx => (tx as Transaction).table('extras').bulkAdd(['a', 'b'].map(id => ({ id, edit: MADE_BY_STEP, parent: null }))) }],
})

export type SimTable = keyof typeof nextSchema.tables

/** Fields of rows that one version of the app or the store does not take, or that one version keeps on their device. */
export interface OddFields {
  /** Only the first version takes `old`, only the next one and the store take `new`. */
  mood?: 'old' | 'new'
  /** A long one is too large for the next version and the store. */
  text?: string
  /** Which version keeps a draft on its device. `turns`: the next version's `upgradeRow` makes it `v2`. `fails`: its `exclude` throws. */
  scope?: 'v1' | 'v2' | 'turns' | 'fails'
}

export interface SimRow extends OddFields {
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

/**
 * What `exclude` of a table says of a row, once the row has today's shape.
 *
 * @throws Error if `exclude` has an error.
 */
export function excludes(schema: SyncSchema, tableName: string, value: object): boolean {
  const { exclude, upgradeRow } = schema.tables[tableName] ?? {}
  const row = (upgradeRow as ((row: object) => object) | undefined)?.(value) ?? value
  return (exclude as ((row: object) => boolean) | undefined)?.(row) === true
}

/** Whether a version of the app keeps a row of this table on its device. */
export function isPrivateIn(schema: SyncSchema, tableName: string, value: object): boolean {
  try { return excludes(schema, tableName, value) }
  catch { return false }
}
