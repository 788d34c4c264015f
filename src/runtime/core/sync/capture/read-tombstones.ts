import type { PromiseExtended } from 'dexie'
import type { TombstoneRecord } from '../records/engine-records'
import type { CaptureContext } from './capture-context'

/** The tombstones of some records of the table, by primary key. */
export function readTombstones({ tombstones, table, trans }: CaptureContext, pks: readonly string[]): PromiseExtended<Map<string, TombstoneRecord>> {
  return tombstones.getMany({ trans, keys: pks.map(pk => [table.name, pk]) }).then((found) => {
    const byPk = new Map<string, TombstoneRecord>()
    for (const tombstone of found as (TombstoneRecord | undefined)[]) {
      if (tombstone) byPk.set(tombstone.pk, tombstone)
    }
    return byPk
  }) as PromiseExtended<Map<string, TombstoneRecord>>
}
