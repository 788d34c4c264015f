import appSchema from '#or3-sync-virtual/schema'
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import { SyncError } from '../shared/sync/protocol/errors'
import type { SyncSchema } from '../shared/sync/schema/sync-schema'
import type { AppDatabase, AppRows } from '../app/app-types'
import { getDb } from './get-db'
import { useLiveQuery, type LiveQuery } from './use-live-query'
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
  const found = useLiveQuery((q) => {
    const [name, key] = [toValue(table), toValue(pk)]
    return isKey(key) ? q[name].get(key) : null
  }) as LiveQuery<AppRows[K] | undefined>
  const target = () => {
    const [name, key] = [toValue(table), toValue(pk)]
    if (!isKey(key)) throw new SyncError('VALIDATION_ERROR', `useSyncRow of table "${name}" has no key yet, so there is no row to change`)
    return { name, key, db: getDb() }
  }
  return {
    row: computed(() => found.value),
    state: useRowState(table, pk),
    error: found.error,
    loading: found.loading,
    save: async changes => await saveRow(target(), changes),
    remove: async () => {
      const { name, key, db } = target()
      await db.table(name).delete(key)
    },
  }
}

function isKey(pk: string | null | undefined): pk is string {
  return typeof pk === 'string' && pk !== ''
}

async function saveRow({ name, key, db }: { name: string, key: string, db: AppDatabase }, changes: Row): Promise<void> {
  const { primaryKey } = (appSchema as unknown as SyncSchema).tables[name]!
  const { [primaryKey]: given = key, ...fields } = changes
  if (given !== key) throw new SyncError('VALIDATION_ERROR', `a row keeps its key: ${primaryKey} of table "${name}" is ${JSON.stringify(key)} and cannot become ${JSON.stringify(given)}`)
  const rows = db.table<Row, string>(name)
  await db.transaction('rw', rows, async () => {
    if (await rows.get(key)) await rows.update(key, fields)
    else await rows.add({ ...fields, [primaryKey]: key })
  })
}
