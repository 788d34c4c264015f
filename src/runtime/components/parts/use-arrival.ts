import appSchema from '#or3-sync-virtual/schema'
import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { EngineDatabase } from '../../core/sync/records/engine-database'
import { asEngineDatabase, useSyncClient } from '../../app/sync-client'
import { useLiveQuery } from '../../composables/use-live-query'
import { useSyncStatus } from '../../composables/use-sync-status'

export interface Arrival {
  /** Whether the rows that the content needs are here. Once true it stays, until another user or workspace is opened. */
  isHere: ComputedRef<boolean>
  /** Makes `isHere` true. */
  show: () => void
}

/**
 * Whether a device has the rows that something needs. `tables`: the names of the tables, undefined for all. `ready`: the app knows that they
 * are here.
 *
 * They are here when the first sync is done, when each of `tables` has a row, or when nothing will come because sync is off or nobody is signed in. While
 * the server cannot be reached, any row is better than none.
 */
export function useArrival(tables: () => readonly string[] | undefined, ready: () => boolean): Arrival {
  const client = useSyncClient()
  const status = useSyncStatus()
  const wasHere = shallowRef(false)
  const filled = useLiveQuery(async (): Promise<{ every: boolean, some: boolean }> => {
    // It is run again when that changes, and reads nothing any more.
    if (wasHere.value || !client?.db.value) return { every: false, some: false }
    const db = asEngineDatabase(client.db.value)
    const flags = await Promise.all((tables() ?? Object.keys(appSchema.tables)).map(async name => await hasRows(db, name)))
    return { every: flags.every(Boolean), some: flags.some(Boolean) }
  }, [wasHere, () => tables()?.join('\n')], { initial: { every: false, some: false } })

  const isKnown = computed(() => ready() || status.state === 'disabled' || status.firstSyncDone
    || (tables() !== undefined && filled.value.every)
    || (filled.value.some && (status.state === 'offline' || status.state === 'error')))
  if (client) watch(client.db, (_, before) => { if (before) wasHere.value = false }, { flush: 'sync' })
  watch(isKnown, (is) => { if (is) wasHere.value = true }, { immediate: true, flush: 'sync' })
  return { isHere: computed(() => wasHere.value || isKnown.value), show: () => { wasHere.value = true } }
}

async function hasRows(db: EngineDatabase, name: string): Promise<boolean> {
  return db.tables.some(table => table.name === name) && await db.table(name).limit(1).count() > 0
}
