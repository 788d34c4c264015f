import appSchema from '#or3-sync-virtual/schema'
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import { SyncError } from '../shared/sync/protocol/errors'
import type { SyncSchema } from '../shared/sync/schema/sync-schema'
import type { AppDatabase, AppQueryTables, AppRows } from '../app/app-types'
import type { FollowedQuery } from '../app/queries/followed-query'
import { followOnBothSides } from '../app/queries/follow-on-both-sides'
import { LiveValue } from '../app/queries/live-value'
import { asEngineDatabase } from '../app/sync-client'
import type { SyncQuery } from '../shared/sync/query/query-types'
import { getDb } from './get-db'
import { useRowState, type RowStateRef } from './use-row-state'

type Row = Record<string, unknown>

export interface UseSyncRow<R> {
  /** The row. Undefined: it was not read yet, there is none, or there is no key. */
  readonly row: ComputedRef<R | undefined>
  /** How far its newest edit is on its way to the store. See `useRowState`. */
  readonly state: RowStateRef
  /** Why the row could not be read. See `useLiveQuery`. */
  readonly error: Readonly<ShallowRef<Error | null>>
  readonly loading: Readonly<ShallowRef<boolean>>
  /**
   * Changes these fields of the row. If there is no row, it is made of them, so all required fields must be there. Resolves when the edit is stored
   * on this device. Rejects with SyncError `VALIDATION_ERROR` without a key, or for another key in `changes`, and otherwise like any write.
   */
  readonly save: (changes: Partial<R>) => Promise<void>
  /** Deletes the row. Does nothing if there is none. Rejects with `VALIDATION_ERROR` without a key. */
  readonly remove: () => Promise<void>
}

/**
 * One row of a table, to be shown and edited. `table` and `pk` may be refs or getters; while `pk` is null or undefined, there is no row. The server
 * renders the row, as it does with `useLiveQuery(q => q.messages.get(id))`.
 */
export function useSyncRow<K extends keyof AppRows & string>(table: MaybeRefOrGetter<K>, pk: MaybeRefOrGetter<string | null | undefined>): UseSyncRow<AppRows[K]> {
  const live = new LiveValue<AppRows[K] | undefined>(undefined)
  const query = followOnBothSides(live, (q: AppQueryTables) => {
    const [name, key] = [toValue(table), toValue(pk)]
    return isKey(key) ? q[name].get(key) as SyncQuery<AppRows[K] | undefined> : null
  }, [])
  const target = () => {
    const [name, key] = [toValue(table), toValue(pk)]
    if (!isKey(key)) throw new SyncError('VALIDATION_ERROR', `useSyncRow of table "${name}" has no key yet, so there is no row to change`)
    return { name, key, db: getDb(), query }
  }
  return {
    // After another key the value is still the row of the one before, until the new one is read.
    row: computed(() => keyOf(toValue(table), live.value.value) === toValue(pk) ? live.value.value : undefined),
    state: useRowState(table, pk),
    error: live.error.ref,
    loading: live.loading,
    save: async changes => await saveRow(target(), changes),
    remove: async () => {
      const row = target()
      await editRow(row, async () => await row.db.table(row.name).delete(row.key))
    },
  }
}

function keyOf(table: string, row: object | undefined): unknown {
  return (row as Row | undefined)?.[(appSchema as unknown as SyncSchema).tables[table]?.primaryKey ?? '']
}

interface EditedRow {
  name: string
  key: string
  db: AppDatabase
  query: Pick<FollowedQuery<unknown>, 'pageRows'> | null
}

function isKey(pk: string | null | undefined): pk is string {
  return typeof pk === 'string' && pk !== ''
}

async function saveRow(row: EditedRow, changes: Row): Promise<void> {
  const { name, key, db } = row
  const { primaryKey } = (appSchema as unknown as SyncSchema).tables[name]!
  const { [primaryKey]: given = key, ...fields } = changes
  if (given !== key) throw new SyncError('VALIDATION_ERROR', `a row keeps its key: ${primaryKey} of table "${name}" is ${JSON.stringify(key)} and cannot become ${JSON.stringify(given)}`)
  const rows = db.table<Row, string>(name)
  await editRow({ ...row, fields }, async (taken) => {
    // Always an edit, also if it changes nothing: see `takeRow`.
    if (taken) await rows.put(taken)
    else if (await rows.get(key)) await rows.update(key, fields)
    else await rows.add({ ...fields, [primaryKey]: key })
  })
}

/**
 * Edits a row in one transaction. `taken`: the row of the server's page with `fields` changed, if this device had none that is as new. As the server
 * has it, it is stored before.
 */
async function editRow({ name, db, query, fields = {} }: EditedRow & { fields?: Row }, edit: (taken: Row | undefined) => Promise<void>): Promise<void> {
  const page = await query?.pageRows()
  const { pending_ops, tombstones } = asEngineDatabase(db)
  await db.transaction('rw', [db.table(name), ...page ? [pending_ops, tombstones] : []], async () => await edit(await page?.takeRow(fields)))
}
